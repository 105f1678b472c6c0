package dbmigrate.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * The session as Flyway uses it, with less waiting. Everything that Flyway asks is asked; what is
 * saved is round trips.
 *
 * <ol>
 *   <li>What needs no answer (SET ROLE, the search path) is kept back and sent in front of the next
 *       prepared statement, in one round trip with it. No script's statement is one: before it,
 *       before a transaction begins and before anything else that the driver is asked for, what is
 *       kept back is sent by itself. So a script's statement is always alone on its way, and its
 *       errors, its position and its text in {@code pg_stat_activity} are its own.
 *   <li>The line of the history is kept back in the same way for the COMMIT, which the server does
 *       only where the line was written.
 *   <li>Questions to the catalog that followed a statement the last time are sent along with it,
 *       and inside a migration's transaction the one for what is new in the history. An answer is
 *       given where its question comes next, the same to the letter, and nothing was sent since: so
 *       nothing that this session did can have changed it. Else it is thrown away.
 *   <li>In the same way the unlocking that follows the COMMIT of a migration is sent along with it,
 *       and the locking for the next one. The server does it only where the COMMIT has succeeded. A
 *       lock that nobody asks for then is let go before anything else is sent.
 * </ol>
 *
 * <p>Sent together are statements of one extended-query message sequence (documentation,
 * "Frontend/Backend Protocol", "Pipelining"): each is one of its own for the server.
 */
final class PipelinedConnection implements InvocationHandler {
    private final Connection connection;
    private final KeptBack keptBack;
    private final AskedAhead ahead = new AskedAhead();

    private PipelinedConnection(Connection connection) {
        this.connection = connection;
        this.keptBack = new KeptBack(connection);
    }

    static Connection of(Connection connection) {
        return proxy(Connection.class, new PipelinedConnection(connection));
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        switch (method.getName()) {
            case "getAutoCommit", "isClosed", "hashCode", "toString" -> {}
            case "equals" -> {
                return proxy == Objects.requireNonNull(arguments)[0];
            }
            case "prepareStatement" -> {
                if (Objects.requireNonNull(arguments).length == 1) {
                    String sql = (String) Objects.requireNonNull(arguments[0]);
                    return proxy(PreparedStatement.class, new PipelinedStatement(this, sql));
                }
                sendKeptBack();
            }
            case "getMetaData" -> {
                if (!keptBack.isEmpty()) {
                    sendKeptBack();
                }
            }
            case "setAutoCommit" -> {
                if (!Objects.requireNonNull(arguments)[0].equals(connection.getAutoCommit())) {
                    changeMode();
                }
            }
            case "commit" -> {
                commit();
                return null;
            }
            case "rollback" -> {
                if (arguments == null) {
                    // It would be undone by it.
                    keptBack.clear();
                }
                sendKeptBack();
            }
            default -> sendKeptBack();
        }
        Object result = called(connection, method, arguments);
        return result instanceof Statement statement ? alone(statement, method) : result;
    }

    /** Whatever is asked of a statement that is not pipelined, all before it is sent. */
    private Object alone(Statement statement, Method created) {
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    sendKeptBack();
                    return called(statement, method, arguments);
                };
        return proxy(created.getReturnType(), handler);
    }

    /** Keeps back what needs no answer. */
    void keepBack(PreparedCall call) {
        keptBack.add(call);
    }

    /**
     * Keeps back a line of the history for the COMMIT that follows it, where there is to be one.
     *
     * @return false where it has to be sent at once
     */
    boolean keepBackLine(PreparedCall call) throws SQLException {
        if (connection.getAutoCommit()) {
            return false;
        }
        ahead.wrote(call);
        keptBack.add(call);
        return true;
    }

    /** Takes that back; what was kept before it is sent. */
    void takeBack(PreparedCall call) throws SQLException {
        keptBack.remove(call);
        sendKeptBack();
    }

    /** A statement that is not pipelined, for what a pipelined one cannot do. */
    PreparedStatement alone(PreparedCall call) throws SQLException {
        sendKeptBack();
        PreparedStatement statement = connection.prepareStatement(call.sql());
        call.bind(statement, 0);
        return statement;
    }

    /** Sends what is kept back by itself; whatever comes then nobody can foresee. */
    void sendKeptBack() throws SQLException {
        forget();
        if (!keptBack.isEmpty()) {
            keptBack.sendWith(List.of()).release();
        }
        keptBack.forgetRole();
    }

    private void forget() throws SQLException {
        Optional<PreparedCall> locked = ahead.forget();
        if (locked.isPresent()) {
            String unlocking = FlywayStatements.unlocking(locked.get().sql());
            keptBack.sendWith(List.of(PreparedCall.of(unlocking))).release();
        }
    }

    /** Asks something, or gives the answer that was asked for ahead. */
    PipelinedAnswer query(PreparedCall call) throws SQLException {
        Optional<PipelinedAnswer> known = ahead.answer(call, !keptBack.isSetAlready());
        if (known.isPresent()) {
            return known.get();
        }
        Sent sent = sendWithFollowers(call, key(call));
        return new PipelinedAnswer(sent, sent.rows());
    }

    /** Sends what changes something. */
    Sent update(PreparedCall call) throws SQLException {
        return sendWithFollowers(call, key(call));
    }

    private String key(PreparedCall call) throws SQLException {
        return FlywayStatements.key(call.sql(), !connection.getAutoCommit());
    }

    private void commit() throws SQLException {
        if (keptBack.hasLine()) {
            sendWithFollowers(PreparedCall.of("COMMIT"), FlywayStatements.COMMIT_OF_A_MIGRATION)
                    .release();
        } else {
            sendKeptBack();
            connection.commit();
        }
    }

    /** What is kept back belongs before it; pgjdbc itself sends BEGIN with what comes next. */
    private void changeMode() throws SQLException {
        boolean commits =
                connection.unwrap(BaseConnection.class).getTransactionState()
                        != TransactionState.IDLE;
        if (commits || !keptBack.isEmpty()) {
            sendKeptBack();
        }
    }

    private Sent sendWithFollowers(PreparedCall call, String key) throws SQLException {
        forget();
        List<PreparedCall> followers = ahead.followers(key);
        Sent sent = keptBack.sendWith(Stream.concat(Stream.of(call), followers.stream()).toList());
        ahead.sent(key);
        for (PreparedCall follower : followers) {
            ahead.asked(follower, sent.next());
        }
        return sent;
    }

    static @Nullable Object called(
            Object target, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        PipelinedConnection.class.getClassLoader(),
                        new Class<?>[] {type},
                        handler));
    }
}
