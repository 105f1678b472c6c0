package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The packaged function that Secrets Manager calls for each step of a rotation. */
final class HostedRotation implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int MEMORY = 512;

    private final FunctionPool pool;
    private final String arn;

    /**
     * @param workspace an empty folder
     * @param arn the secret that it rotates
     */
    HostedRotation(Path workspace, String arn, Map<String, String> environment) throws IOException {
        this.arn = arn;
        var function =
                new Template.Function(
                        "RotationFunction",
                        "dbmigrate.credentials.RotationHandler::handleRequest",
                        "credentials/target/credentials.zip",
                        PATIENCE,
                        MEMORY,
                        Map.of("DATABASE_SECRET_ARN", arn),
                        Set.of(),
                        Optional.empty());
        Path taskRoot =
                Zip.unpack(Main.home().resolve(function.codeUri()), workspace.resolve("rotation"));
        var client = RuntimeClient.unpack(Main.target().resolve("runtime-client"), workspace);
        pool = new FunctionPool(HostedFunction.of(function, taskRoot, client, environment), 1);
    }

    /** Takes a step, which goes well. */
    void take(String step, String token) throws InterruptedException {
        String event =
                "{\"Step\":\"%s\",\"SecretId\":\"%s\",\"ClientRequestToken\":\"%s\"}"
                        .formatted(step, arn, token);
        var outcome = pool.invoke(event.getBytes(StandardCharsets.UTF_8), PATIENCE);
        assertInstanceOf(Outcome.Answered.class, outcome, () -> step + ": " + outcome);
    }

    @Override
    public void close() {
        pool.close();
    }
}
