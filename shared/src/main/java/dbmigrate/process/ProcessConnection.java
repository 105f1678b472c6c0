package dbmigrate.process;

import dbmigrate.database.Connector;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.Identifier;
import dbmigrate.database.SessionSettings;
import dbmigrate.database.SqlState;
import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.ServerSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to the process rows, kept while the function is warm.
 *
 * <p>How work on the rows runs:
 *
 * <ol>
 *   <li>A connection is opened when there is none: to the maintenance database, or, where the role
 *       may not create a schema there, to the database {@code db_migrate}, which is created for it.
 *   <li>The work runs. No round trip is spent on asking whether connection and schema are in order.
 *   <li>A statement that misses the schema makes it and runs again.
 *   <li>A kept connection that turns out to be dead or demoted is replaced once and the work
 *       repeated; whoever passes work in makes sure that a repetition does no harm.
 * </ol>
 */
public final class ProcessConnection implements AutoCloseable {
    private final ServerSettings server;
    private final boolean mayPrepare;
    private DatabaseUrl url;
    private @Nullable Connection connection;
    private @Nullable OpeningConnection ahead;

    public ProcessConnection(ServerSettings server) {
        this(server, true);
    }

    private ProcessConnection(ServerSettings server, boolean mayPrepare) {
        this.server = server;
        this.url = server.processUrl();
        this.mayPrepare = mayPrepare;
    }

    /** A connection that makes no schema: work that misses it fails. */
    public static ProcessConnection asItIs(ServerSettings server) {
        return new ProcessConnection(server, false);
    }

    /** Work on the rows. */
    @FunctionalInterface
    public interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /**
     * Runs work on the rows.
     *
     * @throws ProcessRowsException when the server cannot be had or refuses the work; the
     *     connection is then let go
     * @throws ProcessRowsForbiddenException when the role may not keep rows on this server
     */
    public synchronized <T> T call(Work<T> work) throws SQLException {
        boolean mayReopen = connection != null || ahead != null;
        boolean mayPrepareStill = mayPrepare;
        boolean unprepared = false;
        while (true) {
            try {
                if (unprepared) {
                    prepare(opened());
                    unprepared = false;
                }
                return work.on(opened());
            } catch (SQLException e) {
                if (mayPrepareStill && connection != null && SqlState.isSchemaBehind(e)) {
                    mayPrepareStill = false;
                    unprepared = true;
                } else {
                    // What cannot be opened now has been waited for.
                    mayReopen &= connection != null;
                    discard(e);
                    throwIfForbidden(e);
                    if (!mayReopen || !SqlState.isSessionGone(e)) {
                        throw new ProcessRowsException(e);
                    }
                    mayReopen = false;
                }
            }
        }
    }

    /** Begins a transaction with this work; {@link #commit} or {@link #rollback} ends it. */
    synchronized <T> T begin(Work<T> work) throws SQLException {
        return call(open -> {
            open.setAutoCommit(false);
            return work.on(open);
        });
    }

    /**
     * Commits the transaction.
     *
     * @throws CommitUnknownException when the server's answer did not arrive
     */
    synchronized void commit() {
        try {
            opened().commit();
            opened().setAutoCommit(true);
        } catch (SQLException e) {
            discard(e);
            throw new CommitUnknownException(e);
        }
    }

    /** Rolls the transaction back; where that fails the session ends, and the server rolls back. */
    synchronized void rollback() {
        try {
            opened().rollback();
            opened().setAutoCommit(true);
        } catch (SQLException e) {
            discard(e);
        }
    }

    /**
     * Runs work on the session that is kept and on no other: none is opened for it, and nothing is
     * repeated. For work that rests on what the session holds, or whose time is short.
     *
     * @param atMost how long an answer may take, where that is shorter than usual
     * @throws SQLException 08003 when no session is kept, or what the work ended with; the session
     *     is then let go
     */
    synchronized <T> T onKept(Duration atMost, Work<T> work) throws SQLException {
        Connection kept = connection;
        if (kept == null) {
            throw new SQLException("no session is kept", SqlState.CONNECTION_DOES_NOT_EXIST);
        }
        try {
            int usual = kept.getNetworkTimeout();
            // 0 would mean "for ever".
            int limit = (int) Math.max(1, Math.min(usual, atMost.toMillis()));
            kept.setNetworkTimeout(Runnable::run, limit);
            T result = work.on(kept);
            kept.setNetworkTimeout(Runnable::run, usual);
            return result;
        } catch (SQLException e) {
            discard(e);
            throw e;
        }
    }

    /**
     * Begins to open the connection, where there is none, beside what its caller does next. The
     * next work waits for it, and gets it or the failure as though it had opened it itself.
     */
    public synchronized void openAhead() {
        if (connection == null && ahead == null) {
            ahead = OpeningConnection.begin(this::open);
        }
    }

    /** Lets go of the connection, also of one that is being opened; the next work opens one. */
    @Override
    public synchronized void close() throws SQLException {
        forgetAhead();
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }

    private Connection opened() throws SQLException {
        if (connection == null) {
            OpeningConnection begun = ahead;
            // Whatever comes of it, it is asked once.
            ahead = null;
            connection = begun == null ? open() : begun.opened();
        }
        return connection;
    }

    private void forgetAhead() {
        OpeningConnection unused = ahead;
        ahead = null;
        if (unused != null) {
            unused.close();
        }
    }

    private Connection open() throws SQLException {
        try {
            return Connector.connect(url, SessionSettings.forRows());
        } catch (SQLException e) {
            boolean mayNotConnect = SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState());
            if (!mayNotConnect || isFallback()) {
                throw e;
            }
            return openFallback(e);
        }
    }

    /**
     * Makes the schema where the connection stands or, where that is forbidden, in the fallback.
     */
    private void prepare(Connection open) throws SQLException {
        try {
            if (!open.getAutoCommit()) {
                open.rollback();
            }
            ProcessSchema.prepare(open);
        } catch (SQLException e) {
            if (!SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState()) || isFallback()) {
                throw e;
            }
            createFallback(open);
            discard(e);
            connection = openFallback(e);
            ProcessSchema.prepare(connection);
        }
    }

    private Connection openFallback(SQLException why) throws SQLException {
        DatabaseUrl fallback =
                server.url().withDatabase(AllowedDatabases.FALLBACK_PROCESS_DATABASE);
        try {
            Connection open = Connector.connect(fallback, SessionSettings.forRows());
            url = fallback;
            return open;
        } catch (SQLException e) {
            e.addSuppressed(why);
            throw e;
        }
    }

    private void createFallback(Connection open) throws SQLException {
        String name = AllowedDatabases.FALLBACK_PROCESS_DATABASE;
        try (Statement statement = open.createStatement()) {
            // It may take longer than a statement on the rows; the next caller finds it made.
            statement.execute("set statement_timeout = 0");
            // template1 may be in use by somebody, template0 never is.
            statement.execute("create database " + Identifier.quote(name) + " template template0");
        } catch (SQLException e) {
            if (!SqlState.saysDatabaseExists(e)) {
                throw e;
            }
        }
    }

    private boolean isFallback() {
        return url.database().equals(AllowedDatabases.FALLBACK_PROCESS_DATABASE);
    }

    private void throwIfForbidden(SQLException e) {
        if (SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
            throw new ProcessRowsForbiddenException(server, e);
        }
    }

    private void discard(SQLException failure) {
        forgetAhead();
        Connection open = connection;
        connection = null;
        if (open != null) {
            Connector.close(open, failure);
        }
    }
}
