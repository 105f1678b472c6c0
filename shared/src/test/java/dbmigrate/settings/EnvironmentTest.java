package dbmigrate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.IamCredentials;
import dbmigrate.database.Login;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
    private static final String ARN =
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf";

    @Test
    void everyProblemIsNamedAtOnceAndNoValueIs() {
        Environment environment =
                new Environment(
                        Map.of(
                                "DATABASE_URL", "postgresql://u:hunter2@host:port/db",
                                "CREATE_BY_GLOB", "perhaps"));
        ServerSettings.read(environment);
        environment.flag("CREATE_BY_GLOB");
        environment.required("MIGRATION_QUEUE_URL", url -> url);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("DATABASE_URL"), message);
        assertTrue(message.contains("CREATE_BY_GLOB"), message);
        assertTrue(message.contains("MIGRATION_QUEUE_URL is missing"), message);
        assertFalse(message.contains("hunter2"), message);
    }

    @Test
    void typeThatDisagreesWithTheUrlIsRefusedByName() {
        Environment environment =
                new Environment(
                        Map.of("DATABASE_URL", "postgresql://u:p@h/db", "DB_TYPE", "mysql"));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("DB_TYPE") && message.contains("mysql"), message);
    }

    @Test
    void proxyIsRefusedForWhatItDoesToLocks() {
        Environment environment =
                new Environment(
                        Map.of(
                                "DATABASE_URL",
                                "postgresql://u:p@app.proxy-abc.eu-west-1.rds.amazonaws.com/db"));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("RDS Proxy") && message.contains("lock"), message);
    }

    @Test
    void urlNeedsNoUserBesideASecret() {
        Environment environment =
                new Environment(
                        Map.of("DATABASE_URL", "postgresql://h/db", "DATABASE_SECRET_ARN", ARN));
        ServerSettings server = ServerSettings.read(environment).orElseThrow();
        environment.verify();
        assertEquals("h:5432/db", server.url().address());
    }

    @Test
    void userIsNeededWithoutASecret() {
        Environment environment =
                new Environment(
                        Map.of("DATABASE_URL", "postgresql://h/db", "DATABASE_SECRET_ARN", ""));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("user") && message.contains("DATABASE_SECRET_ARN"), message);
    }

    @Test
    void secretThatIsNoArnIsRefusedByNameBesideTheOthers() {
        Environment environment =
                new Environment(
                        Map.of(
                                "DATABASE_URL", "postgresql://u@h:port/db",
                                "DATABASE_SECRET_ARN", "hunter2"));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("DATABASE_SECRET_ARN: must be the ARN"), message);
        assertTrue(message.contains("DATABASE_URL: the port"), message);
        assertFalse(message.contains("hunter2"), message);
    }

    @Test
    void tokensTakeThePasswordsPlace() {
        Environment environment =
                new Environment(
                        Map.of(
                                "DATABASE_URL", "postgresql://u@h/db?sslmode=verify-full",
                                "DATABASE_AUTH", "iam",
                                "AWS_REGION", "eu-west-1"));
        ServerSettings server = ServerSettings.read(environment).orElseThrow();
        environment.verify();
        assertInstanceOf(IamCredentials.class, server.processUrl().credentials());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "password"})
    void passwordIsTheDefault(String auth) {
        Environment environment =
                new Environment(
                        Map.of("DATABASE_URL", "postgresql://u:p@h/db", "DATABASE_AUTH", auth));
        ServerSettings server = ServerSettings.read(environment).orElseThrow();
        environment.verify();
        assertInstanceOf(Login.class, server.url().credentials());
    }

    @Test
    void wayToLogInThatThereIsNotIsRefusedByName() {
        Environment environment =
                new Environment(
                        Map.of("DATABASE_URL", "postgresql://u:p@h/db", "DATABASE_AUTH", "IAM!"));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("DATABASE_AUTH: must be password or iam"), message);
    }

    @Test
    void secretBesideTokensIsRefusedByNameWithEverythingElse() {
        Environment environment =
                new Environment(
                        Map.of(
                                "DATABASE_URL", "postgresql://u:hunter2@h/db",
                                "DATABASE_AUTH", "iam",
                                "DATABASE_SECRET_ARN", ARN));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("DATABASE_SECRET_ARN is of no use"), message);
        assertTrue(message.contains("DATABASE_URL: the password is of no use"), message);
        assertFalse(message.contains("hunter2"), message);
    }

    /** A user's name is libpq's default for the database's, also where another user logs in. */
    @Test
    void databaseIsNamedAlsoWhereTheUrlHasNoUser() {
        Environment environment =
                new Environment(
                        Map.of("DATABASE_URL", "postgresql://h", "DATABASE_SECRET_ARN", ARN));
        ServerSettings.read(environment);
        String message =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(message.contains("the database's name is empty"), message);
    }

    @Test
    void emptyVariableIsAnAbsentOne() {
        Environment environment = new Environment(Map.of("PROCESS_DATABASE", "", "A", " , b,c "));
        assertEquals(Optional.empty(), environment.text("PROCESS_DATABASE"));
        assertEquals(Set.of("b", "c"), environment.names("A"));
    }
}
