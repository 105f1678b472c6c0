package dbmigrate.worker;

import dbmigrate.testing.TestPostgres;
import java.net.URI;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.postgresql.ds.PGSimpleDataSource;

/** Flyway as everybody has it, with connections of its own. */
final class PlainFlyway {
    private PlainFlyway() {}

    /** Configured with nothing but the database and the folder. */
    static FluentConfiguration on(String database, Path migrations) {
        TestPostgres server = TestPostgres.shared();
        String[] login = URI.create(server.url(database)).getUserInfo().split(":", 2);
        PGSimpleDataSource connections = new PGSimpleDataSource();
        connections.setServerNames(new String[] {server.host()});
        connections.setPortNumbers(new int[] {server.port()});
        connections.setDatabaseName(database);
        connections.setUser(login[0]);
        connections.setPassword(login[1]);
        return Flyway.configure()
                .dataSource(connections)
                .locations("filesystem:" + migrations)
                .validateMigrationNaming(true);
    }
}
