package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.process.Processes.Recording;
import dbmigrate.settings.ServerSettings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class ProcessSchemaTest {
    private final RowsFixture rows = new RowsFixture();

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void firstStatementThatMissesTheSchemaMakesIt() throws SQLException {
        assertEquals(Optional.empty(), rows.processes.find(rows.newProcess(Optional.empty()).id()));
        assertEquals(
                List.of("7"),
                rows.postgres.query(rows.maintenance, "select * from db_migrate.version"));
    }

    @Test
    void olderSchemaIsUpgradedByTheFirstStatementThatNeedsIt() throws SQLException {
        UUID id = rows.queued();
        rows.postgres.execute(
                rows.maintenance,
                """
                update db_migrate.version set version = 1;
                drop table db_migrate.unsettled, db_migrate.event;
                drop function db_migrate.note_request, db_migrate.note_change cascade;
                drop index db_migrate.process_newest, db_migrate.process_ended;
                alter table db_migrate.process drop activity, drop cancel_requested_by,
                    drop key_scope;
                alter table db_migrate.process drop backend_pid, drop backend_start,
                    drop cancel_requested_at, drop half_done_script, drop half_done_indexes,
                    drop baseline_version, drop baseline_description, drop result, drop warnings;
                """);
        assertInstanceOf(Claim.Claimed.class, rows.claims.claim(id));
        assertEquals(
                List.of("7"),
                rows.postgres.query(rows.maintenance, "select * from db_migrate.version"));
    }

    /** As the function before this version left it: its rows have a key and no scope of it. */
    @Test
    void keyOfARowFromBeforeKeysHadAScopeStaysItsIdentitys() throws SQLException {
        NewProcess first = rows.newProcess("app", "somebody", Optional.of("key"));
        assertInstanceOf(Recording.Recorded.class, rows.processes.record(first, () -> {}));
        rows.postgres.execute(
                rows.maintenance,
                """
                update db_migrate.version set version = 5;
                alter table db_migrate.process drop key_scope, drop warnings;
                """);
        NewProcess again = rows.newProcess("app", "somebody", Optional.of("key"));
        Recording.KnownKey known =
                assertInstanceOf(Recording.KnownKey.class, rows.processes.record(again, () -> {}));
        assertEquals(first.id(), known.process().id());
        NewProcess another = rows.newProcess("app", "another", Optional.of("key"));
        assertInstanceOf(Recording.Recorded.class, rows.processes.record(another, () -> {}));
        assertEquals(
                List.of("7"),
                rows.postgres.query(rows.maintenance, "select * from db_migrate.version"));
    }

    @Test
    void functionsThatComeAtOnceMakeItOnce() throws Exception {
        try (ExecutorService functions = Executors.newFixedThreadPool(16)) {
            List<Future<Object>> recordings = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                recordings.add(
                        functions.submit(() -> {
                            try (ProcessConnection own = new ProcessConnection(rows.server)) {
                                return new Processes(own, RowsFixture.STACK)
                                        .record(rows.newProcess(Optional.empty()), () -> {});
                            }
                        }));
            }
            for (Future<Object> recording : recordings) {
                recording.get();
            }
        }
        assertEquals(
                List.of("16"),
                rows.postgres.query(rows.maintenance, "select count(*) from db_migrate.process"));
    }

    @Test
    void roleWithoutSchemaRightsKeepsItsRowsInADatabaseOfItsOwn() throws SQLException {
        String role = rows.postgres.newName("role");
        rows.postgres.execute("postgres", "create role " + role + " login createdb password 'pw'");
        ServerSettings server =
                new ServerSettings(
                        DatabaseUrl.parse(rows.postgres.url(role, "pw", "app")),
                        rows.maintenance,
                        RowsFixture.STACK);
        NewProcess process = rows.newProcess(Optional.empty());
        try (ProcessConnection own = new ProcessConnection(server)) {
            new Processes(own, RowsFixture.STACK).record(process, () -> {});
        }
        try (ProcessConnection another = new ProcessConnection(server)) {
            assertTrue(new Processes(another, RowsFixture.STACK).find(process.id()).isPresent());
        } finally {
            rows.postgres.execute("postgres", "drop database db_migrate with (force)");
            rows.postgres.execute("postgres", "drop role " + role);
        }
    }

    @Test
    void roleThatMayKeepRowsNowhereIsToldTheGrant() {
        String role = rows.postgres.newName("role");
        rows.postgres.execute("postgres", "create role " + role + " login password 'pw'");
        ServerSettings server =
                new ServerSettings(
                        DatabaseUrl.parse(rows.postgres.url(role, "pw", "app")),
                        rows.maintenance,
                        RowsFixture.STACK);
        ProcessRowsForbiddenException forbidden =
                assertThrows(
                        ProcessRowsForbiddenException.class,
                        () ->
                                new Processes(new ProcessConnection(server), RowsFixture.STACK)
                                        .record(rows.newProcess(Optional.empty()), () -> {}));
        String grant =
                "GRANT CONNECT, CREATE ON DATABASE \"%s\" TO \"%s\""
                        .formatted(rows.maintenance, role);
        assertTrue(forbidden.advice().contains(grant), forbidden.advice());
        rows.postgres.execute("postgres", "drop role " + role);
    }
}
