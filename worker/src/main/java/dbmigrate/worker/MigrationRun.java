package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.Settlement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Flyway's run on a database whose lock is held.
 *
 * <ol>
 *   <li>Flyway says what is applied and what is pending; nothing to be found at all is an error.
 *   <li>A migration that an earlier attempt left unsettled is settled by what the history says.
 *   <li>Flyway migrates; {@link RowCallback} keeps the row up to date and ends the run where it
 *       must.
 * </ol>
 */
record MigrationRun(
        WorkerSettings settings, Claim.Claimed claimed, Attempts attempts, RowCallback callback) {
    /** Runs every pending migration. */
    Ending on(Connection connection) throws SQLException {
        Flyway flyway = flyway(connection);
        MigrationInfoService info = flyway.info();
        if (Stream.of(info.all()).noneMatch(one -> one.getState().isResolved())) {
            return new Ending.Failed(Failures.noMigrations(folders(flyway)));
        }
        Optional<MigrationVersion> before = version(info);
        settleEarlier(info);
        boolean mine =
                attempts.planned(
                        claimed.attempt(),
                        before.map(MigrationVersion::getVersion),
                        info.pending().length);
        if (!mine) {
            return new Ending.Superseded();
        }
        MigrateResult result = migrated(flyway);
        attempts.advance(claimed.attempt(), Settlement.APPLIED, Optional.empty());
        return new Ending.Completed(newest(before, result).map(MigrationVersion::getVersion));
    }

    /**
     * Also a run that fails settles its last migration: it may have failed after that one's commit.
     */
    private MigrateResult migrated(Flyway flyway) {
        try {
            return flyway.migrate();
        } catch (FlywayException e) {
            if (!SqlState.of(e).map(SqlState::mayPass).orElse(false)) {
                settleLast(flyway, e);
            }
            throw e;
        }
    }

    /** The placeholders that this run puts into the SQL, whoever set them. */
    static Map<String, String> placeholders(WorkerSettings settings, MigrationRequest request) {
        return configuration(settings, request).getPlaceholders();
    }

    private Flyway flyway(Connection connection) {
        FluentConfiguration configuration =
                configuration(settings, claimed.request())
                        .dataSource(new SingleConnection(connection))
                        .callbacks(callback)
                        .cleanDisabled(true)
                        .group(false)
                        .mixed(false);
        // With Flyway's default, a transaction of its own that is open meanwhile, CREATE INDEX
        // CONCURRENTLY waits for ever, and a migration and its history are committed apart.
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration.load();
    }

    private static FluentConfiguration configuration(
            WorkerSettings settings, MigrationRequest request) {
        FluentConfiguration configuration =
                Flyway.configure(MigrationRun.class.getClassLoader())
                        .locations("filesystem:" + settings.migrations())
                        // A file that Flyway would pass over in silence is somebody's lost
                        // migration.
                        .validateMigrationNaming(true);
        settings.server().url().schema().ifPresent(configuration::defaultSchema);
        configuration.configuration(
                FlywayVariables.properties(settings.migrations(), settings.flyway()));
        configuration.configuration(
                request.placeholders().entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        one -> "flyway.placeholders." + one.getKey(),
                                        Map.Entry::getValue)));
        request.target().ifPresent(configuration::target);
        if (request.outOfOrder()) {
            configuration.outOfOrder(true);
        }
        return configuration;
    }

    private void settleEarlier(MigrationInfoService info) throws SQLException {
        if (claimed.unsettled().isEmpty()) {
            return;
        }
        Optional<MigrationInfo> applied = applied(info, claimed.unsettled().get());
        if (applied.isPresent()) {
            Duration took = Duration.ofMillis(applied.get().getExecutionTime());
            attempts.advance(claimed.attempt(), Settlement.appliedEarlier(took), Optional.empty());
        } else {
            attempts.forgetCurrent(claimed.attempt());
        }
    }

    private void settleLast(Flyway flyway, FlywayException failure) {
        try {
            Optional<String> last = callback.begun();
            if (last.isPresent()) {
                boolean applied = applied(flyway.info(), last.get()).isPresent();
                attempts.advance(
                        claimed.attempt(),
                        applied ? Settlement.APPLIED : Settlement.FAILED,
                        Optional.empty());
            }
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** The migration of this script, when the history calls its present form applied. */
    private static Optional<MigrationInfo> applied(MigrationInfoService info, String script) {
        return Arrays.stream(info.applied())
                .filter(one -> one.getScript().equals(script))
                .filter(one -> !one.getState().isFailed())
                // A repeatable one whose file has changed since.
                .filter(one -> one.getState() != MigrationState.OUTDATED)
                .filter(one -> one.getState() != MigrationState.SUPERSEDED)
                .findFirst();
    }

    private static Optional<MigrationVersion> version(MigrationInfoService info) {
        return Optional.ofNullable(info.current()).map(MigrationInfo::getVersion);
    }

    /** Out of order, the last one that ran is not the newest. */
    private static Optional<MigrationVersion> newest(
            Optional<MigrationVersion> before, MigrateResult result) {
        Stream<MigrationVersion> after =
                result.migrations.stream()
                        .map(migration -> migration.version)
                        .filter(version -> version != null && !version.isEmpty())
                        .map(MigrationVersion::fromVersion);
        return Stream.concat(before.stream(), after).max(MigrationVersion::compareTo);
    }

    private static String folders(Flyway flyway) {
        return Arrays.stream(flyway.getConfiguration().getLocations())
                .map(location -> location.getDescriptor())
                .collect(Collectors.joining(", "));
    }
}
