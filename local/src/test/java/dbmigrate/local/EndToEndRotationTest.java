package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.MotoRotation;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packages, with user and password from a secret that is rotated under them. */
@Tag("database")
@Timeout(1800)
class EndToEndRotationTest {
    private static final int ROTATIONS = Integer.getInteger("secret.rotations", 20);
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir Path folder;
    @TempDir Path workspace;

    private final String role = POSTGRES.newName("rotated");
    private final String owner = POSTGRES.newName("owner");
    private final String master = POSTGRES.newName("master");
    private final String maintenance = POSTGRES.newName("maintenance");
    private final String mark = UUID.randomUUID().toString();
    private final List<String> passwords = new ArrayList<>(List.of(mark));
    private final Object posting = new Object();
    private Printed printed;
    private MotoServer moto;
    private MotoRotation rotation;
    private HostedRotation function;
    private RunningSystem system;
    private String arn;

    /** Whether two users take turns. */
    boolean alternates() {
        return false;
    }

    @BeforeEach
    void start() throws Exception {
        boolean alternating = alternates();
        moto = MotoServer.start(EndToEndRotationTest.class);
        MotoRotation.allow(moto);
        printed = new Printed();
        // As on RDS, the master user is no superuser, and makes the others.
        POSTGRES.execute(
                "postgres",
                "create role %s login createdb createrole password '%s'"
                        .formatted(master, text(0)));
        POSTGRES.execute(
                "postgres",
                "set session authorization %s; create role %s nologin createdb; create role %s login createdb; grant %2$s to %3$s;"
                        .formatted(master, owner, role));
        POSTGRES.execute("postgres", "grant pg_signal_backend, pg_read_all_stats to " + owner);
        POSTGRES.execute(
                "postgres",
                "create database %s owner %s".formatted(maintenance, alternating ? owner : role));
        password(1);
        arn = moto.secret(MotoServer.ofRds(role, text(1)));
        rotation = MotoRotation.of(moto, arn);
        String url = "postgresql://%s:%d/e2e_own".formatted(POSTGRES.host(), POSTGRES.port());
        Map<String, String> variables =
                new HashMap<>(
                        Map.of(
                                "DATABASE_SECRET_ARN", arn,
                                "AWS_ENDPOINT_URL_SECRETS_MANAGER", moto.endpoint().toString(),
                                "PROCESS_DATABASE", maintenance));
        if (alternating) {
            variables.put("DATABASE_OWNER_ROLE", owner);
        }
        system = RunningSystem.start(url, folder, variables);
        variables.put("DATABASE_URL", url);
        if (alternating) {
            variables.put(
                    "ROTATION_MASTER_SECRET_ARN", moto.secret(MotoServer.ofRds(master, text(0))));
        }
        function = new HostedRotation(workspace, arn, variables);
        new MigrationFolder(folder)
                .with("V1__one.sql", "create table one ();")
                .with("V2__two.sql", "create table two ();");
    }

    @AfterEach
    void stop() {
        if (printed != null) {
            printed.close();
        }
        if (system != null) {
            system.close();
        }
        if (function != null) {
            function.close();
        }
        if (moto != null) {
            moto.close();
        }
    }

    @Test
    void noRequestAndNoProcessFailsWhileThePasswordIsRotated() throws Exception {
        var isOver = new AtomicBoolean();
        var polls = new AtomicInteger();
        Callable<Integer> polling =
                () -> {
                    while (!isOver.get()) {
                        var answer = system.get("/db-migrate?limit=2");
                        assertEquals(200, answer.status(), answer::toString);
                        polls.incrementAndGet();
                    }
                    return polls.get();
                };
        Callable<Integer> migrating =
                () -> {
                    int processes = 0;
                    for (; !isOver.get() || processes == 0; processes++) {
                        system.completed(accepted());
                    }
                    return processes;
                };
        Callable<Integer> rotating =
                () -> {
                    try {
                        for (int i = 1; i <= ROTATIONS; i++) {
                            rotate(i % 2 == 0, polls);
                        }
                        return ROTATIONS;
                    } finally {
                        isOver.set(true);
                    }
                };
        var counts = RunningSystem.atOnce(List.of(rotating, migrating, migrating, polling));
        System.out.println(
                "rotations: %d, %s, processes: %d, polls: %d, all of them went well"
                        .formatted(
                                counts.get(0),
                                alternates() ? "two users" : "one user",
                                counts.get(1) + counts.get(2),
                                counts.get(3)));
        assertEquals(ROTATIONS + 1, passwords.size());
        passwords.forEach(password -> assertFalse(printed.has(password, password)));
    }

    @Test
    void callerReadsWhyThereIsNoPassword() throws Exception {
        assertEquals(200, system.get("/db-migrate").status());
        password(2);
        moto.set(arn, MotoServer.ofRds(role, text(3)));
        Eventually.holds("there is a session to end", () -> endSessions() > 0);
        assertUnavailable("PASSWORD_REFUSED", "secret");
        moto.set(arn, "{\"username\": \"%s\"}".formatted(role));
        assertUnavailable("SECRET_INVALID", arn + " lacks password");
        moto.delete(arn);
        assertUnavailable("SECRET_UNAVAILABLE", arn);
        assertEquals(200, system.get("/health").status());
        assertFalse(printed.has(mark, mark));
    }

    private void assertUnavailable(String code, String detail) {
        var answer = system.get("/db-migrate");
        assertEquals(503, answer.status(), answer::toString);
        assertEquals(code, answer.member("code"));
        assertTrue(answer.member("detail").contains(detail), answer::toString);
        assertFalse(answer.toString().contains(mark), answer::toString);
    }

    /** As Secrets Manager does it; the sessions that stand are ended at either moment. */
    private void rotate(boolean isEndedBetween, AtomicInteger polls) throws Exception {
        String token = rotation.begin();
        function.take("createSecret", token);
        passwords.add(moto.password(arn, "AWSPENDING"));
        function.take("setSecret", token);
        if (isEndedBetween) {
            endSessions(polls);
        }
        function.take("testSecret", token);
        function.take("finishSecret", token);
        rotation.ended(token);
        endSessions(polls);
    }

    private void endSessions(AtomicInteger polls) throws Exception {
        Eventually.holds("there are sessions to end", () -> endSessions() > 0);
        int before = polls.get();
        Eventually.holds("two more polls are answered", () -> polls.get() > before + 1);
    }

    private String accepted() {
        synchronized (posting) {
            return system.accepted(RunningSystem.newDatabase());
        }
    }

    /**
     * So that whoever has one logs in anew. None that may commit, or that is at its first work:
     * that its answer was lost would be no fault of the password.
     */
    private int endSessions() {
        String sql =
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where usename in ('%1$s', '%1$s_clone') and datname = '%2$s' and state = 'idle'
                  and backend_start < clock_timestamp() - interval '500ms'
                """;
        synchronized (posting) {
            return POSTGRES.query("postgres", sql.formatted(role, maintenance)).size();
        }
    }

    private void password(int version) {
        POSTGRES.execute("postgres", "alter role %s password '%s'".formatted(role, text(version)));
    }

    private String text(int version) {
        return "%s p@ss:w/rd\"\\%%{}é %d".formatted(mark, version);
    }
}
