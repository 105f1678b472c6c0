package dbmigrate.worker;

import dbmigrate.worker.PreparedCall.Parameter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement of a {@link PipelinedConnection}, which exists for the driver only when it
 * is sent, with others. Where it is used for more than parameters, one execution and its answer, it
 * becomes one of the driver's own and is sent alone.
 */
final class PipelinedStatement implements InvocationHandler {
    private final PipelinedConnection connection;
    private PreparedCall call;
    private @Nullable Sent sent;
    private @Nullable PreparedStatement alone;
    private boolean isKeptBack;

    PipelinedStatement(PipelinedConnection connection, String sql) {
        this.connection = connection;
        this.call = PreparedCall.of(sql);
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (alone == null) {
            if (Parameter.isSetBy(method)) {
                call = call.with(Parameter.of(method, Objects.requireNonNull(arguments)));
                return null;
            }
            switch (method.getName()) {
                case "equals" -> {
                    return proxy == Objects.requireNonNull(arguments)[0];
                }
                case "hashCode" -> {
                    return System.identityHashCode(proxy);
                }
                case "toString" -> {
                    return call.sql();
                }
                case "close" -> {
                    release();
                    return null;
                }
                case "execute", "executeQuery", "executeUpdate" -> {
                    if (arguments == null && isPipelined(method)) {
                        return executed(method);
                    }
                }
                default -> {}
            }
            becomeAlone(method);
        } else if (!method.getName().equals("close")) {
            connection.sendKeptBack();
        }
        return PipelinedConnection.called(Objects.requireNonNull(alone), method, arguments);
    }

    /** What is run without telling what kind of answer is expected may have several. */
    private boolean isPipelined(Method method) {
        return !method.getName().equals("execute") || FlywayStatements.needsNoAnswer(call.sql());
    }

    private Object executed(Method method) throws SQLException {
        release();
        switch (method.getName()) {
            case "execute" -> {
                connection.keepBack(call);
                isKeptBack = true;
                return false;
            }
            case "executeQuery" -> {
                PipelinedAnswer answer = connection.query(call);
                sent = answer.sent();
                return answer.rows();
            }
            default -> {
                if (FlywayStatements.writesHistory(call.sql()) && connection.keepBackLine(call)) {
                    isKeptBack = true;
                    return 1;
                }
                sent = connection.update(call);
                return sent.changed();
            }
        }
    }

    /** Somebody wants to know of it after all what it has answered. */
    private void becomeAlone(Method method) throws SQLException {
        if (isKeptBack) {
            connection.takeBack(call);
        }
        alone = connection.alone(call);
        if (isKeptBack && !method.getName().startsWith("execute")) {
            alone.execute();
        }
        isKeptBack = false;
    }

    private void release() throws SQLException {
        isKeptBack = false;
        if (sent != null) {
            sent.release();
            sent = null;
        }
    }
}
