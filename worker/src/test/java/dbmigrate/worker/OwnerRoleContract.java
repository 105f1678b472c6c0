package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.OwnerRoleException;
import dbmigrate.log.Log;
import dbmigrate.process.Backend;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
import dbmigrate.process.FailureCode;
import dbmigrate.process.Identity;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.NewProcess;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Processes;
import dbmigrate.queue.MigrationQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two users who act as one role, on one version of PostgreSQL or another. */
abstract class OwnerRoleContract {
    private static final String PASSWORD = "of both";

    @TempDir Path migrations;

    private final String suffix = UUID.randomUUID().toString().substring(0, 8);
    // Quotes, blanks and backslashes mean something in SQL, in options and nothing in this name.
    private final String owner = "The \"own\\er\" of " + suffix;
    private final String first = "first_" + suffix;
    private final String second = "second_" + suffix;
    private final String maintenance = "maintenance_" + suffix;
    private final String target = "target_" + suffix;

    /** A session of the superuser. */
    abstract Connection superuser(String database) throws SQLException;

    abstract int port();

    void createRoles() throws SQLException {
        execute("create role %s nologin createdb".formatted(quoted(owner)));
        for (String user : List.of(first, second)) {
            execute("create role %s login password '%s'".formatted(user, PASSWORD));
        }
        execute("grant %s to %s, %s".formatted(quoted(owner), first, second));
        execute("grant pg_signal_backend, pg_read_all_stats to " + quoted(owner));
        execute("create database %s owner %s".formatted(maintenance, quoted(owner)));
    }

    @Test
    void eitherUserChangesWhatTheOtherMade() throws Exception {
        file("V1__it.sql", "create table it (); create function f() returns int return 1;");
        completed(first);
        file("V2__it.sql", "alter table it add column a int; drop function f();");
        completed(second);
        file("V3__it.sql", "drop table it; create table done ();");
        completed(first);
        assertEquals(
                List.of(owner),
                query(target, "select distinct pg_get_userbyid(relowner)" + OF_OURS));
        assertEquals(
                List.of(owner, owner),
                query(
                        maintenance,
                        """
                        select pg_get_userbyid(datdba) from pg_database where datname = '%s'
                        union all
                        select pg_get_userbyid(nspowner) from pg_namespace
                        where nspname = 'db_migrate'
                        """
                                .formatted(target)));
    }

    private static final String OF_OURS =
            " from pg_class where relnamespace = 'public'::regnamespace order by 1";

    /** The role came with the login, so that the server itself goes back to it. */
    @ParameterizedTest
    @CsvSource({
        "reset role, owner",
        "set role none, user",
        "set session authorization default, owner"
    })
    void migrationThatLeavesTheRoleLeavesItForItselfAlone(String statement, String by)
            throws Exception {
        file("V1__it.sql", statement + "; create table one ();");
        file("V2__it.sql", "create table two ();");
        completed(first);
        assertEquals(
                List.of("one|" + (by.equals("owner") ? owner : first), "two|" + owner),
                query(
                        target,
                        "select relname || '|' || pg_get_userbyid(relowner)"
                                + OF_OURS.replace("order", "and relname in ('one', 'two') order")));
        file("V3__it.sql", "alter table two add column a int;");
        completed(second);
    }

    @Test
    void discardAllGoesBackToTheRole() throws Exception {
        file("V1__it.sql", "select 1;");
        completed(first);
        try (Connection session = new TargetDatabase(settings(second), target).connect();
                Statement statement = session.createStatement()) {
            statement.execute("discard all");
            assertEquals(List.of(owner), rows(statement, "select current_user"));
        }
    }

    @Test
    void eitherUserEndsWhatTheOtherLeft() throws Exception {
        file("V1__it.sql", "select 1;");
        completed(first);
        try (Connection left = new TargetDatabase(settings(first), target).connect();
                ProcessConnection rows = new ProcessConnection(settings(second).server())) {
            Backend backend = TargetDatabase.backend(left);
            KnownBackend known = new KnownBackend(rows, backend);
            assertTrue(known.isThere());
            assertTrue(known.end());
            assertFalse(left.isValid(10));
        }
    }

    @Test
    void missingMembershipIsRefusedWithTheStatementThatHelps() throws Exception {
        execute("revoke %s from %s".formatted(quoted(owner), second));
        OwnerRoleException refusal = refused(second);
        assertEquals(
                "the user \"%1$s\" may not become the role %2$s of DATABASE_OWNER_ROLE; let an administrator run: GRANT %2$s TO \"%1$s\";"
                        .formatted(second, quoted(owner)),
                refusal.getMessage());
        advised(refusal);
        file("V1__it.sql", "select 1;");
        completed(second);
    }

