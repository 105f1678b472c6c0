package dbmigrate.credentials;

import dbmigrate.aws.UrlConnections;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Calls of AWS within the time of one request. What may pass (throttling, a fault of the service,
 * the network) is asked again until {@link #PATIENCE} or the request's time is over.
 */
record AwsCalls(Deadline deadline) {
    /** So long a service or the network may be away; longer is a fault that somebody must mend. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * CloudFormation calls within seconds of making the role, and IAM takes some to tell everybody.
     */
    static final Duration UNTIL_A_POLICY_HOLDS = Duration.ofSeconds(15);

    private static final Duration ONE_TRY = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** The HTTP client of the JDK, which weighs nothing, with limits. */
    static SdkHttpClient http() {
        return new UrlConnections(ONE_TRY);
    }

    /** One try a call: the SDK's own pauses know nothing of the function's time. */
    static void limits(ClientOverrideConfiguration.Builder client) {
        client.apiCallTimeout(ONE_TRY).retryStrategy(tries -> tries.maxAttempts(1));
    }

    /** Calls. */
    <T> T call(String action, String resource, Supplier<T> call) {
        return call(action, resource, Optional.empty(), call);
    }

    /**
     * Calls.
     *
     * @param action as a policy names it
     * @param resource what it is about, for the message
     * @param hidden a password that the call holds
     * @throws AwsCallException what the service said last
     * @throws CredentialsException where no time was left to ask
     */
    <T> T call(String action, String resource, Optional<String> hidden, Supplier<T> call) {
        if (deadline.isOver()) {
            throw new CredentialsException(
                    "no time was left for %s on %s".formatted(action, resource));
        }
        Deadline patience = deadline.atMost(PATIENCE);
        Deadline untilAllowed = deadline.atMost(UNTIL_A_POLICY_HOLDS);
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return call.get();
            } catch (AbortedException e) {
                throw new CredentialsException("the function's time was over during " + action);
            } catch (SdkException e) {
                Deadline until = isDenied(code(e)) ? untilAllowed : patience;
                if (until.left().compareTo(pause) <= 0 || !mayPass(e)) {
                    throw AwsCallException.of(action, resource, hidden, e);
                }
                until.pause(pause);
                Duration twice = pause.multipliedBy(2);
                pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
            }
        }
    }

    /** Whether a code says that a policy forbids the call; the services have several words. */
    static boolean isDenied(String code) {
        return code.startsWith("AccessDenied") || code.equals("UnauthorizedOperation");
    }

    private static String code(SdkException failure) {
        return failure instanceof AwsServiceException service
                ? Optional.ofNullable(service.awsErrorDetails())
                        .map(AwsErrorDetails::errorCode)
                        .orElse("")
                : "";
    }

    private static boolean mayPass(SdkException failure) {
        if (failure instanceof SdkServiceException service) {
            return service.statusCode() >= 500
                    || service.isThrottlingException()
                    || isDenied(code(failure));
        }
        return failure instanceof ApiCallTimeoutException
                || failure instanceof ApiCallAttemptTimeoutException
                || failure.getCause() instanceof IOException;
    }
}
