package dbmigrate.worker;

import dbmigrate.database.Credentials;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.log.Log;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
import dbmigrate.process.Command;
import dbmigrate.process.Grants;
import dbmigrate.process.Identity;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.NewProcess;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Processes;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.Glob;
import dbmigrate.settings.ServerSettings;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A target database, a folder of SQL, and attempts at migrating the one by the other. */
final class RunFixture implements AutoCloseable {
    private static final Duration LOCK_TIMEOUT = Duration.ofMillis(200);

    /** What somebody may do who may do anything. */
    static final Grants ANYTHING =
            new Grants(List.of(new Grants.Grant(EnumSet.allOf(Command.class), new Glob("*"))));

    final TestPostgres postgres = TestPostgres.shared();
    final String database = postgres.newName("target");
    final Path migrations;
    WorkerSettings settings;

    private final ProcessConnection rows;

    RunFixture(Path migrations) {
        this(migrations, TestPostgres.shared()::url);
    }

    /** On another server, whose URL of a database this is. */
    RunFixture(Path migrations, UnaryOperator<String> url) {
        this.migrations = migrations;
        ServerSettings server =
                new ServerSettings(
                        DatabaseUrl.parse(url.apply(database)), "postgres", "worker-tests");
        this.settings =
                new WorkerSettings(
                        server,
                        new AllowedDatabases(database, "postgres", Set.of(), false),
                        Optional.empty(),
                        migrations,
                        5,
                        LOCK_TIMEOUT,
                        Duration.ofSeconds(10),
                        90,
                        false,
                        Map.of());
        this.rows = new ProcessConnection(server);
    }

    RunFixture file(String name, String sql) {
        try {
            Files.writeString(migrations.resolve(name), sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    RunFixture with(Map<String, String> flyway) {
        return set(varied -> varied.flyway = flyway);
    }

    /** A rehearsal may take so long. */
    RunFixture limited(Duration rehearsalLimit) {
        return set(varied -> varied.rehearsalLimit = rehearsalLimit);
    }

    /** What is dangerous is refused. */
    RunFixture failOnWarning() {
        return set(varied -> varied.failOnWarning = true);
    }

    /** A statement may wait so long for a lock; zero is without end. */
    RunFixture lockTimeout(Duration lockTimeout) {
        return set(varied -> varied.lockTimeout = lockTimeout);
    }

    /** What may pass gets no second attempt. */
    RunFixture onlyOnce() {
        return set(varied -> varied.maxAttempts = 1);
    }

    /** The target's server, with which something is wrong; the rows stay where they are. */
    RunFixture server(String url, String maintenance) {
        return on(new ServerSettings(DatabaseUrl.parse(url), maintenance, "worker-tests"));
    }

    /** On the same server, with other credentials; the rows stay where they are. */
    RunFixture as(Credentials credentials) {
        return on(
                new ServerSettings(
                        DatabaseUrl.parse(postgres.url(database), credentials),
                        "postgres",
                        "worker-tests"));
    }

    private RunFixture on(ServerSettings server) {
        return set(varied -> varied.server = server);
    }

    private RunFixture set(Consumer<VariedSettings> variation) {
        settings = VariedSettings.of(settings, variation);
        return this;
    }

    Claim.Claimed claimed() throws SQLException {
        return claimed(request(Optional.empty(), false, Map.of()));
    }

    Claim.Claimed claimed(MigrationRequest request) throws SQLException {
        UUID id = UUID.randomUUID();
        processes()
                .record(
                        new NewProcess(id, request, Identity.of("anybody"), Optional.empty()),
                        () -> {});
        return (Claim.Claimed) new Claims(rows, "worker-tests").claim(id);
    }

    MigrationRequest request(
            Optional<String> target, boolean outOfOrder, Map<String, String> placeholders) {
        return new MigrationRequest(database, target, outOfOrder, placeholders, Optional.empty());
    }

    /** Runs Flyway as an attempt does that is never stopped and has all the time. */
    Ending run(Claim.Claimed claimed) throws SQLException {
        return run(claimed, new AttemptGuard(Optional::empty, TimeLimit.none()));
    }

    Ending run(Claim.Claimed claimed, AttemptGuard guard) throws SQLException {
        Attempts attempts = new Attempts(rows);
        RowCallback callback =
                new RowCallback(
                        attempts,
                        claimed.attempt(),
                        guard,
                        settings.lockTimeout(),
                        database,
                        new Log(Map.of()));
        try (Connection connection = open().connection()) {
            new MigrationLock(connection).takeAtOnce();
            return new MigrationRun(
                            settings, claimed, attempts, guard, callback, new TargetSession())
                    .on(connection);
        }
    }

    /** A whole attempt, as the handler runs it, with a message that is never lost. */
    Ending attempt(Claim.Claimed claimed, TimeLimit time) throws SQLException {
        return new AttemptRun(
                        settings,
                        rows,
                        claimed,
                        () -> MigrationQueue.Change.DONE,
                        time,
                        new Log(Map.of()))
                .run();
    }

    /** The next attempt at a process that was given back or whose worker died. */
    Claim.Claimed next(Claim.Claimed earlier) throws SQLException {
        postgres.execute(
                "postgres",
                "update db_migrate.process set lease_until = null where id = '%s'"
                        .formatted(earlier.attempt().processId()));
        return claimedAgain(earlier);
    }

    /** The next attempt, where the lease of an earlier one has run out or was given up. */
    Claim.Claimed claimedAgain(Claim.Claimed earlier) throws SQLException {
        return (Claim.Claimed)
                new Claims(rows, "worker-tests").claim(earlier.attempt().processId());
    }

    /** The id of a process that an attempt has claimed and given back. */
    UUID released() throws SQLException {
        Claim.Claimed claimed = claimed();
        attempts().release(claimed.attempt(), "for the test", Optional.empty());
        return claimed.attempt().processId();
    }

    /** Somebody who may do anything asks a process to stop. */
    void askToStop(UUID id) throws SQLException {
        processes().cancel(id, Identity.of("somebody"), ANYTHING);
    }

    Processes processes() {
        return new Processes(rows, "worker-tests");
    }

    Attempts attempts() {
        return new Attempts(rows);
    }

    TargetDatabase.Opened open() throws SQLException {
        return new TargetDatabase(settings, database).open();
    }

    MigrationProcess row(Claim.Claimed claimed) throws SQLException {
        return processes().find(claimed.attempt().processId()).orElseThrow();
    }

    @Override
    public void close() throws SQLException {
        rows.close();
        postgres.execute("postgres", "drop database if exists " + database + " with (force)");
    }
}
