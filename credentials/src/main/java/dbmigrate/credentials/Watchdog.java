package dbmigrate.credentials;

import dbmigrate.database.InvalidDatabaseUrlException;
import dbmigrate.log.Log;
import dbmigrate.settings.InvalidEnvironmentException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Has the work done on a thread of its own, and has an outcome whatever comes of it: an exception,
 * an error such as no memory, or nothing at all in the time that there is.
 */
final class Watchdog {
    private Watchdog() {}

    /** The outcome; of a Delete it is always success, since nothing would be gained by staying. */
    static Outcome outcome(CustomResource resource, RequestTime time) {
        Outcome outcome = watched(resource, time);
        if (outcome instanceof Outcome.Failure failure
                && resource.event().type() == ResourceEvent.Type.DELETE) {
            return new Outcome.Success(
                    Optional.empty(), Optional.of("the secret stays: " + failure.reason()));
        }
        return outcome;
    }

    private static Outcome watched(CustomResource resource, RequestTime time) {
        Log log = resource.log();
        FutureTask<Outcome> work = new FutureTask<>(resource::perform);
        try {
            // A daemon, so that nothing waits for it; past its deadline it calls nobody any more.
            Thread.ofPlatform().daemon().name("custom-resource").start(work);
            return work.get(time.watchdog().left().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return failure(e.getCause() == null ? e : e.getCause(), log);
        } catch (TimeoutException e) {
            work.cancel(true);
            log.error("the function's time is nearly over", e);
            return new Outcome.Failure(
                    "the function's time was over before it was done; what it has begun is found and continued when you deploy again. The function's log says how far it came");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failure(e, log);
        } catch (Error e) {
            // No thread to be had, for example.
            return failure(e, log);
        }
    }

    private static Outcome failure(Throwable cause, Log log) {
        log.error("the request failed", cause);
        return new Outcome.Failure(
                switch (cause) {
                    case CredentialsException known -> String.valueOf(known.getMessage());
                    case AwsCallException known -> String.valueOf(known.getMessage());
                    case InvalidEnvironmentException known -> String.valueOf(known.getMessage());
                    // It shows nothing of a URL but the part that is wrong.
                    case InvalidDatabaseUrlException known -> String.valueOf(known.getMessage());
                    default ->
                            "a fault of db-migrate or of its surroundings, %s; the function's log has more. What was begun is found and continued when you deploy again"
                                    .formatted(cause.getClass().getName());
                });
    }
}
