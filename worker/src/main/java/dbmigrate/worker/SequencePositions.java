package dbmigrate.worker;

import dbmigrate.log.Log;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a database's sequences stand: {@code setval} is undone by no roll-back, and one that a
 * rehearsal has set back would give the application numbers that it has already.
 *
 * @param positions by oid; those that this role may not read and set are left out, and those that
 *     cycle, which come back by themselves
 */
record SequencePositions(Map<Long, Position> positions) {
    /** Each sequence that is read is locked until the transaction's end. */
    private static final int AT_ONCE = 500;

    private static final String NEXT =
            """
            select oid, up, pg_catalog.pg_sequence_last_value(oid)
            from (select s.seqrelid as oid, s.seqincrement > 0 as up
                  from pg_catalog.pg_sequence s
                  join pg_catalog.pg_class c on c.oid = s.seqrelid
                  where c.relpersistence <> 't' and not s.seqcycle
                    and s.seqrelid > ?::bigint::oid
                    and has_sequence_privilege(s.seqrelid, 'select')
                    and has_sequence_privilege(s.seqrelid, 'update')
                  order by s.seqrelid limit %d) one
            order by oid
            """
                    .formatted(AT_ONCE);

    /**
     * Where one stands.
     *
     * @param last what it gave last
     */
    record Position(boolean up, long last) {
        boolean isBehind(Position before) {
            return up ? last < before.last : last > before.last;
        }
    }

    SequencePositions {
        positions = Map.copyOf(positions);
    }

    /**
     * Looks.
     *
     * @param connection outside of a transaction
     */
    static SequencePositions read(Connection connection) throws SQLException {
        Map<Long, Position> positions = new HashMap<>();
        long from = 0;
        int read;
        do {
            read = 0;
            try (PreparedStatement select = connection.prepareStatement(NEXT)) {
                select.setLong(1, from);
                ResultSet row = select.executeQuery();
                while (row.next()) {
                    read++;
                    from = row.getLong(1);
                    long last = row.getLong(3);
                    // One that has given nothing yet has nothing to give again.
                    if (!row.wasNull()) {
                        positions.put(from, new Position(row.getBoolean(2), last));
                    }
                }
            }
        } while (read == AT_ONCE);
        return new SequencePositions(positions);
    }

    /**
     * Puts them back behind a rehearsal.
     *
     * @param connection the rehearsal's; where it is gone another one is opened
     */
    void putBackBehind(Connection connection, TargetDatabase target, Log log) {
        try {
            if (connection.isClosed()) {
                try (Connection another = target.connect()) {
                    putBack(another, log);
                }
            } else {
                connection.setAutoCommit(true);
                putBack(connection, log);
            }
        } catch (SQLException e) {
            log.warn(
                    "the sequences could not be looked at: where a function called setval, one may stand behind what it gave",
                    e);
        }
    }

    /** Puts back those that stand behind where they stood. */
    private void putBack(Connection connection, Log log) throws SQLException {
        Map<Long, Position> now = read(connection).positions;
        for (Map.Entry<Long, Position> one : positions.entrySet()) {
            Position is = now.get(one.getKey());
            if (is == null || is.isBehind(one.getValue())) {
                putBack(connection, one.getKey(), one.getValue().last, log);
            }
        }
    }

    /** No row where it is no more. */
    private static void putBack(Connection connection, long oid, long last, Log log)
            throws SQLException {
        String sql =
                """
                select oid::regclass::text, setval(oid::regclass, ?)
                from pg_catalog.pg_class where oid = ?::bigint::oid
                """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, last);
            select.setLong(2, oid);
            ResultSet row = select.executeQuery();
            while (row.next()) {
                log.with("sequence", row.getString(1))
                        .warn("a rehearsed script set a sequence back; it stands as before again");
            }
        }
    }
}
