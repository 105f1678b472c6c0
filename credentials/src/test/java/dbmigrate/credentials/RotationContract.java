package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import dbmigrate.testing.MotoServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The four steps, on one version of PostgreSQL or another. */
abstract class RotationContract {
    RotationFixture at;

    /** A session of the superuser. */
    abstract Connection superuser() throws SQLException;

    abstract int port();

    abstract MotoServer moto();

    @BeforeEach
    void begin() throws Exception {
        at = new RotationFixture(moto(), this::superuser, port());
    }

    @AfterEach
    void noPasswordIsPrinted() {
        if (at != null) {
            at.close();
        }
    }

    @Test
    void userGetsAnotherPasswordAndItsSessionsGoOn() throws Exception {
        try (Connection kept = at.login(at.user, at.text(1))) {
            at.rotate();
            assertTrue(kept.createStatement().execute("select 1"));
        }
        JsonObject now = at.value("AWSCURRENT");
        assertEquals(at.user, now.string("username").orElseThrow());
        assertEquals(32, now.string("password").orElseThrow().length());
        assertTrue(at.logsIn("AWSCURRENT"));
        assertFalse(at.logsIn(at.user, at.text(1)));
    }

    @Test
    void whatElseStandsInTheSecretStays() throws Exception {
        JsonObject before = at.value("AWSCURRENT");
        at.rotate();
        for (String name : List.of("engine", "host", "port", "own")) {
            assertEquals(before.members().get(name), at.value("AWSCURRENT").members().get(name));
        }
    }

