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
        Optional<String> objectionToSql(
                MigrationInfo migration,
                Optional<MigrationScript> withoutRollback,
                Configuration configuration,
                Connection connection)
                throws SQLException {
            if (MigrationScript.isNonTransactional(migration)) {
                return Optional.of(
                        "it runs without a transaction: it has CONCURRENTLY, VACUUM or the like, or executeInTransaction=false");
            }
            if (withoutRollback.isPresent()) {
                MigrationScript script = withoutRollback.get();
                return Optional.of(
                        "it ends its transaction itself, in line %d"
                                .formatted(script.lines().get(script.commits().orElseThrow())));
            }
            Optional<String> ofTheTransaction =
                    lineThat(OF_THE_TRANSACTION, migration, configuration, connection)
                            .map(line ->
                                    "line %d is about the whole transaction or session, which is the rehearsal's"
                                            .formatted(line));
            return ofTheTransaction.isPresent()
                    ? ofTheTransaction
                    : lineThat(SETS_A_SEQUENCE, migration, configuration, connection)
                            .map(line ->
                                    "line %d has setval, which no roll-back undoes"
                                            .formatted(line));
        }
    },
    /** In a scratch database, which is dropped; what is the whole server's would stay. */
    SCRATCH {
        @Override
        Optional<String> objectionToSql(
                MigrationInfo migration,
                Optional<MigrationScript> withoutRollback,
                Configuration configuration,
                Connection connection)
                throws SQLException {
            return lineThat(OF_THE_SERVER, migration, configuration, connection)
                    .map(line ->
                            "line %d works on the whole server, where it would stay: a scratch database holds no roles, databases, tablespaces, subscriptions, prepared transactions or settings of the server"
                                    .formatted(line));
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
                    |copy\\b.*\\bto\\s+(program\\b|(e|u&)?'|\\$)
                    |copy\\b.*\\bfrom\\s+program\\b
                    |prepare\\s+transaction\\b
                    |(do|create\\s+(or\\s+replace\\s+)?(function|procedure))\\b.*
                        \\b(create|alter|drop)\\s+
                        (role|user(?!\\s+mapping)|group|database|tablespace|subscription)\\b
                    """,
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL | Pattern.COMMENTS);

    /** What has to come first in a transaction, and what drops the rehearsal's guard. */
    private static final Pattern OF_THE_TRANSACTION =
            Pattern.compile(
                    "(set\\s+(local\\s+)?transaction|discard\\s+temp(orary)?)\\b",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern ADDS_AN_ENUM_VALUE =
            Pattern.compile(
                    "alter\\s+type\\b.*\\badd\\s+value\\b",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Also in a DO block or in the body of a function, which may be called. */
    private static final Pattern SETS_A_SEQUENCE =
            Pattern.compile(".*\\bsetval\"?\\s*\\(", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /**
     * Why a migration cannot be rehearsed here, if it cannot.
     *
     * @param withoutRollback its script, where no roll-back undoes it
     */
    Optional<String> objection(
            MigrationInfo migration,
            Optional<MigrationScript> withoutRollback,
            Configuration configuration,
            Connection connection)
            throws SQLException {
        return MigrationScript.isSql(migration)
                ? objectionToSql(migration, withoutRollback, configuration, connection)
                : Optional.of("it is no SQL but a program: nothing undoes what that does");
    }

    abstract Optional<String> objectionToSql(
            MigrationInfo migration,
            Optional<MigrationScript> withoutRollback,
            Configuration configuration,
            Connection connection)
            throws SQLException;

    /** Whether a script has a statement that adds a value to an enum. */
    static boolean addsEnumValues(
            MigrationInfo migration, Configuration configuration, Connection connection)
            throws SQLException {
        return lineThat(ADDS_AN_ENUM_VALUE, migration, configuration, connection).isPresent();
    }

    /** Where the first statement begins that the pattern fits. */
    private static Optional<Integer> lineThat(
            Pattern pattern,
            MigrationInfo migration,
            Configuration configuration,
            Connection connection)
            throws SQLException {
        try {
            MigrationScript script = MigrationScript.read(migration, configuration, connection);
            for (int i = 0; i < script.statements().size(); i++) {
                for (String sql : SentStatements.in(script.statements().get(i), connection)) {
                    if (pattern.matcher(sql).lookingAt()) {
                        return Optional.of(script.lines().get(i));
                    }
                }
            }
            return Optional.empty();
        } catch (FlywayException e) {
            // Flyway itself will say so.
            return Optional.empty();
        }
    }

    boolean isScratch() {
        return this == SCRATCH;
    }
}
