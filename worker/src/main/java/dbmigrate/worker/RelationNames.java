package dbmigrate.worker;

import dbmigrate.database.Connector;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.SessionSettings;
import dbmigrate.log.Log;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The names of the target's relations, which a session with another database knows by number alone.
 * Each is asked for once an attempt, in a session with the target that lasts no longer than its
 * answer: one that stayed would take a slot, and CREATE INDEX CONCURRENTLY waits for transactions.
 *
 * <p>The session is opened on a thread of its own. A server that lets nobody in, or whose catalog
 * is locked, must not keep the heartbeat from renewing the lease.
 */
final class RelationNames {
    /** How long the heartbeat waits for a name; one that comes later is there for the next beat. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private final DatabaseUrl target;
    private final Log log;
    private final Map<Long, CompletableFuture<Optional<String>>> names = new HashMap<>();

    RelationNames(DatabaseUrl target, Log log) {
        this.target = target;
        this.log = log;
    }

    /**
     * A relation's name with its schema, quoted where SQL would quote it; empty where it is not
     * there yet, cannot be had, or is another transaction's secret: what a migration made and has
     * not committed nobody else can see.
     */
    Optional<String> of(long oid) {
        CompletableFuture<Optional<String>> known = names.get(oid);
        if (known != null) {
            return known.getNow(Optional.empty());
        }
        try {
            return asked(oid).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a name is completed with a value alone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Asks for a name; what is asked for here comes to an end, with a name or without. */
    CompletableFuture<Optional<String>> asked(long oid) {
        CompletableFuture<Optional<String>> name = new CompletableFuture<>();
        names.put(oid, name);
        Thread.ofPlatform().daemon().name("relation-name").start(() -> name.complete(read(oid)));
        return name;
    }

    private Optional<String> read(long oid) {
        String sql =
                """
                select quote_ident(nspname) || '.' || quote_ident(relname)
                from pg_class join pg_namespace on pg_namespace.oid = relnamespace
                where pg_class.oid = ?
                """;
        try (Connection connection = Connector.connect(target, SessionSettings.forRows());
                PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, oid);
            ResultSet row = select.executeQuery();
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        } catch (SQLException | RuntimeException e) {
            log.warn("the relation %d could not be named; it is shown as null".formatted(oid), e);
            return Optional.empty();
        }
    }
}
