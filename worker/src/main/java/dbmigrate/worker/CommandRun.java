package dbmigrate.worker;

import dbmigrate.process.Answer;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.warnings.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;

/**
 * A command other than migrate, in place of {@link MigrationRun}, under the same lock.
 *
 * <p>What only looks gets a session that cannot write. Of a database that does not stand it says
 * what a migration would find: the server's maintenance database lends its session then, in which
 * Flyway looks for a history of a name that nobody has.
 */
record CommandRun(
        WorkerSettings settings, Claim.Claimed claimed, Attempts attempts, AttemptGuard guard) {
    /** Runs it in the database; one that takes longer than the function may has no next attempt. */
    Ending on(Connection connection) throws SQLException {
        try {
            guard.check(connection, settings.lockTimeout());
            return run(connection);
        } catch (SQLException | RuntimeException e) {
            if (AttemptStoppedException.in(e).isEmpty()
                    && guard.stop().get().equals(Optional.of(Stop.TIME_IS_UP))) {
                return new Ending.Failed(Failures.commandOutOfTime(claimed.request().command()));
            }
            throw e;
        }
    }

    private Ending run(Connection connection) throws SQLException {
        return switch (claimed.request().command()) {
            case INFO -> {
                forbidWrites(connection);
                yield info(connection, Optional.empty());
            }
            case VALIDATE -> {
                forbidWrites(connection);
                yield validate(connection, Optional.empty());
            }
            case REPAIR -> repair(connection);
            case BASELINE -> baseline(connection);
            case MIGRATE, REHEARSE, REHEARSE_COPY, REHEARSE_COPY_STATISTICS, UNKNOWN ->
                    throw new IllegalStateException("not this one's command");
        };
    }

    /** Runs it for a database that does not stand. */
    Ending onNoDatabase(Connection maintenance) throws SQLException {
        forbidWrites(maintenance);
        Optional<String> nobodys = Optional.of("db_migrate_" + UUID.randomUUID());
        return claimed.request().command() == Command.INFO
                ? info(maintenance, nobodys)
                : validate(maintenance, nobodys);
    }

    private static void forbidWrites(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set session characteristics as transaction read only");
        }
    }

    private Ending info(Connection connection, Optional<String> noHistory) throws SQLException {
        Looked looked = look(connection, noHistory);
        Flyway flyway = looked.flyway();
        MigrationInfoService info = looked.info();
        Optional<HalfDoneFindings> halfDone =
                noHistory.isPresent()
                        ? Optional.empty()
                        : Optional.of(findings(connection, flyway, info));
        InfoReport report =
                new InfoReport(
                        info,
                        noHistory.isEmpty(),
                        history(connection, flyway).exists(),
                        noHistory.isPresent() ? List.of() : warnings(connection, flyway, info),
                        halfDone.map(HalfDoneFindings::scripts).orElse(Set.of()),
                        halfDone.map(HalfDoneFindings::scriptsWithoutFile).orElse(List.of()));
        Optional<Failure> failure =
                looked.misnamed().stream()
                        .findFirst()
                        .or(() -> MigrationRun.noMigrations(flyway, info));
        return answered(info, version(info), report.json(), failure);
    }

    /**
     * What Flyway finds, also where files have wrong names.
     *
     * @param misnamed a failure for each of these
     */
    private record Looked(Flyway flyway, MigrationInfoService info, List<Failure> misnamed) {}

    private Looked look(Connection connection, Optional<String> noHistory) {
        Flyway strict = flyway(connection, noHistory, true);
        try {
            return new Looked(strict, strict.info(), List.of());
        } catch (FlywayException e) {
            Map<String, String> misnamed = new FlywayFailure(e, new Masking(Map.of())).misnamed();
            if (misnamed.isEmpty()) {
                throw e;
            }
            List<Failure> failures =
                    misnamed.entrySet().stream()
                            .map(one ->
                                    Failure.of(FailureCode.MIGRATION_MISNAMED, one.getValue())
                                            .withScript(Optional.of(one.getKey())))
                            .toList();
            Flyway lenient = flyway(connection, noHistory, false);
            return new Looked(lenient, lenient.info(), failures);
        }
    }

    private Ending validate(Connection connection, Optional<String> noHistory) throws SQLException {
        Looked looked = look(connection, noHistory);
        Flyway flyway = looked.flyway();
        MigrationInfoService info = looked.info();
        List<Failure> differences = new ArrayList<>(looked.misnamed());
        MigrationRun.noMigrations(flyway, info).ifPresent(differences::add);
        String database = claimed.request().database();
        if (noHistory.isPresent() && !settings.databases().mayCreate(database)) {
            differences.add(Failures.databaseMissing(new DatabaseMissingException(database)));
        }
        EndlessCopy.inPending(info).ifPresent(differences::add);
        new EndlessCopy(new FlywayConfiguration(settings, claimed.request()).read())
                .inCallbacks()
                .ifPresent(differences::add);
        boolean history = history(connection, flyway).exists();
        Set<String> pending =
                Arrays.stream(info.pending())
                        .map(MigrationInfo::getScript)
                        .collect(Collectors.toCollection(HashSet::new));
        if (noHistory.isEmpty()) {
            HalfDoneFindings halfDone = findings(connection, flyway, info);
            differences.addAll(new Differences(connection, flyway, halfDone).with(history));
            pending.addAll(halfDone.runAgain());
        }
        if (noHistory.isEmpty() && settings.failOnWarning()) {
            PendingWarnings.refused(warnings(connection, flyway, info)).ifPresent(differences::add);
        }
        Validation validation =
                new Validation(noHistory.isEmpty(), history, pending.size(), differences);
        return answered(info, version(info), validation.json(), validation.failure());
    }

    private Ending repair(Connection connection) throws SQLException {
        Flyway flyway = flyway(connection, Optional.empty(), true);
        MigrationInfoService info = flyway.info();
        HalfDoneFindings findings = findings(connection, flyway, info);
        // Without its files every migration would be called deleted.
        Optional<Failure> noMigrations = MigrationRun.noMigrations(flyway, info);
        Optional<Failure> refused = noMigrations.isPresent() ? noMigrations : findings.inTheWay();
        if (refused.isPresent()) {
            return new Ending.Failed(refused.get());
        }
        if (!planned(info)) {
            return new Ending.Superseded();
        }
        RepairReport report = new RepairReport(info, findings.repair());
        // What was cleared away may have taken long, and has changed the session's time-out.
        guard.check(connection, settings.lockTimeout());
        String result = report.json(flyway.repair());
        return new Ending.Answered(new Answer(version(flyway.info()), result, Optional.empty()));
    }

    private Ending baseline(Connection connection) throws SQLException {
        Flyway flyway = flyway(connection, Optional.empty(), true);
        MigrationInfoService info = flyway.info();
        if (!planned(info)) {
            return new Ending.Superseded();
        }
        BaselineReport report = new BaselineReport(flyway.getConfiguration());
        Optional<Failure> refused = report.refused(info, history(connection, flyway).exists());
        if (refused.isPresent()) {
            return new Ending.Failed(refused.get());
        }
        boolean stood = info.applied().length > 0;
        flyway.baseline();
        MigrationInfoService after = flyway.info();
        return new Ending.Answered(
                new Answer(version(after), report.json(after, !stood), Optional.empty()));
    }

    private Ending answered(
            MigrationInfoService info,
            Optional<String> version,
            String result,
            Optional<Failure> failure)
            throws SQLException {
        return planned(info)
                ? new Ending.Answered(new Answer(version, result, failure))
                : new Ending.Superseded();
    }

    /** None of them applies a migration; the version that was found is the one before. */
    private boolean planned(MigrationInfoService info) throws SQLException {
        return attempts.planned(claimed.attempt(), version(info), 0);
    }

    private static List<Warning> warnings(
            Connection connection, Flyway flyway, MigrationInfoService info) throws SQLException {
        return new PendingWarnings(connection, flyway.getConfiguration()).of(info);
    }

    private static FlywayHistory history(Connection connection, Flyway flyway) throws SQLException {
        return FlywayHistory.of(connection, flyway.getConfiguration());
    }

    private HalfDoneFindings findings(
            Connection connection, Flyway flyway, MigrationInfoService info) throws SQLException {
        return HalfDoneFindings.of(
                connection,
                flyway.getConfiguration(),
                attempts.rows(),
                claimed.request().database(),
                info);
    }

    private Flyway flyway(Connection connection, Optional<String> table, boolean naming) {
        return new FlywayConfiguration(settings, claimed.request())
                .withoutCallbacks(new SingleConnection(connection), table, naming);
    }

    private static Optional<String> version(MigrationInfoService info) {
        return SchemaVersion.of(info).map(MigrationVersion::getVersion);
    }
}
