package dbmigrate.credentials;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dbmigrate.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;

/**
 * The function behind the custom resource {@code Custom::DatabaseCredentials}. CloudFormation is
 * answered whatever happens, before Lambda ends the function; everything is set up inside the
 * request, since a constructor that fails could answer nobody.
 */
public final class CredentialsHandler implements RequestStreamHandler {
    private final Map<String, String> variables;

    /** What Lambda calls. */
    public CredentialsHandler() {
        this(System.getenv());
    }

    CredentialsHandler(Map<String, String> variables) {
        this.variables = variables;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException where S3 does not take the answer
     */
    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        RequestTime time = RequestTime.of(Duration.ofMillis(context.getRemainingTimeInMillis()));
        ResourceEvent event = ResourceEvent.read(input, variables);
        Log log =
                Log.ofRequest(context.getAwsRequestId())
                        .with("requestType", event.type())
                        .with("logicalResourceId", event.logicalId());
        CustomResource resource = new CustomResource(event, variables, time.work(), log);
        Outcome outcome = Watchdog.outcome(resource, time);
        log.info(
                switch (outcome) {
                    case Outcome.Success success ->
                            "SUCCESS" + success.note().map(note -> ": " + note).orElse("");
                    case Outcome.Failure failure -> "FAILED: " + failure.reason();
                });
        AnswerSender.send(
                event.responseUrl(), new ResourceAnswer(event, outcome).bytes(), time.answer());
        log.info("CloudFormation has its answer");
    }
}
