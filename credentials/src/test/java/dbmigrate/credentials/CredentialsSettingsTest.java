package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.settings.InvalidEnvironmentException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CredentialsSettingsTest {
    @Test
    void everyMissingVariableIsNamedAtOnce() {
        String message =
                String.valueOf(
                        assertThrows(
                                        InvalidEnvironmentException.class,
                                        () -> CredentialsSettings.read(Map.of()))
                                .getMessage());
        for (String name :
                new String[] {
                    "DATABASE_CLUSTER_IDENTIFIER",
                    "DATABASE_INSTANCE_IDENTIFIER",
                    "SECRET_NAME",
                    "STACK_ID",
                    "AWS_REGION"
                }) {
            assertTrue(message.contains(name), message);
        }
    }

    @Test
    void emptyVariablesCountAsAbsent() {
        CredentialsSettings settings =
                CredentialsSettings.read(
                        Map.of(
                                "DATABASE_CLUSTER_IDENTIFIER", "c",
                                "DATABASE_INSTANCE_IDENTIFIER", "",
                                "SECRET_NAME", "stack/DatabaseCredentials",
                                "STACK_ID", "a stack",
                                "SECRET_KMS_KEY_ARN", "",
                                "DATABASE_NAME", "",
                                "AWS_REGION", "eu-west-1"));
        assertEquals(new DatabaseIdentifier.Cluster("c"), settings.database());
        assertEquals(Optional.empty(), settings.kmsKey());
        assertEquals(Optional.empty(), settings.databaseName());
    }

    @Test
    void nameThatSecretsManagerDoesNotTakeIsRefused() {
        String message =
                String.valueOf(
                        assertThrows(
                                        InvalidEnvironmentException.class,
                                        () ->
                                                CredentialsSettings.read(
                                                        Map.of(
                                                                "DATABASE_CLUSTER_IDENTIFIER", "c",
                                                                "SECRET_NAME", "two words",
                                                                "AWS_REGION", "eu-west-1")))
                                .getMessage());
        assertTrue(message.contains("SECRET_NAME: must be"), message);
    }
}
