package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateTest {
    private static final URI SQS = URI.create("http://127.0.0.1:9324");
    private static final String QUEUE_URL =
            "http://127.0.0.1:9324/000000000000/MigrationQueue.fifo";

    private final Template template =
            Template.read(Main.home().resolve("template.yaml"), Map.of("DatabaseUrl", "url"), SQS);

    @TempDir Path folder;

    @Test
    void functionsHaveHandlerPackageTimeOutAndMemory() {
        var worker = function("WorkerFunction");
        assertEquals("dbmigrate.worker.WorkerHandler::handleRequest", worker.handler());
        assertEquals("worker/target/worker.zip", worker.codeUri());
        assertEquals(Duration.ofSeconds(900), worker.timeout());
        assertEquals(1024, worker.memory());
    }

    @Test
    void variablesOfAllFunctionsAreResolved() {
        var variables = function("RouterFunction").environment();
        assertEquals("url", variables.get("DATABASE_URL"));
        assertEquals("postgresql", variables.get("DB_TYPE"));
        assertEquals("local", variables.get("STACK_NAME"));
        assertEquals("", variables.get("ALLOWED_DATABASES"));
        assertEquals(QUEUE_URL, variables.get("MIGRATION_QUEUE_URL"));
        assertEquals("20", variables.get("MAX_WAITERS"));
        assertFalse(function("WorkerFunction").environment().containsKey("MAX_WAITERS"));
    }

    @Test
    void workerAndDeadLettersGetOneMessageAtATime() {
        assertEquals(
                List.of(
                        new Template.Mapping("MigrationQueue.fifo", "WorkerFunction", 1, 10, true),
                        new Template.Mapping(
                                "MigrationDeadLetterQueue.fifo", "DeadLetterFunction", 1, 2, true)),
                template.mappings());
    }

    @Test
    void everyRequestReachesTheRouterAndHealthAloneIsUnsigned() {
        assertEquals(
                List.of(
                        new Template.Route("GET /health", "RouterFunction", false),
                        new Template.Route("$default", "RouterFunction", true)),
                template.routes());
    }

    @Test
    void whatOnlyADeploymentHasIsLeftOut() {
        var variables = function("RouterFunction").environment();
        assertFalse(variables.containsKey("DATABASE_SECRET_ARN"));
        assertFalse(variables.containsKey("AWS_ENDPOINT_URL_SQS"));
        assertEquals(Optional.empty(), function("RouterFunction").reserved());
    }

    @Test
    void functionsThatAConditionLeavesOutAreNotHosted() {
        assertEquals(
                List.of("RouterFunction", "WorkerFunction", "DeadLetterFunction"),
                template.functions().stream().map(Template.Function::name).toList());
    }

    /** Whose database it is the authoriser is not told, wherever a variable comes from. */
    @Test
    void authoriserOfKeysIsTheTemplatesAndIsToldNothingOfTheDatabase() throws IOException {
        var read =
                Template.read(
                        Main.home().resolve("template.yaml"),
                        Map.of(
                                "DatabaseUrl",
                                "url",
                                "ApiAuth",
                                "api-key",
                                "ApiKeySecretArn",
                                "arn:of-keys"),
                        SQS);
        var authorizer =
                read.functions().stream()
                        .filter(function -> function.name().equals("ApiKeyAuthorizerFunction"))
                        .findFirst()
                        .orElseThrow();
        assertEquals("dbmigrate.router.ApiKeyAuthorizer::handleRequest", authorizer.handler());
        assertEquals(Duration.ofSeconds(10), authorizer.timeout());
        assertEquals(Map.of("API_KEY_SECRET_ARN", "arn:of-keys"), authorizer.environment());
        var handedOn =
                Map.of(
                        "API_KEY_SECRET_ARN", "arn:of-keys",
                        "AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:5000",
                        "DATABASE_URL", "url",
                        "DATABASE_SECRET_ARN", "arn",
                        "MIGRATION_QUEUE_URL", QUEUE_URL);
        var client = new RuntimeClient(List.of(), folder);
        var variables = HostedFunction.of(authorizer, folder, client, handedOn).environment();
        assertEquals(
                List.of("API_KEY_SECRET_ARN", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
                handedOn.keySet().stream().filter(variables::containsKey).sorted().toList());
        assertEquals(Set.of(), function("RouterFunction").withheld());
    }

    /** CloudFormation does not check it where an alias is used. */
    @Test
    void visibilityIsAtLeastTheTimeOutOfTheFunctionThatReads() {
        for (var mapping : template.mappings()) {
            var queue =
                    template.queues().stream()
                            .filter(q -> q.name().equals(mapping.queue()))
                            .findFirst()
                            .orElseThrow();
            int visibility = (Integer) queue.properties().getOrDefault("VisibilityTimeout", 30);
            assertTrue(visibility >= function(mapping.function()).timeout().toSeconds());
        }
    }

    @Test
    void conditionChoosesAndNoValueLeavesOut() throws IOException {
        var read =
                read(
                        """
                        Parameters:
                          List: {Type: CommaDelimitedList, Default: "a,b"}
                        Conditions:
                          Given: !Not [!Equals [!Join ["", !Ref List], ""]]
                        Resources:
                          Queue:
                            Type: AWS::SQS::Queue
                            Properties:
                              DelaySeconds: !If [Given, 1, 2]
                              KmsMasterKeyId: !If [Given, !Ref AWS::NoValue, key]
                              MessageRetentionPeriod: !Sub "${AWS::Region} ${Queue.Arn}"
                        """);
        assertEquals(
                Map.of(
                        "DelaySeconds",
                        1,
                        "MessageRetentionPeriod",
                        "us-east-1 arn:aws:sqs:us-east-1:000000000000:Queue"),
                read.queues().getFirst().properties());
    }

    @Test
    void referenceToNothingIsRefusedByName() {
        var refused =
                assertThrows(
                        LocalException.class,
                        () ->
                                read(
                                        """
                                        Resources:
                                          Queue:
                                            Type: AWS::SQS::Queue
                                            Properties: {DelaySeconds: !Ref Absent}
                                        """));
        assertEquals(
                "template.yaml refers to Absent, which has no value here.", refused.getMessage());
    }

    private Template read(String yaml) throws IOException {
        return Template.read(
                Files.writeString(folder.resolve("template.yaml"), yaml), Map.of(), SQS);
    }

    private Template.Function function(String name) {
        return template.functions().stream()
                .filter(function -> function.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
