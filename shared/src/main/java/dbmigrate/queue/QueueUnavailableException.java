package dbmigrate.queue;

import software.amazon.awssdk.core.exception.SdkException;

/** The queue did not accept a message, or its answer did not arrive. */
public final class QueueUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QueueUnavailableException(SdkException cause) {
        super("the migration queue did not accept the message", cause);
    }
}
