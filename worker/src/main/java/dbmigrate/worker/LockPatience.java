package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How long a rehearsal's statement waits for a lock, whatever a script says: who waits for an
 * ACCESS EXCLUSIVE lock has every later statement on that table queue up behind it. A shorter
 * patience is the script's own.
 */
record LockPatience(Connection connection, Duration longest) {
    /** Also in a DO block, which sets it by set_config or EXECUTE. */
    private static final Pattern MAY_SET =
            Pattern.compile("lock_timeout|\\breset\\s+all\\b", Pattern.CASE_INSENSITIVE);

    private static final String BOUND =
            """
            select set_config('lock_timeout', ?, false)
            from pg_catalog.pg_settings
            where name = 'lock_timeout' and setting::bigint not between 1 and ?
            """;

    /** Bounds it again behind statements that may have set it. */
    void holdBehind(List<String> sent) throws SQLException {
        if (sent.stream().noneMatch(sql -> MAY_SET.matcher(sql).find())) {
            return;
        }
        try (PreparedStatement select = connection.prepareStatement(BOUND)) {
            select.setString(1, longest.toMillis() + "ms");
            select.setLong(2, longest.toMillis());
            select.execute();
        }
    }
}
