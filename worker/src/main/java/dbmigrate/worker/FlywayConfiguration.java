package dbmigrate.worker;

import dbmigrate.process.MigrationRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * What Flyway runs with: db-migrate's defaults, over them the user's own settings, over them the
 * request, and over all of it what its guarantees rest on.
 */
record FlywayConfiguration(WorkerSettings settings, MigrationRequest request) {
    /** As a baseline Flyway would write of them what it cannot read again. */
    private static final Set<MigrationVersion> WORDS =
            Set.of(
                    MigrationVersion.EMPTY,
                    MigrationVersion.LATEST,
                    MigrationVersion.CURRENT,
                    MigrationVersion.NEXT);

    /** The settings, as Flyway will see them. */
    Configuration read() {
        return configured();
    }

    /** The placeholders that are put into the SQL, whoever set them. */
    Map<String, String> placeholders() {
        return configured().getPlaceholders();
    }

    /** Flyway on one connection, which tells the callback of each migration. */
    Flyway flyway(DataSource connection, Callback callback) {
        return migrating(configured(), connection, callback);
    }

    /** The same with what {@link #migrationsAlone} has found: it looks for nothing else then. */
    Flyway flyway(FoundFiles migrations, DataSource connection, Callback callback) {
        return migrating(configured(migrations), connection, callback);
    }

    /**
     * The files, where nothing but migrations in SQL stands in the folder and nothing is set that
     * could add to them.
     */
    Optional<FoundFiles> migrationsAlone() {
        return settings.flyway().isEmpty() && MigrationFile.standAlone(settings.migrations())
                ? Optional.of(FoundFiles.ofMigrationsAlone(configured()))
                : Optional.empty();
    }

    /**
     * Flyway that validates as by default it does before it migrates: what is pending may be so.
     */
    Flyway validating(DataSource connection) {
        return migrating(configured().ignoreMigrationPatterns("*:future", "*:pending"), connection);
    }

    /**
     * Flyway with some of those files, so that it cannot say whether one is missing.
     *
     * @param schema the current one when the run began, which is meant where none is named
     */
    Flyway only(
            FoundFiles files, Optional<String> schema, DataSource connection, Callback callback) {
        FluentConfiguration configuration = configured(files).validateOnMigrate(false);
        if (settings.server().url().schema().isEmpty()) {
            schema.ifPresent(configuration::defaultSchema);
        }
        return migrating(configuration, connection, callback);
    }

    private static Flyway migrating(
            FluentConfiguration configuration, DataSource connection, Callback... callback) {
        configuration
                .dataSource(connection)
                .callbacks(callback)
                .cleanDisabled(true)
                .group(false)
                .mixed(false);
        return withSessionLock(configuration).load();
    }

    /**
     * With Flyway's default, a transaction of its own that is open meanwhile, CREATE INDEX
     * CONCURRENTLY waits for ever, and a migration and its history are committed apart.
     */
    private static FluentConfiguration withSessionLock(FluentConfiguration configuration) {
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration;
    }

    /**
     * Flyway for the commands other than migrate. No callback of the user's runs with them: it
     * could write where nothing may be written.
     *
     * @param table the history's; empty for the one that is configured
     * @param naming whether a file with a wrong name is an error
     */
    Flyway withoutCallbacks(DataSource connection, Optional<String> table, boolean naming) {
        FluentConfiguration configuration = configured().validateMigrationNaming(naming);
        table.ifPresent(configuration::table);
        return withoutCallbacks(connection, configuration);
    }

    /** The same, where nothing of the user's SQL may run yet: not that of a new session either. */
    Flyway onlyLooking(DataSource connection) {
        return withoutCallbacks(connection, configured().initSql(""));
    }

    private Flyway withoutCallbacks(DataSource connection, FluentConfiguration configuration) {
        configuration
                .dataSource(connection)
                .callbacks(new Callback[0])
                .skipDefaultCallbacks(true)
                .cleanDisabled(true);
        request.baselineVersion().ifPresent(configuration::baselineVersion);
        request.baselineDescription().ifPresent(configuration::baselineDescription);
        // Those that are programs Flyway does not count among its default ones.
        configuration
                .callbackLocations(new Location[0])
                .resourceProvider(new ScriptCallbacks(configuration).without());
        return withSessionLock(configuration).load();
    }

    private FluentConfiguration configured(FoundFiles migrations) {
        return configured()
                .resourceProvider(migrations)
                .javaMigrationClassProvider(List::of)
                .skipDefaultCallbacks(true);
    }

    private FluentConfiguration configured() {
        FluentConfiguration configuration =
                Flyway.configure(FlywayConfiguration.class.getClassLoader())
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
        if (WORDS.contains(configuration.getBaselineVersion())) {
            throw new InvalidConfigurationException(
                    "flyway.baselineVersion has to be a version, such as 1 or 2.3, and is a word: "
                            + configuration.getBaselineVersion());
        }
        return configuration;
    }
}
