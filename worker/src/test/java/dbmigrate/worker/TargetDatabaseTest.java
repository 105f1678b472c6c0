package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.Identifier;
import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.ServerSettings;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("database")
class TargetDatabaseTest {
    private final TestPostgres postgres = TestPostgres.shared();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "UPPER",
                "My \"App\"-1",
                "with space",
                "semi;colon'quote",
                "per%cent?&=#/+",
                "ünïcödé-数据库",
                "a23456789012345678901234567890123456789012345678901234567890123",
                "select"
            })
    void missingDatabaseIsCreatedWhateverItsNameIs(String name) throws SQLException {
        TargetDatabase target = target(name, Set.of());
        try (Connection connection = opened(target.open(), true)) {
            assertEquals(name, connection.getCatalog());
        }
        try (Connection connection = opened(target.open(), false)) {
            assertEquals(name, connection.getCatalog());
        } finally {
            postgres.execute("postgres", "drop database " + Identifier.quote(name));
        }
    }

    @Test
    void workersThatCreateItAtOnceAllGetInAndOneCreatedIt() throws Exception {
        TargetDatabase target = target(postgres.newName("race"), Set.of());
        try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
            List<Future<TargetDatabase.Opened>> opening = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                opening.add(workers.submit(target::open));
            }
            int creators = 0;
            for (Future<TargetDatabase.Opened> opened : opening) {
                creators += opened.get().created() ? 1 : 0;
                opened.get().connection().close();
            }
            assertEquals(1, creators);
        }
        postgres.execute("postgres", "drop database " + target.name());
    }

    @Test
    void somebodyInTemplate1DoesNotMatter() throws SQLException {
        TargetDatabase target = target(postgres.newName("busy"), Set.of());
        try (Connection _ = postgres.connect("template1");
                Connection connection = opened(target.open(), true)) {
            assertEquals(target.name(), connection.getCatalog());
        }
        postgres.execute("postgres", "drop database " + target.name());
    }

    @Test
    void databaseThatOnlyAGlobMatchesIsNotCreated() {
        WorkerSettings settings = settings("own", Set.of("tenant_*"));
        DatabaseMissingException missing =
                assertThrows(
                        DatabaseMissingException.class,
                        () -> new TargetDatabase(settings, "tenant_a").open());
        assertTrue(missing.toString().contains("CREATE_BY_GLOB"), missing.toString());
        assertFalse(
                postgres.query("postgres", "select datname from pg_database").contains("tenant_a"));
    }

    @Test
    void noTimeOutOfTheRoleCutsAMigrationShort() throws SQLException {
        String role = postgres.newName("role");
        postgres.execute("postgres", "create role " + role + " login createdb password 'pw'");
        postgres.execute("postgres", "alter role " + role + " set statement_timeout = '1s'");
        String name = postgres.newName("slow");
        WorkerSettings settings =
                settings(DatabaseUrl.parse(postgres.url(role, "pw", name)), Set.of());
        try (Connection connection = new TargetDatabase(settings, name).open().connection();
                ResultSet row =
                        connection.createStatement().executeQuery("show statement_timeout")) {
            row.next();
            assertEquals("0", row.getString(1));
        }
        postgres.execute("postgres", "drop database " + name);
        postgres.execute("postgres", "drop role " + role);
    }

    private static Connection opened(TargetDatabase.Opened opened, boolean created) {
        assertEquals(created, opened.created());
        return opened.connection();
    }

    private TargetDatabase target(String name, Set<String> patterns) {
        return new TargetDatabase(settings(name, patterns), name);
    }

    private WorkerSettings settings(String own, Set<String> patterns) {
        return settings(DatabaseUrl.parse(postgres.url(own)), patterns);
    }

    private static WorkerSettings settings(DatabaseUrl url, Set<String> patterns) {
        return new WorkerSettings(
                new ServerSettings(url, "postgres", "worker-tests"),
                new AllowedDatabases(url.database(), "postgres", patterns, false),
                Optional.empty(),
                Path.of("migrations"),
                5,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                90,
                false,
                Map.of());
    }
}
