package dbmigrate.worker;

import dbmigrate.database.Identifier;
import dbmigrate.log.Log;
import dbmigrate.process.Attempt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A database in which a rehearsal runs, under a name that nobody else uses.
 *
 * <p>While its worker lives, a session with its maintenance database, whichever that is, holds an
 * advisory lock on the name. What a worker that died has left is known by its name and by a lock
 * that nobody holds: the next rehearsal of any process drops it.
 */
final class ScratchDatabase implements AutoCloseable {
    /** Followed by the process's id and the attempt's number. */
    private static final String PREFIX = "db_migrate_rehearsal_";

    /** Any number that nobody else takes; it is the ASCII of "dbmr". */
    private static final int LOCK_SPACE = 0x64_62_6d_72;

    private final WorkerSettings settings;
    private final Connection maintenance;
    private final String name;
    private final Log log;

    private ScratchDatabase(WorkerSettings settings, Connection maintenance, String name, Log log) {
        this.settings = settings;
        this.maintenance = maintenance;
        this.name = name;
        this.log = log;
    }

    /**
     * Drops what others have left, and creates one.
     *
     * @param locale clauses of CREATE DATABASE; empty for the server's own
     */
    static ScratchDatabase create(WorkerSettings settings, Attempt attempt, String locale, Log log)
            throws SQLException {
        String name =
                PREFIX + attempt.processId().toString().replace("-", "") + "_" + attempt.number();
        Connection maintenance = new TargetDatabase(settings, name).maintenance();
        ScratchDatabase scratch = new ScratchDatabase(settings, maintenance, name, log);
        try {
            scratch.dropLeftOnes();
            scratch.isLocked(name);
            scratch.execute(
                    "create database " + Identifier.quote(name) + " template template0 " + locale);
            return scratch;
        } catch (SQLException | RuntimeException e) {
            scratch.close();
            throw e;
        }
    }

    /** Drops what workers that died have left, where no other rehearsal comes to do it. */
    static void dropLeft(WorkerSettings settings, Log log) {
        try (Connection maintenance = new TargetDatabase(settings, PREFIX + "left").maintenance()) {
            new ScratchDatabase(settings, maintenance, PREFIX, log).dropLeftOnes();
        } catch (SQLException e) {
            log.warn("scratch databases of earlier attempts are left to the next rehearsal", e);
        }
    }

    String name() {
        return name;
    }

    /** Opens a session with it. */
    Connection connect() throws SQLException {
        return new TargetDatabase(settings, name).connect();
    }

    /** Those that this role may drop, and whose worker is no more. */
    private void dropLeftOnes() throws SQLException {
        List<String> left = new ArrayList<>();
        String sql =
                """
                select datname from pg_database
                where datname ~ ('^' || ? || '[0-9a-f]{32}_[0-9]+$')
                  and pg_has_role(datdba, 'usage')
                """;
        try (PreparedStatement select = maintenance.prepareStatement(sql)) {
            select.setString(1, PREFIX);
            ResultSet row = select.executeQuery();
            while (row.next()) {
                left.add(row.getString(1));
            }
        }
        for (String one : left) {
            if (!isHeld(one) && isLocked(one)) {
                drop(one);
                unlock(one);
            }
        }
    }

    private void drop(String database) {
        try {
            execute("drop database if exists " + Identifier.quote(database) + " with (force)");
            log.with("database", database).info("scratch database dropped");
        } catch (SQLException e) {
            log.with("database", database)
                    .warn("a scratch database could not be dropped; the next rehearsal tries", e);
        }
    }

    /**
     * Whether a session holds the lock on a name, with whatever maintenance database: another one's
     * locks are only seen here, not waited for.
     */
    private boolean isHeld(String database) throws SQLException {
        return is(
                """
                select exists (
                    select from pg_locks
                    where locktype = 'advisory' and objsubid = 2 and granted
                      and (classid::bigint, objid::bigint)
                          = (?::bigint & 4294967295, ?::bigint & 4294967295))
                """,
                database);
    }

    /** Takes the lock on a name, where nobody has it. */
    private boolean isLocked(String database) throws SQLException {
        return is("select pg_try_advisory_lock(?, ?)", database);
    }

    private void unlock(String database) throws SQLException {
        is("select pg_advisory_unlock(?, ?)", database);
    }

    private boolean is(String sql, String database) throws SQLException {
        try (PreparedStatement select = maintenance.prepareStatement(sql)) {
            select.setInt(1, LOCK_SPACE);
            // Two names with one hash only wait for each other's rehearsal.
            select.setInt(2, database.hashCode());
            ResultSet row = select.executeQuery();
            row.next();
            return row.getBoolean(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = maintenance.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Drops it, with whatever session is still there. */
    @Override
    public void close() {
        drop(name);
        try {
            maintenance.close();
        } catch (SQLException e) {
            log.warn("the session with the maintenance database did not end well", e);
        }
    }
}
