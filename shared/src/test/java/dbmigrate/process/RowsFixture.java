package dbmigrate.process;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.settings.Glob;
import dbmigrate.settings.ServerSettings;
import dbmigrate.testing.TestPostgres;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A maintenance database of a test's own, and the connections of some functions to it. */
final class RowsFixture {
    static final String STACK = "a-stack";

    /** What somebody may do who may do anything. */
    static final Grants ANYTHING =
            new Grants(List.of(new Grants.Grant(EnumSet.allOf(Command.class), new Glob("*"))));

    final TestPostgres postgres = TestPostgres.shared();
    final String maintenance = postgres.newName("maintenance");
    final ServerSettings server =
            new ServerSettings(DatabaseUrl.parse(postgres.url("app")), maintenance, STACK);
    final Processes processes = new Processes(new ProcessConnection(server), STACK);
    final Claims claims = new Claims(new ProcessConnection(server), STACK);
    final Attempts attempts = new Attempts(new ProcessConnection(server));
    final UnsettledMigrations unsettled =
            new UnsettledMigrations(attempts.rows(), "app", "\"public\".\"flyway_schema_history\"");

    private final ProcessIds ids = new ProcessIds(Clock.systemUTC(), new SecureRandom());

    RowsFixture() {
        postgres.execute("postgres", "create database " + maintenance);
    }

    void close() throws SQLException {
        processes.rows().close();
        claims.rows().close();
        attempts.rows().close();
        postgres.execute("postgres", "drop database " + maintenance + " with (force)");
    }

    NewProcess newProcess(Optional<String> key) {
        return newProcess("app", "anybody", key);
    }

    NewProcess newProcess(String database, String identity, Optional<String> key) {
        MigrationRequest request =
                new MigrationRequest(
                        database, Optional.of("4"), true, Map.of("env", "test"), Optional.of("ci"));
        return new NewProcess(ids.get(), request, Identity.of(identity), key);
    }

    /** A recorded process. */
    UUID queued() throws SQLException {
        return queued("app");
    }

    UUID queued(String database) throws SQLException {
        NewProcess process = newProcess(database, "anybody", Optional.empty());
        processes.record(process, () -> {});
        return process.id();
    }

    /** Somebody who may do anything asks a process to stop. */
    Processes.Cancellation cancel(UUID id, String identity) throws SQLException {
        return processes.cancel(id, Identity.of(identity), ANYTHING);
    }

    Claim.Claimed claimed(UUID id) throws SQLException {
        return (Claim.Claimed) claims.claim(id);
    }

    MigrationProcess read(UUID id) throws SQLException {
        return processes.find(id).orElseThrow();
    }

    /** The row's lease and every sign of life move that far into the past. */
    void age(UUID id, String interval) {
        postgres.execute(
                maintenance,
                """
                update db_migrate.process set lease_until = lease_until - interval '%1$s',
                    heartbeat_at = heartbeat_at - interval '%1$s', sent_at = sent_at - interval '%1$s'
                where id = '%2$s'
                """
                        .formatted(interval, id));
    }
}
