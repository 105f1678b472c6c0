package dbmigrate.local;

import dbmigrate.local.Comparison.Against;
import dbmigrate.local.Comparison.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Other programs that migrate databases, each with its own files of the same statements, each
 * migration in a transaction of its own; from the start of a process to its end, and a worker from
 * its cold start to its answer.
 */
final class Peers {
    private static final String WORKER = "worker, cold";
    private static final String LIQUIBASE = "Liquibase";

    /**
     * @param needs what .ci/benchmark-peers puts into target/peers
     * @param file the form of a file's name
     * @param content the form of its text: the statement, and the version where it takes one
     */
    private record Peer(
            String name, String needs, String file, String content, Commands commands) {}

    @FunctionalInterface
    private interface Commands {
        List<String> command(Path peers, Path migrations, Way way, String database);
    }

    private static final List<Peer> PEERS =
            List.of(
                    new Peer(
                            "dbmate",
                            "dbmate/node_modules/@dbmate/linux-x64/bin/dbmate",
                            "%05d_table.sql",
                            "-- migrate:up\n%s-- migrate:down\n",
                            (peers, migrations, way, database) ->
                                    List.of(
                                            peers.resolve(
                                                            "dbmate/node_modules/@dbmate/linux-x64/bin/dbmate")
                                                    .toString(),
                                            "--url=" + way.libpqUrl(database),
                                            "--migrations-dir=" + migrations,
                                            "--no-dump-schema",
                                            "migrate")),
                    new Peer(
                            "goose",
                            "bin/goose",
                            "%05d_table.sql",
                            "-- +goose Up\n%s",
                            (peers, migrations, way, database) ->
                                    List.of(
                                            peers.resolve("bin/goose").toString(),
                                            "-dir",
                                            migrations.toString(),
                                            "postgres",
                                            way.libpqUrl(database),
                                            "up")),
                    new Peer(
                            "golang-migrate",
                            "bin/migrate",
                            "%05d_table.up.sql",
                            "%s",
                            (peers, migrations, way, database) ->
                                    List.of(
                                            peers.resolve("bin/migrate").toString(),
                                            "-path",
                                            migrations.toString(),
                                            "-database",
                                            way.libpqUrl(database).replace("postgresql:", "pgx5:"),
                                            "up")),
                    new Peer(
                            "node-pg-migrate",
                            "node/node_modules/.bin/node-pg-migrate",
                            "%05d_table.sql",
                            "-- Up Migration\n%s",
                            (peers, migrations, way, database) ->
                                    List.of(
                                            peers.resolve("node/node_modules/.bin/node-pg-migrate")
                                                    .toString(),
                                            "up",
                                            "--no-single-transaction",
                                            "-m",
                                            migrations.toString())),
                    new Peer(
                            LIQUIBASE,
                            "liquibase/lib",
                            "%05d_table.sql",
                            "--liquibase formatted sql\n--changeset a:%2$d\n%1$s",
                            (peers, migrations, way, database) ->
                                    List.of(
                                            Path.of(System.getProperty("java.home"), "bin/java")
                                                    .toString(),
                                            "-XX:+UseSerialGC",
                                            "-XX:TieredStopAtLevel=1",
                                            "-cp",
                                            peers.resolve("liquibase/lib") + "/*",
                                            "liquibase.integration.commandline.LiquibaseCommandLine",
                                            "--search-path=" + migrations,
                                            "--changelog-file=all.xml",
                                            "--analytics-enabled=false",
                                            "--url=" + way.jdbcUrl(database),
                                            "update")));

    private static final String ALL =
            """
            <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
                xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
              <includeAll path="." endsWithFilter=".sql"/>
            </databaseChangeLog>
            """;

    private final BenchmarkSystem system;
    private final Path folder;
    private final int number;

    /**
     * @param folder an empty folder
     */
    Peers(BenchmarkSystem system, Path folder, int number) {
        this.system = system;
        this.folder = folder;
        this.number = number;
    }