    @Test
    void everyRotationMakesAnotherPassword() throws Exception {
        at.rotate();
        String first = at.value("AWSCURRENT").string("password").orElseThrow();
        at.rotate();
        assertNotEquals(first, at.value("AWSCURRENT").string("password").orElseThrow());
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    /** Secrets Manager repeats all steps with the same token. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "alternating"})
    void rotationThatDiedAfterAnyStepIsTakenToItsEnd(String kind) throws Exception {
        if (kind.equals("alternating")) {
            at.alternating();
        }
        for (int died = 0; died <= 4; died++) {
            String token = at.rotation.begin();
            for (String step : RotationFixture.STEPS.subList(0, died)) {
                at.take(step, token);
                at.take(step, token);
            }
            String made = died == 0 ? "" : at.moto.text(at.arn, "AWSPENDING");
            for (String step : RotationFixture.STEPS) {
                at.take(step, token);
            }
            at.rotation.ended(token);
            assertTrue(at.logsIn("AWSCURRENT"));
            assertTrue(made.isEmpty() || made.equals(at.moto.text(at.arn, "AWSCURRENT")));
        }
    }

    @Test
    void usersTakeTurnsAndTheOneWhoseTurnIsOverStillLogsIn() throws Exception {
        at.alternating();
        at.rotate();
        assertEquals(at.clone, at.value("AWSCURRENT").string("username").orElseThrow());
        assertTrue(at.logsIn(at.user, at.text(1)));
        assertEquals(
                at.query(attributes(at.user)), at.query(attributes(at.clone)), "the attributes");
        at.rotate();
        assertEquals(at.user, at.value("AWSCURRENT").string("username").orElseThrow());
        assertTrue(at.logsIn("AWSCURRENT"));
        assertTrue(at.logsIn("AWSPREVIOUS"));
        assertFalse(at.logsIn(at.user, at.text(1)));
    }

    private static String attributes(String user) {
        return """
        select concat_ws(' ', rolcanlogin, rolcreatedb, rolcreaterole, rolinherit, rolconnlimit,
                         array(select r.rolname from pg_auth_members m join pg_roles r on r.oid = roleid
                               where member = u.oid order by 1))
        from pg_roles u where rolname = '%s'
        """
                .formatted(user);
    }

    @Test
    void otherUserGetsWhatTheCurrentOneWasGrantedSince() throws Exception {
        at.alternating();
        at.rotate();
        at.execute(
                "set session authorization %s; create role \"new %s\"; grant \"new %2$s\" to %3$s; alter role %3$s nocreatedb connection limit 7"
                        .formatted(
                                RotationFixture.quoted(at.master),
                                at.mark.substring(0, 8),
                                RotationFixture.quoted(at.clone)));
        at.rotate();
        assertEquals(at.query(attributes(at.clone)), at.query(attributes(at.user)));
    }

    @Test
    void currentPasswordThatIsWrongIsMendedWithThePreviousOne() throws Exception {
        at.moto.setCurrent(at.arn, RotationFixture.secret(at.user, at.text(2)));
        at.rotate();
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    /**
     * A deployment has made AWSCURRENT another database's; this function is still told the former.
     */
    @Test
    void previousPasswordOfAnotherHostMendsNothing() throws Exception {
        String elsewhere =
                RotationFixture.secret(at.user, at.text(2)).replace("other.invalid", "b.invalid");
        at.moto.setCurrent(at.arn, elsewhere);
        String token = at.rotation.begin();
        at.take("createSecret", token);
        String said = at.refusal("setSecret", token);
        assertTrue(said.contains("see that DATABASE_URL is the server of AWSCURRENT"), said);
        assertEquals(elsewhere, at.moto.text(at.arn, "AWSCURRENT"));
        assertTrue(at.logsIn(at.user, at.text(1)));
    }

    @Test
    void passwordThatNobodyKnowsIsMendedByTheMasterUser() throws Exception {
        at.password(at.user, at.text(3));
        at.variables.put("ROTATION_MASTER_SECRET_ARN", at.masterArn);
        at.rotate();
        assertEquals(at.user, at.value("AWSCURRENT").string("username").orElseThrow());
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    @Test
    void userWhoMayNotChangeItsPasswordGetsItFromTheMasterUser() throws Exception {
        readOnly();
        at.variables.put("ROTATION_MASTER_SECRET_ARN", at.masterArn);
        at.rotate();
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    @Test
    void versionThatIsCurrentNeedsNothing() throws Exception {
        String token = at.rotation.begin();
        for (String step : RotationFixture.STEPS) {
            at.take(step, token);
        }
        at.password(at.user, at.text(4));
        for (String step : RotationFixture.STEPS) {
            at.take(step, token);
        }
        assertFalse(at.logsIn("AWSCURRENT"));
    }

    @Test
    void everyWrongVariableIsNamedAtTheStart() {
        String said =
                String.valueOf(
                        assertThrows(
                                        RuntimeException.class,
                                        () ->
                                                RotationSettings.read(
                                                        Map.of(
                                                                "DATABASE_URL",
                                                                "postgresql://h/d",
                                                                "DATABASE_OWNER_ROLE",
                                                                "none",
                                                                "ROTATION_MASTER_SECRET_ARN",
                                                                "no ARN")))
                                .getMessage());
        for (String name :
                List.of(
                        "DATABASE_SECRET_ARN",
                        "DATABASE_OWNER_ROLE",
                        "ROTATION_MASTER_SECRET_ARN")) {
            assertTrue(said.contains(name), said);
        }
    }

    private void readOnly() throws SQLException {
        at.execute(
                "alter role %s set default_transaction_read_only = on"
                        .formatted(RotationFixture.quoted(at.user)));
    }

    /** Something that goes wrong before a step; the steps before it are taken. */
    record Trouble(String name, String step, Change change, String... words) {
        @FunctionalInterface
        interface Change {
            String with(RotationContract test, String token) throws Exception;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Trouble trouble(
            String name, String step, Trouble.Change change, String... words) {
        return new Trouble(name, step, change, words);
    }

    static Stream<Trouble> troubles() {
        return Stream.of(
                trouble(
                        "another secret",
                        "createSecret",
                        (test, token) -> {
                            test.at.variables.put("DATABASE_SECRET_ARN", test.at.masterArn);
                            return token;
                        },
                        "DATABASE_SECRET_ARN and no other"),
                trouble(
                        "unknown step",
                        "nextSecret",
                        (_, token) -> token,
                        "createSecret, setSecret, testSecret, finishSecret"),
                trouble(
                        "rotation is not enabled",
                        "createSecret",
                        (test, token) -> {
                            test.at.rotation.disable();
                            return token;
                        },
                        "rotation is not enabled"),
                trouble(
                        "unknown token",
                        "createSecret",
                        (_, _) -> "00000000-0000-0000-0000-000000000000",
                        "00000000-0000-0000-0000-000000000000 of the secret is not staged as AWSPENDING"),
                trouble(
                        "AWSPENDING was taken away",
                        "setSecret",
                        (test, token) -> {
                            test.at.rotation.unstage(token, "AWSPENDING");
                            return token;
                        },
                        "is not staged as AWSPENDING"),
                trouble(
                        "another rotation has begun",
                        "setSecret",
                        (test, token) -> {
                            test.at.rotation.begin();
                            return token;
                        },
                        "is not staged as AWSPENDING"),
                trouble(
                        "the secret is marked for deletion",
                        "createSecret",
                        (test, token) -> {
                            test.at.moto.delete(test.at.arn);
                            return token;
                        },
                        "secretsmanager:GetSecretValue",
                        "InvalidRequestException"),
                trouble(
                        "the current version is no credentials",
                        "createSecret",
                        (test, _) -> {
                            test.at.moto.setCurrent(test.at.arn, "{\"username\": 1}");
                            return test.at.rotation.begin();
                        },
                        "AWSCURRENT of the secret is no JSON object"),
                trouble(
                        "the user was changed meanwhile",
                        "setSecret",
                        (test, token) -> {
                            test.at.moto.setCurrent(
                                    test.at.arn, RotationFixture.secret("somebody", "else"));
                            return token;
                        },
                        "AWSPENDING is of user user-",
                        "somebody is next"),
                trouble(
                        "neither password is right",
                        "setSecret",
                        (test, token) -> {
                            test.at.password(test.at.user, test.at.text(9));
                            return token;
                        },
                        "neither the current nor the previous password",
                        "ROTATION_MASTER_SECRET_ARN"),
                trouble(
                        "the user may not change its password",
                        "setSecret",
                        (test, token) -> {
                            test.readOnly();
                            return token;
                        },
                        "refuses a new password",
                        "SQLSTATE 25006",
                        "GRANT rds_password TO \"user-"),
                trouble(
                        "the server is not there",
                        "setSecret",
                        (test, token) -> {
                            test.at.variables.put("DATABASE_URL", "postgresql://127.0.0.1:1/x");
                            return token;
                        },
                        "cannot be reached"),
                trouble(
                        "the server's name is unknown",
                        "setSecret",
                        (test, token) -> {
                            test.at.variables.put("DATABASE_URL", "postgresql://no.invalid/x");
                            return token;
                        },
                        "cannot be resolved"),
                trouble(
                        "the server has no TLS",
                        "setSecret",
                        (test, token) -> {
                            test.at.variables.merge(
                                    "DATABASE_URL", "?sslmode=require", String::concat);
                            return token;
                        },
                        "do not agree on TLS"),
                trouble(
                        "the master's secret is missing",
                        "setSecret",
                        (test, token) -> {
                            test.at.variables.put("ROTATION_MASTER_SECRET_ARN", test.at.masterArn);
                            test.at.password(test.at.user, test.at.text(9));
                            test.at.moto.delete(test.at.masterArn);
                            return token;
                        },
                        "Secrets Manager does not give the secret arn:aws"),
                trouble(
                        "the master's password is wrong",
                        "setSecret",
                        (test, token) -> {
                            test.at.variables.put("ROTATION_MASTER_SECRET_ARN", test.at.masterArn);
                            test.at.password(test.at.user, test.at.text(9));
                            test.at.password(test.at.master, test.at.text(8));
                            return token;
                        },
                        "refuses user or password"),
                trouble(
                        "the server does not have the password",
                        "testSecret",
                        (test, token) -> {
                            test.at.password(test.at.user, test.at.text(9));
                            return token;
                        },
                        "refuses the new password of user user-"),
                trouble(
                        "the server has lost the password since",
                        "finishSecret",
                        (test, token) -> {
                            test.at.password(test.at.user, test.at.text(9));
                            return token;
                        },
                        "refuses the new password of user user-"),
                trouble(
                        "two users and no owner",
                        "createSecret",
                        (test, _) -> {
                            test.at.moto.setCurrent(
                                    test.at.arn,
                                    "{\"username\":\"u\",\"password\":\"p\",\"masterarn\":\"arn\"}");
                            return test.at.rotation.begin();
                        },
                        "DATABASE_OWNER_ROLE",
                        "CREATE ROLE <owner> NOLOGIN CREATEDB;",
                        "GRANT <owner> TO \"u\";"));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void troubleIsNamedAndNothingIsLost(Trouble trouble) throws Exception {
        String token = at.rotation.begin();
        for (String step : RotationFixture.STEPS) {
            if (step.equals(trouble.step())) {
                break;
            }
            if (RotationFixture.STEPS.contains(trouble.step())) {
                at.take(step, token);
            }
        }
        String asked = trouble.change().with(this, token);
        String said = at.refusal(trouble.step(), asked);
        for (String word : trouble.words()) {
            assertTrue(said.contains(word), said);
        }
        at.assertHoldsNoPassword(said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no JSON", "{}", "[]", "{\"Step\":\"createSecret\"}"})
    void whatIsNoEventOfSecretsManagerIsRefused(String event) {
        assertThrows(RotationFailedException.class, () -> at.invoke(event));
    }

    @Test
    void setSecretBeforeCreateSecretIsRefused() {
        String said = at.refusal("setSecret", at.rotation.begin());
        assertTrue(said.contains("createSecret comes first"), said);
    }

    /** Whoever takes the steps by hand may go on after one that failed. */
    @ParameterizedTest
    @ValueSource(strings = {"single", "alternating"})
    void finishSecretBeforeSetSecretIsRefusedAndLeavesTheCurrentVersion(String kind)
            throws Exception {
        if (kind.equals("alternating")) {
            at.alternating();
        }
        String token = at.rotation.begin();
        String early = at.refusal("finishSecret", token);
        assertTrue(early.contains("createSecret comes first"), early);
        at.take("createSecret", token);
        String before = at.moto.text(at.arn, "AWSCURRENT");
        String said = at.refusal("finishSecret", token);
        assertTrue(said.contains("setSecret comes first"), said);
        assertEquals(before, at.moto.text(at.arn, "AWSCURRENT"));
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    /** Secrets Manager calls with the whole ARN, whatever the variable says. */
    @Test
    void secretIsRotatedWhoseArnLacksTheSixCharactersBehindTheName() throws Exception {
        at.variables.put("DATABASE_SECRET_ARN", at.arn.substring(0, at.arn.length() - 7));
        at.rotate();
        assertFalse(at.logsIn(at.user, at.text(1)));
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    @Test
    void statementsForTwoUsersRunBeforeThereIsASecondOne() throws Exception {
        at.moto.setCurrent(
                at.arn,
                "{\"username\":\"%s\",\"password\":\"p\",\"masterarn\":\"arn\"}"
                        .formatted(at.user));
        String said = at.refusal("createSecret", at.rotation.begin());
        String role = "owner " + at.mark.substring(0, 8);
        at.execute(
                said.substring(said.indexOf("CREATE ROLE"), said.indexOf(" Or take"))
                        .replace("<owner>", RotationFixture.quoted(role)));
        assertEquals(
                List.of("t"),
                at.query("select pg_has_role('%s', '%s', 'member')".formatted(at.user, role)));
        at.variables.put("DATABASE_OWNER_ROLE", role);
        said = at.refusal("createSecret", at.rotation.begin());
        assertFalse(said.contains("CREATE ROLE"), said);
        at.execute(said.substring(said.indexOf("GRANT pg_signal"), said.indexOf(" Or take")));
    }

    @Test
    void otherUserWhoMayNotLogInMayDoSoAgain() throws Exception {
        at.alternating();
        at.rotate();
        at.execute("alter role %s nologin".formatted(RotationFixture.quoted(at.user)));
        at.rotate();
        assertEquals(at.user, at.value("AWSCURRENT").string("username").orElseThrow());
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    @Test
    void currentUserWhoIsNoMemberOfTheOwnerIsRefusedWithTheGrantThatHelps() throws Exception {
        at.alternating();
        at.execute(
                "revoke %s from %s granted by %s"
                        .formatted(
                                RotationFixture.quoted(at.owner),
                                RotationFixture.quoted(at.user),
                                RotationFixture.quoted(at.master)));
        String token = at.rotation.begin();
        at.take("createSecret", token);
        String said = at.refusal("setSecret", token);
        String grant = "GRANT \"%s\" TO \"%s\";".formatted(at.owner, at.user);
        assertTrue(said.endsWith(grant), said);
        assertTrue(at.query("select 1 from pg_roles where rolname = '" + at.clone + "'").isEmpty());
        at.execute(
                "set session authorization %s; %s"
                        .formatted(RotationFixture.quoted(at.master), grant));
        for (String step : RotationFixture.STEPS) {
            at.take(step, token);
        }
    }

    @Test
    void masterWhoMayNotGrantIsRefusedWithTheGrantThatHelpsAndLeavesNoUserBehind()
            throws Exception {
        String foreign = "foreign " + at.mark.substring(0, 8);
        at.execute(
                "create role \"%s\" superuser; grant \"%1$s\" to %s"
                        .formatted(foreign, RotationFixture.quoted(at.user)));
        at.alternating();
        String token = at.rotation.begin();
        at.take("createSecret", token);
        String said = at.refusal("setSecret", token);
        String grant = "GRANT \"%s\" TO \"%s\"".formatted(foreign, at.clone);
        assertTrue(said.endsWith(grant + ";"), said);
        assertTrue(at.query("select 1 from pg_roles where rolname = '" + at.clone + "'").isEmpty());
    }

    @Test
    void otherUserWhoIsNoMemberOfTheOwnerFailsTheTest() throws Exception {
        at.alternating();
        String token = at.rotation.begin();
        at.take("createSecret", token);
        at.take("setSecret", token);
        at.execute(
                "revoke %s from %s granted by %s"
                        .formatted(
                                RotationFixture.quoted(at.owner),
                                RotationFixture.quoted(at.clone),
                                RotationFixture.quoted(at.master)));
        String said = at.refusal("testSecret", token);
        assertTrue(said.endsWith("GRANT \"%s\" TO \"%s\";".formatted(at.owner, at.clone)), said);
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    @Test
    void userWithoutRoomForASecondNameIsRefused() throws Exception {
        at.alternating();
        at.moto.setCurrent(at.arn, RotationFixture.secret("u".repeat(58), at.text(1)));
        String said = at.refusal("createSecret", at.rotation.begin());
        assertTrue(said.contains("longer than PostgreSQL's 63 bytes"), said);
    }
}
