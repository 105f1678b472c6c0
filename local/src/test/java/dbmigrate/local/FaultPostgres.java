package dbmigrate.local;

import dbmigrate.testing.InstalledPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The PostgreSQL server of one scenario. */
record FaultPostgres(InstalledPostgres server) implements AutoCloseable {
    static boolean isInstalled() {
        return InstalledPostgres.isInstalled();
    }

    /** Why the suite is left out. */
    static String missing() {
        return "FaultSuiteTest is left out: " + InstalledPostgres.missing();
    }

    static FaultPostgres start() throws IOException, InterruptedException {
        return new FaultPostgres(InstalledPostgres.start());
    }

    void stopImmediately() throws IOException, InterruptedException {
        server.stopImmediately();
    }

    void startAgain() throws IOException, InterruptedException {
        server.startAgain();
    }

    int port() {
        return server.port();
    }

    /** What the functions get; the database that it names is nobody's. */
    String url(int throughPort) {
        return server.url(throughPort, "faults_own");
    }

    /** The rows of a query, their columns joined by {@code |}; NULL is empty. */
    List<String> query(String database, String sql) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            var rows = new ArrayList<String>();
            while (result.next()) {
                var row = new StringJoiner("|");
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "" : value);
                }
                rows.add(row.toString());
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refused: " + sql, e);
        }
    }

    /** The schema of a database as pg_dump writes it, without comments and its random tokens. */
    String dump(String database) throws IOException, InterruptedException {
        Path file = server.data().resolveSibling(database + ".sql");
        server.run(
                "pg_dump", "--schema-only", "--file=" + file, server.url(server.port(), database));
        return Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("--"))
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        server.close();
    }
}
