package dbmigrate.worker;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Gives Flyway the one connection that holds the migration lock, however often it asks, and does
 * not let Flyway close it: with the connection the lock would go.
 */
final class SingleConnection implements DataSource, InvocationHandler {
    private final Connection connection;
    private final Connection kept;
    private final Set<String> passedOver = new HashSet<>();

    SingleConnection(Connection connection) {
        this.connection = connection;
        this.kept =
                (Connection)
                        Proxy.newProxyInstance(
                                SingleConnection.class.getClassLoader(),
                                new Class<?>[] {Connection.class},
                                this);
    }

    /** The statements have done their work already: Flyway's own is passed over, once each. */
    void passOver(Collection<String> statements) {
        passedOver.addAll(statements);
    }

    @Override
    public Connection getConnection() {
        return kept;
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("close")) {
            return null;
        }
        try {
            Object result = method.invoke(connection, arguments);
            return method.getName().equals("createStatement") && !passedOver.isEmpty()
                    ? passingOver((Statement) Objects.requireNonNull(result))
                    : result;
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private Statement passingOver(Statement statement) {
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    try {
                        if (method.getName().equals("execute") && passedOver.remove(arguments[0])) {
                            return statement.execute("select 'done by an earlier attempt'");
                        }
                        return method.invoke(statement, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                };
        return (Statement)
                Proxy.newProxyInstance(
                        SingleConnection.class.getClassLoader(),
                        new Class<?>[] {Statement.class},
                        handler);
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("there is one connection, with one user");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLFeatureNotSupportedException("nothing is wrapped that Flyway needs");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter writer) throws SQLException {
        throw new SQLFeatureNotSupportedException("no log is written here");
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        throw new SQLFeatureNotSupportedException("the connection stands already");
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("java.util.logging is not used");
    }
}
