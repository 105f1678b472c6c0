package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.process.Claim;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationProcess.SettledMigration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The row is written beside a migration, and nothing is committed that it does not know of. */
@Timeout(120)
@Tag("database")
class RowProgressTest {
    @TempDir Path migrations;

    private RunFixture fixture;
    private Claim.Claimed claimed;
    private final List<Connection> others = new ArrayList<>();

    @BeforeEach
    void open() throws SQLException {
        fixture = new RunFixture(migrations);
        fixture.file("V1__one.sql", "create table one (id int)")
                .file("V2__two.sql", "create table two (id int)");
        claimed = fixture.claimed();
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection other : others) {
            other.close();
        }
        fixture.close();
    }

    @Test
    void migrationOfASupersededAttemptIsNotCommitted() {
        RuntimeException failure =
                assertThrows(
                        RuntimeException.class,
                        () -> fixture.run(claimed, before("V2__two.sql", this::supersede)));
        assertEquals(
                Optional.of(new Ending.Superseded()),
                AttemptStoppedException.in(failure).map(AttemptStoppedException::ending));
        assertEquals(List.of("one"), tables());
        assertEquals(List.of("1"), versions());
    }

    @Test
    void migrationWhoseMarkCannotBeWrittenIsRolledBackAndTheOneBeforeIsKnown() throws SQLException {
        RuntimeException failure =
                assertThrows(
                        RuntimeException.class,
                        () -> fixture.run(claimed, before("V2__two.sql", this::holdRow)));
        assertInstanceOf(RowWriteException.class, rowWrite(failure));
        assertEquals(List.of("one"), tables());
        assertEquals(List.of("1"), versions());
        others.removeLast().close();
        Claim.Claimed next = fixture.next(claimed);
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        MigrationProcess row = fixture.row(next);
        assertEquals(
                List.of("V1__one.sql", "V2__two.sql"),
                row.migrations().stream().map(SettledMigration::script).toList());
        assertEquals(Optional.of(2), row.total());
        assertEquals(2, row.applied());
    }

    @Test
    void markOfWhatNoRollbackUndoesIsWrittenBeforeItBegins() throws SQLException {
        fixture.file("V2__two.sql", "create index concurrently i on one (id)");
        assertThrows(
                RuntimeException.class,
                () -> fixture.run(claimed, before("V2__two.sql", this::supersede)));
        assertEquals(
                List.of(),
                fixture.postgres.query(
                        fixture.database, "select 1 from pg_class where relname = 'i'"));
    }

    @Test
    void failureOfTheFirstStatementIsOfTheMigrationThatTheRowKnows() throws SQLException {
        fixture.file("V2__two.sql", "select 1 / 0");
        assertThrows(RuntimeException.class, () -> fixture.run(claimed));
        assertEquals(
                List.of("V1__one.sql applied", "V2__two.sql failed"),
                fixture.row(claimed).migrations().stream()
                        .map(one -> one.script() + " " + one.state())
                        .toList());
    }

    private static Throwable rowWrite(Throwable failure) {
        Throwable at = failure;
        while (!(at instanceof RowWriteException) && at.getCause() != null) {
            at = at.getCause();
        }
        return at;
    }

    private interface Step {
        void run() throws SQLException;
    }

    /** A guard that does something when it is asked about the second migration. */
    private AttemptGuard before(String script, Step step) {
        int[] asked = {0};
        return new AttemptGuard(
                () -> {
                    asked[0]++;
                    if (asked[0] == 2) {
                        try {
                            step.run();
                        } catch (SQLException e) {
                            throw new IllegalStateException(script, e);
                        }
                    }
                    return Optional.empty();
                },
                TimeLimit.none());
    }

    private void supersede() {
        fixture.postgres.execute(
                "postgres",
                "update db_migrate.process set attempt = attempt + 1 where id = '%s'"
                        .formatted(claimed.attempt().processId()));
    }

    private void holdRow() throws SQLException {
        Connection other = fixture.postgres.connect("postgres");
        others.add(other);
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute(
                    "select 1 from db_migrate.process where id = '%s' for update"
                            .formatted(claimed.attempt().processId()));
        }
    }

    private List<String> tables() {
        return fixture.postgres.query(
                fixture.database,
                "select tablename from pg_tables where tablename in ('one', 'two') order by 1");
    }

    private List<String> versions() {
        return fixture.postgres.query(
                fixture.database, "select version from flyway_schema_history order by 1");
    }
}