    @Test
    void missingRoleIsRefusedWithTheStatementsThatHelp() throws Exception {
        execute("drop database %s".formatted(maintenance));
        execute("drop role " + quoted(owner));
        execute("create database %s".formatted(maintenance));
        OwnerRoleException refusal = refused(first);
        assertTrue(said(refusal).contains("does not exist"), said(refusal));
        advised(refusal);
        execute("alter database %s owner to %s".formatted(maintenance, quoted(owner)));
        file("V1__it.sql", "select 1;");
        completed(first);
    }

    @ParameterizedTest
    @CsvSource({"pg_signal_backend", "pg_read_all_stats"})
    void roleThatMayNotEndTheOthersSessionsIsRefusedWithTheStatementThatHelps(String right)
            throws Exception {
        execute("revoke %s from %s".formatted(right, quoted(owner)));
        advised(refused(first));
        file("V1__it.sql", "select 1;");
        completed(first);
    }

    @Test
    void targetThatRefusesTheRoleEndsTheProcess() throws Exception {
        file("V1__it.sql", "select 1;");
        WorkerSettings settings = settings(first);
        try (ProcessConnection rows = new ProcessConnection(settings.server())) {
            Claim.Claimed claimed = claimed(rows);
            execute("revoke %s from %s".formatted(quoted(owner), first));
            Ending.Failed ending =
                    assertInstanceOf(Ending.Failed.class, attempt(settings, rows, claimed));
            assertEquals(FailureCode.OWNER_ROLE_REFUSED, ending.failure().code());
            assertTrue(ending.failure().detail().contains("GRANT"), ending.failure().detail());
        }
    }

    private OwnerRoleException refused(String user) {
        SQLException failure = assertThrows(SQLException.class, () -> attempt(user));
        return assertInstanceOf(OwnerRoleException.class, failure.getCause());
    }

    private static String said(OwnerRoleException refusal) {
        return String.valueOf(refusal.getMessage());
    }

    private void advised(OwnerRoleException refusal) throws SQLException {
        execute(said(refusal).replaceFirst(".* let an administrator run: ", ""));
    }

    private void completed(String user) throws SQLException {
        Ending ending = attempt(user);
        assertInstanceOf(Ending.Completed.class, ending, ending::toString);
    }

    private Ending attempt(String user) throws SQLException {
        WorkerSettings settings = settings(user);
        try (ProcessConnection rows = new ProcessConnection(settings.server())) {
            return attempt(settings, rows, claimed(rows));
        }
    }

    private static Ending attempt(
            WorkerSettings settings, ProcessConnection rows, Claim.Claimed claimed)
            throws SQLException {
        return new AttemptRun(
                        settings,
                        rows,
                        claimed,
                        () -> MigrationQueue.Change.DONE,
                        TimeLimit.none(),
                        new Log(Map.of()))
                .run();
    }

    private Claim.Claimed claimed(ProcessConnection rows) throws SQLException {
        UUID id = UUID.randomUUID();
        MigrationRequest request =
                new MigrationRequest(target, Optional.empty(), false, Map.of(), Optional.empty());
        new Processes(rows, "owners")
                .record(
                        new NewProcess(id, request, Identity.of("anybody"), Optional.empty()),
                        () -> {});
        return (Claim.Claimed) new Claims(rows, "owners").claim(id);
    }

    private WorkerSettings settings(String user) {
        return WorkerSettings.withoutQueue(
                Map.of(
                        "DATABASE_URL",
                        "postgresql://%s:%s@127.0.0.1:%d/%s?options=-c%%20work_mem=8MB"
                                .formatted(user, PASSWORD.replace(" ", "%20"), port(), target),
                        "DATABASE_OWNER_ROLE",
                        owner,
                        "PROCESS_DATABASE",
                        maintenance,
                        "STACK_NAME",
                        "owners",
                        "MIGRATIONS",
                        migrations.toString()));
    }

    private void file(String name, String sql) throws Exception {
        Files.writeString(migrations.resolve(name), sql);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = superuser("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> query(String database, String sql) throws SQLException {
        try (Connection connection = superuser(database);
                Statement statement = connection.createStatement()) {
            return rows(statement, sql);
        }
    }

    private static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
