package dbmigrate.local;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** One event on its way through an instance. */
final class Invocation {
    final String id = UUID.randomUUID().toString();
    final byte[] event;

    /** Completed when the runtime asks for the event. */
    final CompletableFuture<Void> taken = new CompletableFuture<>();

    /** Completed when the runtime tells the result. */
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    Invocation(byte[] event) {
        this.event = event;
    }
}
