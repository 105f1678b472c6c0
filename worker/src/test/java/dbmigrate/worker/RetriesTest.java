package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.ProcessState;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table "What is tried again" of docs/operations.md, by a server that really says so. */
@Tag("database")
class RetriesTest {
    private static final String RAISE =
            "do $$ begin raise exception 'of the test' using errcode = '%s'; end $$";

    @TempDir Path migrations;

    private RunFixture fixture;

    @BeforeEach
    void open() {
        fixture = new RunFixture(migrations);
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "25006", "25P03", "40001", "40P01", "53300", "55006", "57P01", "57P02", "57P03",
                "57P05"
            })
    void whatMayPassIsGivenBackAndCounted(String sqlState) throws SQLException {
        fixture.file("V1__a.sql", RAISE.formatted(sqlState));
        Claim.Claimed claimed = fixture.claimed();
        assertInstanceOf(Ending.GivenBack.class, fixture.attempt(claimed, TimeLimit.none()));
        assertEquals(ProcessState.RUNNING, fixture.row(claimed).state());
        assertEquals(1, fixture.row(claimed).attempts().size());
        assertEquals(1, fixture.next(claimed).failures());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "22012", "22P02", "23502", "23503", "23505", "23514", "28000", "42501", "42601",
                "42703", "42704", "42710", "42P01", "42P07", "53100", "53200", "54000", "57014",
                "P0001", "XX000"
            })
    void whatWouldHappenAgainFailsAtOnce(String sqlState) throws SQLException {
        fixture.file("V1__a.sql", RAISE.formatted(sqlState));
        Claim.Claimed claimed = fixture.claimed();
        Ending.Failed failed = (Ending.Failed) fixture.attempt(claimed, TimeLimit.none());
        assertEquals(Optional.of(sqlState), failed.failure().sqlState());
        assertEquals(ProcessState.FAILED, fixture.row(claimed).state());
    }

    @Test
    void whatMayPassDoesNotGetToPassForEver() throws SQLException {
        fixture.file("V1__a.sql", RAISE.formatted("40P01"));
        Claim.Claimed claimed = fixture.claimed();
        int attempts = 1;
        Ending ending = fixture.attempt(claimed, TimeLimit.none());
        while (ending instanceof Ending.GivenBack) {
            claimed = fixture.next(claimed);
            ending = fixture.attempt(claimed, TimeLimit.none());
            attempts++;
        }
        assertEquals(fixture.settings.maxAttempts(), attempts);
        assertEquals(Optional.of("40P01"), ((Ending.Failed) ending).failure().sqlState());
    }

    @Test
    void workersThatDieAreCountedAndTheRowSaysSo() throws SQLException {
        fixture.file("V1__a.sql", "select 1");
        Failure last = Failure.of(FailureCode.DATABASE_UNAVAILABLE, "refused");
        Claim.Claimed claimed = fixture.claimed();
        Claim.Claimed sixth =
                new Claim.Claimed(
                        claimed.attempt(),
                        claimed.command(),
                        claimed.request(),
                        fixture.settings.maxAttempts(),
                        Optional.of(last),
                        Optional.empty(),
                        false,
                        Optional.empty());
        Ending.Failed failed = (Ending.Failed) fixture.attempt(sixth, TimeLimit.none());
        assertEquals(FailureCode.WORKERS_DIED, failed.failure().code());
        assertTrue(failed.failure().detail().contains("refused"), failed.failure().detail());
    }

    @Test
    void commandOfANewerRouterIsNotTakenForAMigration() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()");
        Claim.Claimed claimed = fixture.claimed();
        fixture.postgres.execute(
                "postgres",
                "update db_migrate.process set command = 'later' where id = '%s'"
                        .formatted(claimed.attempt().processId()));
        assertInstanceOf(
                Ending.GivenBack.class, fixture.attempt(fixture.next(claimed), TimeLimit.none()));
        assertEquals(
                java.util.List.of(),
                fixture.postgres.query(
                        "postgres",
                        "select 1 from pg_database where datname = '%s'"
                                .formatted(fixture.database)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "1, 2000", "3, 8000", "5, 30000", "50, 30000"})
    void pauseDoublesToHalfAMinuteAndVaries(int times, long millis) {
        Duration pause = Retries.pause(times);
        assertTrue(
                pause.toMillis() >= millis && pause.toMillis() <= millis * 5 / 4, pause.toString());
    }
}
