package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class RetentionTest {
    private static final int DAYS = 90;

    private final RowsFixture rows = new RowsFixture();
    private final Retention retention =
            new Retention(rows.attempts.rows(), RowsFixture.STACK, DAYS);

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void oldEndedProcessGoesWithItsMigrationsAndEvents() throws SQLException {
        UUID old = ended("91 days");
        UUID young = ended("89 days");
        assertEquals(1, retention.apply());
        assertEquals(Optional.empty(), rows.processes.find(old));
        assertEquals(1, rows.read(young).migrations().size());
        assertEquals(List.of("1"), query("select count(*) from db_migrate.migration"));
        assertEquals(
                List.of(young.toString()),
                query("select distinct process_id from db_migrate.event"));
        assertEquals(0, retention.apply());
    }

    @Test
    void processThatHasNotEndedIsKeptHoweverOldItIs() throws SQLException {
        UUID queued = rows.queued();
        UUID running = rows.queued();
        rows.claimed(running);
        rows.postgres.execute(
                rows.maintenance,
                "update db_migrate.process set requested_at = requested_at - interval '10 years',"
                        + " started_at = started_at - interval '10 years'");
        assertEquals(0, retention.apply());
        assertEquals(ProcessState.QUEUED, rows.read(queued).state());
        assertEquals(ProcessState.RUNNING, rows.read(running).state());
    }

    @Test
    void processOfAnotherStackIsKept() throws SQLException {
        UUID old = ended("91 days");
        assertEquals(0, new Retention(rows.attempts.rows(), "another-stack", DAYS).apply());
        assertEquals(ProcessState.COMPLETED, rows.read(old).state());
    }

    @Test
    void moreThanABatchIsDeleted() throws SQLException {
        ended("91 days");
        rows.postgres.execute(
                rows.maintenance,
                """
                insert into db_migrate.process
                    (id, stack, command, database, out_of_order, placeholders, identity,
                     fingerprint, state, finished_at)
                select gen_random_uuid(), '%s', 'migrate', 'app', false, '{}', 'anybody', 'f',
                       'CANCELED', clock_timestamp() - interval '1 year'
                from generate_series(1, %d)
                """
                        .formatted(RowsFixture.STACK, Retention.BATCH));
        assertEquals(Retention.BATCH + 1, retention.apply());
        assertEquals(List.of("0"), query("select count(*) from db_migrate.process"));
    }

    @Test
    void keyOfADeletedProcessIsFree() throws SQLException {
        NewProcess first = rows.newProcess(Optional.of("key"));
        rows.processes.record(first, () -> {});
        rows.attempts.complete(rows.claimed(first.id()).attempt(), Optional.empty());
        age(first.id(), "91 days");
        retention.apply();
        NewProcess second = rows.newProcess(Optional.of("key"));
        rows.processes.record(second, () -> {});
        assertEquals(ProcessState.QUEUED, rows.read(second.id()).state());
    }

    /** A process that applied one migration and ended so long ago. */
    private UUID ended(String ago) throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        NextMigration next = new NextMigration(Optional.of("1"), "init", "V1__init.sql");
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(next));
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.empty());
        rows.attempts.complete(attempt, Optional.of("1"));
        age(id, ago);
        return id;
    }

    private void age(UUID id, String ago) {
        rows.postgres.execute(
                rows.maintenance,
                "update db_migrate.process set finished_at = finished_at - interval '%s' where id = '%s'"
                        .formatted(ago, id));
    }

    private List<String> query(String sql) {
        return rows.postgres.query(rows.maintenance, sql);
    }
}