    void run(int rounds, Report report, String scenario, Optional<Psql> psql) throws Exception {
        Path own =
                RepeatableFigures.migrations(
                        Files.createDirectory(folder.resolve("own")), 1, number);
        var subjects = new LinkedHashMap<String, Measurement>();
        psql.ifPresentOrElse(
                found -> subjects.put("psql", () -> psql(found, own)),
                () -> report.leftOut("psql", "it is not installed"));
        subjects.put(WORKER, () -> worker(own));
        for (Peer peer : PEERS) {
            Path peers = Main.home().resolve("target/peers");
            if (Files.exists(peers.resolve(peer.needs))) {
                Path migrations = written(peer);
                subjects.put(peer.name, () -> peer(peer, peers, migrations));
            } else {
                report.leftOut(peer.name, ".ci/benchmark-peers has not installed it");
            }
        }
        var compared = Comparison.of(rounds, subjects);
        for (String figure : List.of(ManyMigrations.FROM_EMPTY, ManyMigrations.NONE_PENDING)) {
            compared.only(figure)
                    .report(
                            report,
                            scenario,
                            "%d migrations, whole processes: %s".formatted(number, figure),
                            Against.all("psql", subjects.sequencedKeySet()),
                            Against.all(WORKER, subjects.sequencedKeySet()));
        }
    }

    private Path written(Peer peer) throws IOException {
        Path migrations = Files.createDirectory(folder.resolve(peer.name));
        for (int version = 1; version <= number; version++) {
            Files.writeString(
                    migrations.resolve(peer.file.formatted(version)),
                    peer.content.formatted(RepeatableFigures.sql(version), version));
        }
        if (peer.name.equals(LIQUIBASE)) {
            Files.writeString(migrations.resolve("all.xml"), ALL);
        }
        return migrations;
    }

    private SequencedMap<String, Double> peer(Peer peer, Path peers, Path migrations)
            throws Exception {
        String database = BenchmarkSystem.newDatabase();
        var environment = Map.of("DATABASE_URL", system.direct.libpqUrl(database));
        String[] command =
                peer.commands
                        .command(peers, migrations, system.direct, database)
                        .toArray(String[]::new);
        var figures = new LinkedHashMap<String, Double>();
        figures.put(ManyMigrations.FROM_EMPTY, Programs.run(folder, environment, command));
        requireTables(database);
        figures.put(ManyMigrations.NONE_PENDING, Programs.run(folder, environment, command));
        BenchmarkSystem.drop(database);
        return figures;
    }

    private SequencedMap<String, Double> psql(Psql psql, Path own) throws Exception {
        String database = BenchmarkSystem.newDatabase();
        var figures = new LinkedHashMap<String, Double>();
        figures.put(ManyMigrations.FROM_EMPTY, psql.run(system.direct, database, own, 1, number));
        requireTables(database);
        figures.put(
                ManyMigrations.NONE_PENDING,
                psql.run(system.direct, database, own, number + 1, number));
        BenchmarkSystem.drop(database);
        return figures;
    }

    private SequencedMap<String, Double> worker(Path own) throws Exception {
        String database = BenchmarkSystem.newDatabase();
        var function = system.function(PackagedFunctions.WORKER, system.direct, own);
        var figures = new LinkedHashMap<String, Double>();
        for (String figure : List.of(ManyMigrations.FROM_EMPTY, ManyMigrations.NONE_PENDING)) {
            var message = system.messages.received(database);
            byte[] event = Calls.bytes(message.event());
            try (var pool = new FunctionPool(function, 1)) {
                figures.put(figure, Calls.timed(pool, event));
            }
            system.messages.acknowledge(message.receiptHandle());
            system.messages.requireCompleted(message.processId());
        }
        requireTables(database);
        BenchmarkSystem.drop(database);
        return figures;
    }

    /** Whoever has not migrated is not fast. */
    private void requireTables(String database) {
        var tables =
                BenchmarkSystem.POSTGRES.query(
                        database, "select count(*) from pg_tables where tablename ~ '^t[0-9]+$'");
        if (!tables.equals(List.of(Integer.toString(number)))) {
            throw new IllegalStateException("Of %d tables there are %s.".formatted(number, tables));
        }
    }
}
