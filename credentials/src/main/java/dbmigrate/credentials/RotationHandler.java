package dbmigrate.credentials;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dbmigrate.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** The function that Secrets Manager calls for each step of a rotation. */
public final class RotationHandler implements RequestStreamHandler {
    /** For the last words of a function whose time is over. */
    private static final Duration RESERVE = Duration.ofSeconds(5);

    private final RotationSettings settings;

    /**
     * What Lambda calls.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    public RotationHandler() {
        this(RotationSettings.read(System.getenv()));
    }

    RotationHandler(RotationSettings settings) {
        this.settings = settings;
    }

    /**
     * {@inheritDoc}
     *
     * @throws RotationFailedException that says why; Secrets Manager then repeats the rotation
     */
    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        Log request = Log.ofRequest(context.getAwsRequestId());
        try {
            RotationEvent event = RotationEvent.read(input);
            Log log = request.with("step", event.step()).with("token", event.token());
            AwsCalls calls =
                    new AwsCalls(
                            Deadline.in(
                                    Duration.ofMillis(context.getRemainingTimeInMillis())
                                            .minus(RESERVE)));
            try (RotatedSecret secret =
                    new RotatedSecret(settings.secretArn(), settings.region(), calls)) {
                new Rotation(settings, secret, new RotatedServer(settings), log).take(event);
            }
            log.info("the step is done");
        } catch (CredentialsException | AwsCallException e) {
            request.error("the rotation failed: " + e.getMessage(), e);
            throw new RotationFailedException(String.valueOf(e.getMessage()));
        }
    }
}
