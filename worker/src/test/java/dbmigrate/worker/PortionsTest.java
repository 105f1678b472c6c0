package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What many files do in portions is what they do in one run. */
@Timeout(60)
@Tag("database")
class PortionsTest {
    private static final Ending ALL = new Ending.Completed(Optional.of("260"));

    @TempDir Path migrations;

    private RunFixture fixture;

    @BeforeEach
    void open() {
        fixture = new RunFixture(migrations);
        for (int i = 1; i <= 260; i++) {
            fixture.file("V%d__n.sql".formatted(i), "select " + i);
        }
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    /** The search path begins with "$user": what was public's history is looked for elsewhere. */
    @Test
    void schemaOfTheUsersNameDoesNotTakeTheHistoryAlong() throws SQLException {
        fixture.file("V150__n.sql", "create schema authorization current_user");
        assertEquals(ALL, attempt());
        assertEquals(
                List.of("public"),
                query(
                        "select relnamespace::regnamespace from pg_class where relname = 'flyway_schema_history'"));
    }

    @Test
    void historyThatAMigrationShortensIsNotHeldAgainstTheSameRun() throws SQLException {
        fixture.file("V150__n.sql", "delete from flyway_schema_history where installed_rank < 50");
        assertEquals(ALL, attempt());
    }

    @Test
    void historyThatAMigrationCorrectsIsNotHeldAgainstTheSameRun() throws SQLException {
        fixture.file(
                "V150__n.sql",
                "update flyway_schema_history set checksum = 1 where installed_rank = 5");
        assertEquals(ALL, attempt());
    }

    @Test
    void timestampOfTheRunIsOne() throws SQLException {
        fixture.file(
                        "V1__n.sql",
                        "create table t (s text); insert into t values ('${flyway:timestamp}')")
                .file("V90__n.sql", "select pg_sleep(1.1)")
                .file("V250__n.sql", "insert into t values ('${flyway:timestamp}')");
        assertEquals(ALL, attempt());
        assertEquals(List.of("1"), query("select count(distinct s) from t"));
    }

    private Ending attempt() throws SQLException {
        return fixture.attempt(fixture.claimed(), TimeLimit.none());
    }

    private List<String> query(String sql) {
        return fixture.postgres.query(fixture.database, sql);
    }
}
