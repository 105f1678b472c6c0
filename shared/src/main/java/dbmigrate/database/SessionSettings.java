package dbmigrate.database;

import java.time.Duration;
import java.util.Map;

/**
 * How a session with the server behaves. Parameters that an older server does not know are left
 * out.
 *
 * @param parameters run-time parameters of PostgreSQL, set once the session stands, so that they
 *     win over those of the URL and of the role
 * @param socketTimeout how long an answer may take before the connection counts as dead; zero for
 *     ever
 */
public record SessionSettings(Map<String, String> parameters, Duration socketTimeout) {
    public SessionSettings {
        parameters = Map.copyOf(parameters);
    }

    /**
     * For the process rows: short statements, and a session that the server ends by itself when its
     * function is frozen, so that it neither holds a key nor keeps Aurora from pausing.
     */
    public static SessionSettings forRows() {
        return new SessionSettings(
                Map.of(
                        "statement_timeout", "5s",
                        // Shorter, so that the state tells a held row from a slow server.
                        "lock_timeout", "4s",
                        "idle_in_transaction_session_timeout", "10s",
                        "idle_session_timeout", "60s"),
                Duration.ofSeconds(6));
    }

    /**
     * For migrations: no time-out of an application or a role cuts one short, none waits long for a
     * lock with the application's statements queued behind it, and the server notices within
     * seconds that its client is gone.
     *
     * @param lockTimeout how long a statement may wait for a lock; zero for ever
     */
    public static SessionSettings forMigrations(Duration lockTimeout) {
        return new SessionSettings(
                Map.ofEntries(
                        Map.entry("statement_timeout", "0"),
                        Map.entry("lock_timeout", lockTimeout.toMillis() + "ms"),
                        Map.entry("transaction_timeout", "0"),
                        Map.entry("idle_in_transaction_session_timeout", "0"),
                        Map.entry("idle_session_timeout", "0"),
                        Map.entry("client_connection_check_interval", "1s"),
                        Map.entry("tcp_keepalives_idle", "5"),
                        Map.entry("tcp_keepalives_interval", "2"),
                        Map.entry("tcp_keepalives_count", "3"),
                        Map.entry("tcp_user_timeout", "10s")),
                Duration.ZERO);
    }
}
