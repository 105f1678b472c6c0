package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.MotoServer;
import dbmigrate.testing.TestPostgres;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** What the custom resource does where nothing is in its way. */
@Tag("database")
@Timeout(120)
class CredentialsHandlerTest {
    private static MotoServer moto;
    private static AwsFront aws;
    private static SecretsManagerClient secrets;
    private Scenario stack;

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start(CredentialsHandlerTest.class);
        aws = new AwsFront(moto);
        secrets = client(moto);
    }

    /** Past the front: what the tests see of the secrets is what is there. */
    static SecretsManagerClient client(MotoServer moto) {
        return SecretsManagerClient.builder()
                .region(Region.EU_WEST_1)
                .endpointOverride(URI.create(moto.endpoint().toString()))
                .httpClient(AwsCalls.http())
                .build();
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            secrets.close();
            aws.close();
            moto.close();
        }
    }

    @BeforeEach
    void makeStack() throws Exception {
        stack = new Scenario(aws, secrets);
    }

    @AfterEach
    void dropStack() {
        stack.close();
    }

    @Test
    void createMakesASecretWhosePasswordLogsIn() {
        Scenario.Heard heard = stack.create();

        assertEquals("SUCCESS", heard.status(), heard::reason);
        assertEquals("AWSCURRENT; AWSCURRENT logs in", stack.left());
        assertTrue(heard.attribute("SecretArn").startsWith("arn:aws:secretsmanager:"));
        assertEquals(stack.database.role, heard.attribute("Username"));
        assertEquals(
                "postgresql://%s:%d/shop"
                        .formatted(TestPostgres.shared().host(), TestPostgres.shared().port()),
                heard.attribute("DatabaseUrl"));
        assertEquals(List.of(), stack.bucket.refused());
    }

    @Test
    void secretHasTheShapeOfTheRotationTemplates() {
        stack.create();
        String content = stack.content("AWSCURRENT").orElseThrow();
        assertEquals(
                "{\"engine\":\"postgres\",\"username\":\"%s\",\"password\":\"…\",\"host\":\"%s\",\"port\":%d,\"dbname\":\"shop\"}"
                        .formatted(
                                stack.database.role,
                                TestPostgres.shared().host(),
                                TestPostgres.shared().port()),
                content.replace(stack.password("AWSCURRENT").orElseThrow(), "…"));
    }

    @Test
    void stepsAreInTheOrderThatLeavesNobodyOutside() {
        stack.create();
        assertEquals(
                List.of(
                        "rds:DescribeDBClusters",
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:CreateSecret",
                        "secretsmanager:GetRandomPassword",
                        "secretsmanager:PutSecretValue",
                        "rds:ModifyDBCluster",
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:ListSecretVersionIds",
                        "secretsmanager:UpdateSecretVersionStage"),
                stack.wire.calls());
    }

    @Test
    void answerIsCopiedFromTheEvent() {
        var answer = stack.create().body().orElseThrow();
        for (String name : List.of("StackId", "RequestId", "LogicalResourceId")) {
            assertEquals(stack.event.get(name), answer.string(name).orElseThrow());
        }
        assertEquals(
                "stack-%s/DatabaseCredentials".formatted(stack.database.role),
                answer.string("PhysicalResourceId").orElseThrow());
    }

    @Test
    void physicalIdStaysWhatItWas() {
        stack.create();
        stack.event.put("PhysicalResourceId", "what-it-was");
        for (Scenario.Heard heard : List.of(stack.update("2"), stack.delete())) {
            assertEquals(
                    "what-it-was",
                    heard.body().orElseThrow().string("PhysicalResourceId").orElseThrow());
        }
    }

    @Test
    void updateWithAnotherRotationIdMakesAnotherPassword() {
        stack.create();
        String first = stack.password("AWSCURRENT").orElseThrow();
        Scenario.Heard heard = stack.update("2");

        assertEquals("SUCCESS", heard.status(), heard::reason);
        assertEquals("AWSCURRENT; AWSCURRENT logs in", stack.left());
        assertNotEquals(first, stack.password("AWSCURRENT").orElseThrow());
        assertEquals(first, stack.password("AWSPREVIOUS").orElseThrow());
    }

    @Test
    void updateWithTheSameRotationIdChangesNothing() {
        stack.create();
        String first = stack.password("AWSCURRENT").orElseThrow();
        stack.properties.put("DeleteSecret", "true");
        int before = stack.wire.calls().size();
        Scenario.Heard heard = stack.update("1");

        assertEquals("SUCCESS", heard.status(), heard::reason);
        assertEquals(stack.database.role, heard.attribute("Username"));
        assertEquals(first, stack.password("AWSCURRENT").orElseThrow());
        assertTrue(
                stack.wire.calls().stream()
                        .skip(before)
                        .noneMatch(call -> call.startsWith("rds:Modify")));
    }

    @Test
    void databaseNameThatIsTakenAwayIsThatOfRdsAgain() {
        stack.variables.put("DATABASE_NAME", "other");
        stack.create();
        stack.variables.remove("DATABASE_NAME");
        String url = stack.update("1").attribute("DatabaseUrl");
        assertTrue(url.endsWith("/shop"), url);
    }

    @Test
    void instanceIsChangedThroughItsOwnCalls() {
        stack.variables.remove("DATABASE_CLUSTER_IDENTIFIER");
        stack.variables.put("DATABASE_INSTANCE_IDENTIFIER", stack.database.identifier);
        stack.database.engine = "postgres";
        Scenario.Heard heard = stack.create();

        assertEquals("SUCCESS", heard.status(), heard::reason);
        assertEquals("AWSCURRENT; AWSCURRENT logs in", stack.left());
        assertTrue(stack.wire.calls().contains("rds:ModifyDBInstance"));
    }

    @Test
    void databaseNameOfTheEnvironmentWins() {
        stack.variables.put("DATABASE_NAME", "two words");
        String url = stack.create().attribute("DatabaseUrl");
        assertTrue(url.endsWith("/two%20words"), url);
    }
}
