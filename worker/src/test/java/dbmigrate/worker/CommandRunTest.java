package dbmigrate.worker;

import static dbmigrate.worker.CommandFixture.code;
import static dbmigrate.worker.CommandFixture.pairs;
import static dbmigrate.worker.CommandFixture.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.FailureCode;
import dbmigrate.process.Identity;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.ProcessState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.api.MigrationState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What info, validate and baseline find and do; repair has a test of its own. */
@Tag("database")
@Timeout(120)
class CommandRunTest {
    private static final String OBJECTS =
            "select relname from pg_class where relnamespace = 'public'::regnamespace order by 1";

    @TempDir Path migrations;

    private CommandFixture fixture;

    @BeforeEach
    void open() {
        fixture = new CommandFixture(migrations);
        fixture.file("V1__a.sql", "create table a ()").file("V2__b.sql", "create table b ()");
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void infoTellsEveryMigrationWithItsStateAndChecksums() throws SQLException {
        fixture.file("R__v.sql", "create or replace view v as select 1");
        fixture.migrated();
        fixture.file("V1__a.sql", "create table a (changed int)").file("V3__c.sql", "select 3");
        MigrationProcess row = fixture.row(Command.INFO);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals(
                List.of(
                                "V1__a.sql SUCCESS",
                                "V2__b.sql SUCCESS",
                                "V3__c.sql PENDING",
                                "R__v.sql SUCCESS")
                        .stream()
                        .sorted()
                        .toList(),
                pairs(row, "migrations", "script", "state").stream().sorted().toList());
        JsonObject changed = migration(row, "V1__a.sql");
        assertFalse(changed.number("checksum").equals(changed.number("appliedChecksum")));
        assertTrue(changed.time("installedAt").isPresent());
        JsonObject pending = migration(row, "V3__c.sql");
        assertEquals(Optional.of("3"), pending.string("version"));
        assertEquals(Optional.of("c"), pending.string("description"));
        assertTrue(pending.number("checksum").isPresent());
        assertTrue(pending.number("appliedChecksum").isEmpty());
        assertEquals(Optional.of(3), result(row).object("counts").integer("SUCCESS"));
        assertEquals(Optional.of(1), result(row).object("counts").integer("PENDING"));
        assertEquals(Optional.of("2"), row.schemaBefore());
        assertEquals(Optional.of("2"), row.schemaNow());
        assertEquals(Optional.of(0), row.total());
        assertEquals(List.of(), row.migrations());
    }

    @Test
    void infoMarksWhatIsHalfDone() throws SQLException {
        fixture.migrated();
        fixture.file("V3__c.sql", "commit");
        fixture.note("V3__c.sql", false);
        fixture.note("V9__gone.sql", false);
        MigrationProcess row = fixture.row(Command.INFO);
        assertTrue(
                row.result().orElseThrow().contains("\"halfDoneWithoutFile\":[\"V9__gone.sql\"]"));
        assertTrue(migration(row, "V3__c.sql").isTrue("halfDone"));
        assertFalse(migration(row, "V2__b.sql").isTrue("halfDone"));
        assertEquals(List.of("V3__c.sql", "V9__gone.sql"), fixture.notes());
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "VALIDATE"})
    void whatOnlyLooksMakesNothingInAnEmptyDatabase(Command command) throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        MigrationProcess row = fixture.row(command);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertFalse(result(row).isTrue("historyExists"));
        assertEquals(List.of(), fixture.query(OBJECTS));
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "VALIDATE"})
    void sessionOfWhatOnlyLooksCannotWrite(Command command) throws SQLException {
        fixture.migrated();
        fixture.run.with(Map.of("FLYWAY_INIT_SQL", "create table written ()")).onlyOnce();
        MigrationProcess row = fixture.row(command);
        assertEquals(FailureCode.READ_ONLY_SERVER, code(row));
        assertEquals(List.of("f"), fixture.query("select to_regclass('written') is not null"));
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "VALIDATE", "REPAIR", "BASELINE"})
    void noCallbackOfTheUsersRuns(Command command) throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        for (String event : List.of("Info", "Validate", "Repair", "Baseline")) {
            fixture.file("before" + event + ".sql", "create table before_" + event + " ()");
        }
        assertEquals(ProcessState.COMPLETED, fixture.row(command).state());
        assertEquals(
                List.of(), fixture.query("select 1 from pg_class where relname like 'before%'"));
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "VALIDATE"})
    void ofAMissingDatabaseEverythingIsPendingAndItStaysMissing(Command command)
            throws SQLException {
        MigrationProcess row = fixture.row(command);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertFalse(result(row).isTrue("databaseExists"));
        Optional<Integer> pending =
                command == Command.INFO
                        ? result(row).object("counts").integer("PENDING")
                        : result(row).integer("pending");
        assertEquals(Optional.of(2), pending);
        assertEquals(Optional.empty(), row.schemaNow());
        assertFalse(row.databaseCreated());
        assertFalse(fixture.stands());
    }

    @ParameterizedTest
    @EnumSource(names = {"REPAIR", "BASELINE"})
    void whatChangesTheHistoryMakesNoDatabase(Command command) throws SQLException {
        MigrationProcess row = fixture.row(command);
        assertEquals(FailureCode.DATABASE_MISSING, code(row));
        assertTrue(row.error().orElseThrow().detail().contains(fixture.run.database));
        assertFalse(fixture.stands());
    }

    @Test
    void validationNamesEachDifference() throws SQLException, IOException {
        fixture.file("V4__d.sql", "create table d ()").file("V5__e.sql", "create table e ()");
        fixture.migrated();
        fixture.execute("update flyway_schema_history set success = false where version = '5'");
        Files.delete(migrations.resolve("V2__b.sql"));
        fixture.file("V1__a.sql", "create table a (changed int)")
                .file("V3__c.sql", "select 3")
                .file("V4__renamed.sql", "create table d ()")
                .file("V6_misnamed.sql", "select 6")
                .file("V7_too.sql", "select 7");
        Files.delete(migrations.resolve("V4__d.sql"));
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(ProcessState.FAILED, row.state());
        assertEquals(FailureCode.VALIDATION_FAILED, code(row));
        assertEquals(
                List.of(
                        "V1__a.sql CHECKSUM_CHANGED",
                        "V2__b.sql MIGRATION_MISSING",
                        "V3__c.sql OUT_OF_ORDER",
                        "V4__d.sql MIGRATIONS_INVALID",
                        "V5__e.sql EARLIER_FAILURE",
                        "V6_misnamed.sql MIGRATION_MISNAMED",
                        "V7_too.sql MIGRATION_MISNAMED"),
                pairs(row, "differences", "script", "code").stream().sorted().toList());
        assertFalse(result(row).isTrue("valid"));
        assertTrue(row.error().orElseThrow().detail().startsWith("7 differences: "));
        assertEquals(
                List.of("5|f"),
                fixture.query(
                        "select version, success from flyway_schema_history where version = '5'"));
    }

    @Test
    void validationRefusesWhatTheHistoryCallsFailedAlsoAboveTheNewestFile() throws SQLException {
        fixture.migrated();
        fixture.execute(
                "insert into flyway_schema_history select 3, '3', 'c', 'SQL', 'V3__c.sql', 7, 'x', now(), 0, false");
        assertEquals(
                List.of("V3__c.sql EARLIER_FAILURE"),
                pairs(fixture.row(Command.VALIDATE), "differences", "script", "code"));
        MigrationProcess info = fixture.row(Command.INFO);
        assertTrue(migration(info, "V3__c.sql").isTrue("halfDone"));
        assertEquals(Optional.of("2"), info.schemaNow());
        MigrationProcess migrate = fixture.row(Command.MIGRATE);
        assertEquals(FailureCode.EARLIER_FAILURE, code(migrate));
    }

    @Test
    void fileThatIsBackAfterItWasCalledDeletedIsPendingAndNoDifference()
            throws SQLException, IOException {
        fixture.file("V3__c.sql", "select 3").file("V4__d.sql", "select 4");
        fixture.migrated();
        Files.delete(migrations.resolve("V3__c.sql"));
        assertEquals(ProcessState.COMPLETED, fixture.row(Command.REPAIR).state());
        fixture.file("V3__c.sql", "select 3");
        assertEquals(
                List.of("V3__c.sql OUT_OF_ORDER"),
                pairs(fixture.row(Command.VALIDATE), "differences", "script", "code"));
        fixture.run.with(Map.of("FLYWAY_OUT_OF_ORDER", "true"));
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(ProcessState.COMPLETED, row.state(), row.error()::toString);
        assertEquals(Optional.of(1), result(row).integer("pending"));
        fixture.migrated();
    }

    @Test
    void whatRunsAgainByItselfIsPending() throws SQLException {
        fixture.migrated();
        fixture.execute("create table t as select 1 as a union all select 1");
        fixture.file("V3__i.sql", "create unique index concurrently i on t (a)");
        assertEquals(FailureCode.CONSTRAINT_VIOLATED, code(fixture.row(Command.MIGRATE)));
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(ProcessState.COMPLETED, row.state(), row.error()::toString);
        assertEquals(Optional.of(1), result(row).integer("pending"));
    }

    @Test
    void infoTellsTheOthersWhereAFileHasAWrongName() throws SQLException {
        fixture.migrated();
        fixture.file("V3_misnamed.sql", "select 3").file("V4__d.sql", "select 4");
        MigrationProcess row = fixture.row(Command.INFO);
        assertEquals(FailureCode.MIGRATION_MISNAMED, code(row));
        assertEquals(Optional.of("V3_misnamed.sql"), row.error().orElseThrow().script());
        assertEquals(
                List.of("V1__a.sql SUCCESS", "V2__b.sql SUCCESS", "V4__d.sql PENDING"),
                pairs(row, "migrations", "script", "state"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest", "next", "current"})
    void baselineIsNoWordThatNobodyCouldReadAgain(String word) throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.run.with(Map.of("FLYWAY_BASELINE_VERSION", word));
        assertEquals(FailureCode.CONFIGURATION_INVALID, code(fixture.row(Command.BASELINE)));
        assertEquals(List.of(), fixture.query(OBJECTS));
    }

    @Test
    void baselineIsToldAsTheHistoryHasIt() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.baseline("1.2.3", "by hand");
        assertEquals(
                Optional.of("1.2.3"),
                result(fixture.baseline("1.2.3.0", "by hand")).string("version"));
    }

    @Test
    void whatIsPendingIsNoDifference() throws SQLException {
        fixture.file("R__v.sql", "create or replace view v as select 1");
        fixture.migrated();
        fixture.file("R__v.sql", "create or replace view v as select 2")
                .file("V3__c.sql", "select 3");
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertTrue(result(row).isTrue("valid"));
        assertEquals(Optional.of(2), result(row).integer("pending"));
    }

    @Test
    void validationSaysWhatAMigrationWouldRefuseBeforeItLooksAtTheHistory() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.execute("create table somebodys ()");
        fixture.file("V3__copy.sql", "create table c (a int); copy c from stdin;\n1\n");
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(
                List.of("SYNTAX_ERROR", "BASELINE_MISSING"),
                result(row).objects("differences").stream()
                        .map(one -> one.string("code").orElseThrow())
                        .toList());
    }

    @Test
    void baselineOnMigrateMakesItsAbsenceNoDifference() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.execute("create table somebodys ()");
        fixture.run.with(Map.of("FLYWAY_BASELINE_ON_MIGRATE", "true"));
        assertEquals(ProcessState.COMPLETED, fixture.row(Command.VALIDATE).state());
    }

    @Test
    void validationTellsWhatAPersonHasToLookAtAndNotWhatRunsAgain() throws SQLException {
        fixture.migrated();
        fixture.file("V3__c.sql", "begin; insert into x values (1); commit;")
                .file("V4__i.sql", "create index concurrently i on a ((1))");
        fixture.note("V3__c.sql", false);
        fixture.note("V4__i.sql", true);
        fixture.note("V5__gone.sql", false);
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(
                List.of("V3__c.sql HALF_DONE", "V5__gone.sql HALF_DONE"),
                pairs(row, "differences", "script", "code"));
        assertFalse(row.result().orElseThrow().contains("values (1)"), row.result()::orElseThrow);
        assertEquals(List.of("V3__c.sql", "V4__i.sql", "V5__gone.sql"), fixture.notes());
        assertEquals(List.of("2"), fixture.query("select count(*) from flyway_schema_history"));
    }

    @ParameterizedTest
    @EnumSource(names = {"INFO", "VALIDATE", "REPAIR"})
    void withoutAnyFileNothingGoesWell(Command command) throws SQLException, IOException {
        fixture.migrated();
        Files.delete(migrations.resolve("V1__a.sql"));
        Files.delete(migrations.resolve("V2__b.sql"));
        MigrationProcess row = fixture.row(command);
        assertEquals(ProcessState.FAILED, row.state());
        assertTrue(
                row.error().orElseThrow().detail().contains("no migration was found"),
                row.error()::toString);
        assertEquals(
                List.of("SQL"), fixture.query("select distinct type from flyway_schema_history"));
    }

    @Test
    void baselineIsWrittenOnceAndMigrationsBeginAboveIt() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.execute("create table a ()");
        MigrationProcess row = fixture.baseline("1", "by hand");
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals(
                Optional.of("{\"version\":\"1\",\"description\":\"by hand\",\"created\":true}"),
                row.result());
        assertEquals(Optional.empty(), row.schemaBefore());
        assertEquals(Optional.of("1"), row.schemaNow());
        MigrationProcess again = fixture.baseline("1", "by hand");
        assertEquals(ProcessState.COMPLETED, again.state());
        assertFalse(result(again).isTrue("created"));
        fixture.migrated();
        assertEquals(
                List.of("1|BASELINE|by hand", "2|SQL|b"),
                fixture.query("select version, type, description from flyway_schema_history"));
    }

    @Test
    void baselineTakesFlywaysSettingsWhereTheRequestSaysNothing() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.run.with(Map.of("FLYWAY_BASELINE_VERSION", "1.5"));
        assertEquals(Optional.of("1.5"), result(fixture.row(Command.BASELINE)).string("version"));
    }

    @Test
    void baselineOfAHistoryThatStandsIsRefused() throws SQLException {
        fixture.migrated();
        MigrationProcess row = fixture.baseline("1", "too late");
        assertEquals(FailureCode.BASELINE_REFUSED, code(row));
        assertTrue(row.error().orElseThrow().detail().contains("V1__a.sql"));
        assertEquals(
                List.of("SQL"), fixture.query("select distinct type from flyway_schema_history"));
    }

    @Test
    void baselineMakesTheSchemaThatItIsFor() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.run.with(Map.of("FLYWAY_DEFAULT_SCHEMA", "later"));
        assertTrue(result(fixture.baseline("1", "by hand")).isTrue("created"));
        MigrationProcess again = fixture.baseline("1", "by hand");
        assertEquals(ProcessState.COMPLETED, again.state(), again.error()::toString);
        assertFalse(result(again).isTrue("created"));
        assertEquals(
                List.of("BASELINE", "SCHEMA"),
                fixture.query("select type from later.flyway_schema_history order by 1"));
    }

    @Test
    void historyWithoutARowIsNoneToBaseline() throws SQLException {
        fixture.migrated();
        fixture.execute("delete from flyway_schema_history");
        assertEquals(FailureCode.BASELINE_REFUSED, code(fixture.baseline("1", "by hand")));
        assertEquals(List.of(), fixture.query("select 1 from flyway_schema_history"));
    }

    @Test
    void resultOfThousandsIsBoundedAndSaysHowManyAreLeftOut() throws SQLException {
        String text = "long_".repeat(28);
        for (int i = 3; i < 3003; i++) {
            fixture.file("V%d__%s.sql".formatted(i, text), "select " + i);
        }
        MigrationProcess row = fixture.row(Command.INFO);
        int listed = result(row).objects("migrations").size();
        assertEquals(Optional.of(3002), result(row).object("counts").integer("PENDING"));
        assertEquals(Optional.of(3002 - listed), result(row).integer("omitted"));
        assertTrue(listed > 1000 && listed < 3002, "listed: " + listed);
        assertTrue(row.result().orElseThrow().length() < 1_100_000);
        assertEquals(
                Optional.of("V1__a.sql"),
                result(row).objects("migrations").getFirst().string("script"));
    }

    @ParameterizedTest
    @EnumSource
    void documentOfTheApiHasEveryStateOfFlyway(MigrationState state) throws IOException {
        String document = Files.readString(Path.of("../docs/openapi.yaml"));
        assertTrue(document.contains("\n        - " + state + "\n"));
    }

    @Test
    void otherBaselineIsRefusedByTheOneThatStands() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        fixture.baseline("1", "by hand");
        MigrationProcess row = fixture.baseline("2", "by hand");
        assertEquals(FailureCode.BASELINE_REFUSED, code(row));
        assertTrue(row.error().orElseThrow().detail().contains("version 1"));
    }

    @Test
    void commandWaitsForTheLockOfARunAndCountsThatAsNothing() throws SQLException {
        fixture.migrated();
        try (Connection other = fixture.run.postgres.connect(fixture.run.database)) {
            assertTrue(new MigrationLock(other).takeAtOnce());
            Claim.Claimed claimed =
                    fixture.run.claimed(
                            fixture.request(Command.INFO, Optional.empty(), Optional.empty()));
            Ending ending = fixture.run.attempt(claimed, TimeLimit.none());
            assertEquals(
                    Optional.empty(), assertInstanceOf(Ending.GivenBack.class, ending).failure());
        }
    }

    @Test
    void canceledCommandChangesNothing() throws SQLException {
        fixture.run.postgres.execute("postgres", "create database " + fixture.run.database);
        Claim.Claimed claimed =
                fixture.run.claimed(
                        fixture.request(Command.BASELINE, Optional.empty(), Optional.empty()));
        fixture.run
                .processes()
                .cancel(
                        claimed.attempt().processId(),
                        Identity.of("somebody"),
                        RunFixture.ANYTHING);
        assertInstanceOf(
                Ending.Canceled.class,
                fixture.run.attempt(fixture.run.next(claimed), TimeLimit.none()));
        assertEquals(List.of(), fixture.query(OBJECTS));
    }

    private static JsonObject migration(MigrationProcess row, String script) {
        return result(row).objects("migrations").stream()
                .filter(one -> one.string("script").equals(Optional.of(script)))
                .findFirst()
                .orElseThrow();
    }
}
