package dbmigrate.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A transaction of Flyway's within a {@link RehearsalTransaction}, which is a savepoint there. What
 * is deferred to the commit is done where Flyway commits, and what a commit undoes. Where the
 * rehearsal's transaction has ended nothing of that is done any more.
 */
final class FlywayTransaction {
    private static final String SAVEPOINT = "db_migrate_step";

    private final Connection connection;
    private final CommitEffects effects;
    private boolean autoCommit = true;
    private boolean dirty;
    private boolean ended;

    FlywayTransaction(Connection connection) {
        this.connection = connection;
        this.effects = new CommitEffects(connection);
    }

    /** Whether Flyway believes each statement to be a transaction of its own. */
    boolean isAutoCommit() {
        return autoCommit;
    }

    void setAutoCommit(boolean wanted) throws SQLException {
        if (wanted != autoCommit) {
            if (wanted) {
                committed();
            } else {
                begin();
            }
            autoCommit = wanted;
        }
    }

    void commit() throws SQLException {
        if (!autoCommit) {
            committed();
            begin();
        }
    }

    private void committed() throws SQLException {
        if (dirty && !ended) {
            DeferredConstraints.check(connection);
            release();
        } else if (!ended) {
            execute("release savepoint " + SAVEPOINT);
        }
    }

    void rollback() throws SQLException {
        if (!ended && !autoCommit) {
            execute("rollback to savepoint " + SAVEPOINT);
            dirty = false;
            effects.forget();
        }
    }

    /** Begins it, also for one statement alone. */
    void begin() throws SQLException {
        if (!ended) {
            execute("savepoint " + SAVEPOINT);
            dirty = false;
            effects.forget();
        }
    }

    /** Notes what is about to be sent. */
    void note(List<String> statements) throws SQLException {
        dirty = true;
        for (String sql : statements) {
            effects.note(sql);
        }
    }

    /** Ends that of one statement, which went well. */
    void release() throws SQLException {
        if (!ended) {
            effects.happen();
            execute("release savepoint " + SAVEPOINT);
        }
    }

    /** Ends that of one statement, which failed. */
    void undo() throws SQLException {
        if (!ended && !connection.isClosed()) {
            execute("rollback to savepoint " + SAVEPOINT);
        }
    }

    /** The rehearsal's transaction has ended. */
    void end() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
