package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.SecretCredentials;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.testing.MotoServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attempts whose password is rotated while they run, or is none. */
@Tag("database")
@Timeout(120)
class SecretRotationTest {
    /** Runs for as long as a session with the target holds this key. */
    private static final String WAITS =
            """
            do $$ begin
                while exists (select from pg_locks where locktype = 'advisory' and objid = 4711
                              and database = (select oid from pg_database
                                              where datname = current_database()))
                loop perform pg_sleep(0.02); end loop;
            end $$
            """;

    private static MotoServer moto;

    @TempDir Path migrations;

    private final PrintStream out = System.out;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final String mark = UUID.randomUUID().toString();
    private RunFixture fixture;
    private String role;
    private String arn;

    @BeforeAll
    static void startMoto() throws Exception {
        moto = MotoServer.start(SecretRotationTest.class);
        moto.serveThisJvm();
    }

    @AfterAll
    static void stopMoto() {
        if (moto != null) {
            moto.close();
        }
    }

    @BeforeEach
    void start() {
        fixture = new RunFixture(migrations);
        role = fixture.postgres.newName("rotated");
        fixture.postgres.execute("postgres", "create role %s superuser login".formatted(role));
        arn = moto.secret(secret(1));
        password(1);
        fixture.as(SecretCredentials.of(arn));
        System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void noPasswordIsWrittenAnywhere() throws SQLException {
        System.setOut(out);
        if (fixture == null) {
            return;
        }
        String written = log.toString(StandardCharsets.UTF_8);
        out.print(written);
        assertFalse(written.contains(mark), written);
        for (String table : List.of("process", "migration", "event", "unsettled")) {
            assertEquals(
                    List.of(),
                    fixture.postgres.query(
                            "postgres",
                            "select r from db_migrate.%s r where r::text like '%%%s%%'"
                                    .formatted(table, mark)));
        }
        fixture.close();
        fixture.postgres.execute("postgres", "drop role " + role);
    }

    @Test
    void rotationInTheMiddleOfARunIsNotNoticed() throws Exception {
        fixture.file("V1__first.sql", "create table a (b int)")
                .file("V2__waits.sql", WAITS)
                .file("V3__last.sql", "create table c (d int)");
        fixture.postgres.execute("postgres", "create database " + fixture.database);
        Claim.Claimed claimed = fixture.claimed();
        CompletableFuture<Ending> attempt;
        try (Connection holder = fixture.postgres.connect(fixture.database)) {
            holder.createStatement().execute("select pg_advisory_lock(4711)");
            attempt = CompletableFuture.supplyAsync(() -> attempt(claimed));
            awaitOne("query like '%4711%' and state = 'active'");
            awaitOne(heartbeat());

            moto.stage(arn, secret(2));
            password(2);
            // Its next session begins while AWSCURRENT is what the server refuses.
            end(heartbeat());
            awaitOne(heartbeat());
            moto.promote(arn);
            end(heartbeat());
            awaitOne(heartbeat());
        }
        assertInstanceOf(Ending.Completed.class, attempt.get(60, TimeUnit.SECONDS));
        assertEquals(
                List.of("1", "2", "3"),
                fixture.postgres.query(
                        fixture.database,
                        "select version from flyway_schema_history where success order by 1"));
    }

    @Test
    void rotationBetweenTwoAttemptsIsNotNoticed() throws SQLException {
        fixture.file("V1__it.sql", "do $$ begin raise sqlstate '40001'; end $$");
        Claim.Claimed claimed = fixture.claimed();
        assertInstanceOf(Ending.GivenBack.class, attempt(claimed));

        moto.stage(arn, secret(2));
        password(2);
        moto.promote(arn);
        fixture.file("V1__it.sql", "create table a (b int)");
        assertInstanceOf(Ending.Completed.class, attempt(fixture.next(claimed)));
    }

    @Test
    void passwordThatStaysWrongEndsTheProcess() throws SQLException {
        moto.set(arn, secret(2));
        Failure failure = failed();
        assertEquals(FailureCode.PASSWORD_REFUSED, failure.code());
        assertTrue(failure.detail().contains(role), failure.detail());
    }

    @Test
    void secretWithoutAPasswordEndsTheProcess() throws SQLException {
        moto.set(arn, secret(1).replace("password", "pass"));
        Failure failure = failed();
        assertEquals(FailureCode.SECRET_INVALID, failure.code());
        assertTrue(failure.detail().contains(arn + " lacks password"), failure.detail());
    }

    @Test
    void secretThatCannotBeReadIsTriedAgain() throws SQLException {
        moto.delete(arn);
        fixture.file("V1__it.sql", "select 1");
        Claim.Claimed claimed = fixture.claimed();
        Ending.GivenBack ending = assertInstanceOf(Ending.GivenBack.class, attempt(claimed));
        assertEquals(FailureCode.SECRET_UNAVAILABLE, ending.failure().orElseThrow().code());
        fixture.onlyOnce();
        assertInstanceOf(Ending.Failed.class, attempt(fixture.next(claimed)));
    }

    @Test
    void roleOfTheSecretIsNamedWhereARightIsMissing() throws SQLException {
        fixture.file("V1__it.sql", "select 1");
        fixture.postgres.execute("postgres", "alter role %s nosuperuser".formatted(role));
        Failure failure = failed();
        assertEquals(FailureCode.PERMISSION_DENIED, failure.code());
        assertTrue(failure.action().contains(role), failure.action());
    }

    private Failure failed() throws SQLException {
        fixture.file("V1__it.sql", "select 1");
        Claim.Claimed claimed = fixture.claimed();
        assertInstanceOf(Ending.Failed.class, attempt(claimed));
        return fixture.row(claimed).error().orElseThrow();
    }

    private Ending attempt(Claim.Claimed claimed) {
        try {
            return fixture.attempt(claimed, TimeLimit.none());
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private String secret(int version) {
        return MotoServer.ofRds(role, text(version));
    }

    private void password(int version) {
        fixture.postgres.execute(
                "postgres", "alter role %s password '%s'".formatted(role, text(version)));
    }

    private String text(int version) {
        return "%s p@ss:w/rd\"\\%%{}é %d".formatted(mark, version);
    }

    /** What is no session with the target. */
    private String heartbeat() {
        return "datname = 'postgres'";
    }

    private void awaitOne(String session) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (sessions("count(*)", session).equals(List.of("0"))) {
            assertTrue(System.nanoTime() < deadline, () -> "no session: " + session);
        }
    }

    private void end(String session) {
        sessions("pg_terminate_backend(pid, 10000)", session);
    }

    private List<String> sessions(String what, String which) {
        return fixture.postgres.query(
                "postgres",
                "select %s from pg_stat_activity where usename = '%s' and %s"
                        .formatted(what, role, which));
    }
}
