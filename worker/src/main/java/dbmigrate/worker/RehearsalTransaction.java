package dbmigrate.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * One transaction in which Flyway believes to commit, and which is rolled back in the end.
 *
 * <ol>
 *   <li>The connection that Flyway gets swallows {@code setAutoCommit}, {@code commit}, {@code
 *       rollback} and {@code close}: a {@link FlywayTransaction} does what they would.
 *   <li>A {@link CommitGuard} waits for a commit that comes all the same, as a statement of a
 *       script, and makes it fail.
 *   <li>Whatever ends a transaction is refused before it gets there, in each of the statements that
 *       the driver makes of a text. A ROLLBACK is what nothing on the server could refuse.
 *   <li>After each statement the transaction's number is compared: another one's is an error.
 *   <li>Where the transaction has ended for all that, another one begins under the same guard for
 *       what Flyway still does before it gives up.
 * </ol>
 */
final class RehearsalTransaction implements InvocationHandler {
    private static final Pattern SET_CONSTRAINTS =
            Pattern.compile("set\\s+constraints\\b", Pattern.CASE_INSENSITIVE);

    private final Connection connection;
    private final RehearsalLimit limit;
    private final FlywayTransaction flyways;
    private final CommitGuard guard;
    private final LockPatience patience;
    private @Nullable String objection;

    private RehearsalTransaction(
            Connection connection, RehearsalLimit limit, LockPatience patience) {
        this.connection = connection;
        this.limit = limit;
        this.patience = patience;
        this.flyways = new FlywayTransaction(connection);
        this.guard = new CommitGuard(connection);
    }

    /** Begins it on a connection, which whoever calls rolls back in the end. */
    static RehearsalTransaction begin(
            Connection connection, RehearsalLimit limit, Duration lockTimeout) throws SQLException {
        connection.setAutoCommit(false);
        RehearsalTransaction begun =
                new RehearsalTransaction(
                        connection, limit, new LockPatience(connection, lockTimeout));
        begun.guard.stand();
        return begun;
    }

    /** The connection for Flyway. */
    Connection decorated() {
        return (Connection)
                Proxy.newProxyInstance(
                        RehearsalTransaction.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        this);
    }

    /** Which statement of a script would have ended the transaction, if one would. */
    Optional<String> objection() {
        return Optional.ofNullable(objection);
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        switch (method.getName()) {
            case "close" -> {
                return null;
            }
            case "getAutoCommit" -> {
                return flyways.isAutoCommit();
            }
            case "setAutoCommit" -> {
                flyways.setAutoCommit(arguments != null && Boolean.TRUE.equals(arguments[0]));
                return null;
            }
            case "commit" -> {
                flyways.commit();
                return null;
            }
            case "rollback" -> {
                if (arguments == null || arguments.length == 0) {
                    flyways.rollback();
                    return null;
                }
            }
            default -> {}
        }
        if (method.getName().startsWith("prepare")) {
            refuse(text(arguments));
        }
        Object result = called(connection, method, arguments);
        return result instanceof Statement statement ? guarded(statement) : result;
    }

    /** The SQL that a method is given, if any. */
    private static String text(@Nullable Object @Nullable [] arguments) {
        return arguments != null && arguments.length > 0 && arguments[0] instanceof String text
                ? text
                : "";
    }

    private Statement guarded(Statement statement) {
        Class<?> type =
                statement instanceof java.sql.CallableStatement
                        ? java.sql.CallableStatement.class
                        : statement instanceof java.sql.PreparedStatement
                                ? java.sql.PreparedStatement.class
                                : Statement.class;
        InvocationHandler handler =
                (_, method, arguments) -> {
                    if (method.getName().startsWith("execute")) {
                        return executed(statement, method, arguments);
                    }
                    if (method.getName().equals("addBatch")) {
                        refuse(text(arguments));
                    }
                    return called(statement, method, arguments);
                };
        return (Statement)
                Proxy.newProxyInstance(
                        RehearsalTransaction.class.getClassLoader(),
                        new Class<?>[] {type},
                        handler);
    }

    private @Nullable Object executed(
            Statement statement, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        List<String> sent = refuse(text(arguments));
        boolean constraints =
                sent.stream().anyMatch(sql -> SET_CONSTRAINTS.matcher(sql).lookingAt());
        // Outside of a transaction each statement is one by itself: one that fails harms no other.
        boolean alone = flyways.isAutoCommit();
        if (alone) {
            flyways.begin();
        }
        try {
            flyways.note(sent);
            if (constraints) {
                guard.aside();
            }
            Object result = called(statement, method, arguments);
            if (hasJustEnded() || isAnotherOne()) {
                throw new SQLException(objection, CommitGuard.TERMINATION);
            }
            if (constraints && !flyways.hasEnded()) {
                guard.armAgain();
            }
            if (!flyways.hasEnded()) {
                patience.holdBehind(sent);
            }
            // A result that is still to be read bears it: the driver has fetched all rows.
            if (alone) {
                flyways.release();
            }
            return result;
        } catch (SQLException e) {
            hasJustEnded();
            if (alone) {
                flyways.undo();
            }
            throw e;
        }
    }

    /** What the driver sends of a text; refuses what must not be sent. */
    private List<String> refuse(String text) throws SQLException {
        // Outside of Flyway's transactions it only tidies up.
        if (limit.isOver() && !flyways.isAutoCommit()) {
            throw new SQLException("the rehearsal's time is over", "57014");
        }
        List<String> sent = SentStatements.in(text, connection);
        Optional<String> ends = sent.stream().filter(SentStatements::endsTransaction).findFirst();
        if (ends.isPresent()) {
            String word = ends.get().split("\\W", 2)[0].toUpperCase(Locale.ROOT);
            objection =
                    "it ends its transaction itself by %s, which a rehearsal refuses"
                            .formatted(word);
            throw new SQLException(objection, CommitGuard.TERMINATION);
        }
        return sent;
    }

    private boolean hasJustEnded() throws SQLException {
        if (connection.isClosed()
                || connection.unwrap(BaseConnection.class).getTransactionState()
                        != TransactionState.IDLE) {
            return false;
        }
        flyways.end();
        objection = "it ends its transaction itself, which a rehearsal refuses";
        guard.stand();
        return true;
    }

    /** What was done between the two, if anything, may stand: all that is left is to say so. */
    private boolean isAnotherOne() throws SQLException {
        if (guard.isOfThisTransaction()) {
            return false;
        }
        flyways.end();
        objection =
                "it ends its transaction itself and begins another one, which a rehearsal could not refuse: look at what stands of it";
        guard.stand();
        return true;
    }

    private static @Nullable Object called(
            Object object, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(object, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
