package dbmigrate.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.Configuration;

/** Where a rehearsal runs, and so what cannot be rehearsed there. */
enum RehearsalPlace {
    /** In the target, in one transaction that is rolled back. */
    TARGET {
        @Override
        Optional<String> objection(
                MigrationInfo migration,
                Optional<MigrationScript> withoutRollback,
                Configuration configuration,
                Connection connection) {
            if (MigrationScript.isNonTransactional(migration)) {
                return Optional.of(
                        "it runs without a transaction: it has CONCURRENTLY, VACUUM or the like, or executeInTransaction=false");
            }
            return withoutRollback.map(script ->
                    "it ends its transaction itself, in line %d"
                            .formatted(script.lines().get(script.commits().orElseThrow())));
        }
    },
    /** In a scratch database, which is dropped; what is the whole server's would stay. */
    SCRATCH {
        @Override
        Optional<String> objection(
                MigrationInfo migration,
                Optional<MigrationScript> withoutRollback,
                Configuration configuration,
                Connection connection)
                throws SQLException {
            try {
                MigrationScript script = MigrationScript.read(migration, configuration, connection);
                for (int i = 0; i < script.statements().size(); i++) {
                    String sql = SqlText.withoutComments(script.statements().get(i)).strip();
                    if (OF_THE_SERVER.matcher(sql).lookingAt()) {
                        return Optional.of(
                                "line %d works on the whole server, where it would stay: a scratch database holds no roles, databases, tablespaces, subscriptions or settings of the server"
                                        .formatted(script.lines().get(i)));
                    }
                }
                return Optional.empty();
            } catch (FlywayException e) {
                // Flyway itself will say so.
                return Optional.empty();
            }
        }
    };

    /**
     * Statements on shared catalogs (PostgreSQL's documentation, 52.1), what writes files or starts
     * programs of the server, and what reaches out to another one. GRANT without ON is of a role.
     */
    private static final Pattern OF_THE_SERVER =
            Pattern.compile(
                    """
                    (create|alter|drop)\\s+(role|user(?!\\s+mapping)|group|database|tablespace|subscription)\\b
                    |alter\\s+system\\b
                    |(grant|revoke)\\b((?!\\bon\\b).)*\\z
                    |(grant|revoke)\\b((?!\\bon\\b).)*\\bon\\s+(database|tablespace|parameter)\\b
                    |(comment|security\\s+label)\\b((?!\\bis\\b).)*\\bon\\s+(role|database|tablespace|subscription)\\b
                    |(reassign|drop)\\s+owned\\b
                    |copy\\b.*\\bto\\s+(program\\b|'|e')
                    |copy\\b.*\\bfrom\\s+program\\b
                    """,
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL | Pattern.COMMENTS);

    /**
     * Why a migration cannot be rehearsed here, if it cannot.
     *
     * @param withoutRollback its script, where no roll-back undoes it
     */
    abstract Optional<String> objection(
            MigrationInfo migration,
            Optional<MigrationScript> withoutRollback,
            Configuration configuration,
            Connection connection)
            throws SQLException;

    boolean isScratch() {
        return this == SCRATCH;
    }
}
