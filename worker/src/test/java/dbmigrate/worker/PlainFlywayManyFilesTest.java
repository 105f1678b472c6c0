package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** So many files that what is pending runs without the others leave what plain Flyway leaves. */
@Timeout(120)
@Tag("database")
class PlainFlywayManyFilesTest {
    @TempDir Path migrations;

    private BesidePlainFlyway both;

    @BeforeEach
    void open() {
        both = new BesidePlainFlyway(migrations);
    }

    @AfterEach
    void close() throws SQLException {
        both.close();
    }

    @Test
    void failureAmongThemLeavesTheSameHistory() throws SQLException {
        both.manyFiles(1, 260);
        both.ours.file("V221.1__half.sql", "create table half (id int); select 1 / 0");
        both.assertBothFail();
        both.ours.file("V221.1__half.sql", "create table half (id int)");
        both.assertBothComplete();
    }

    @Test
    void fileThatWasChangedStopsManyBeforeTheFirst() throws SQLException {
        both.manyFiles(1, 3);
        both.assertBothComplete();
        both.ours.file("V2__n.sql", "create table other_n (id int)");
        both.manyFiles(3, 300);
        both.assertBothFail();
        assertEquals(List.of("2"), count());
    }

    @Test
    void fewPendingLeaveTheSameHistory() throws SQLException {
        both.manyFiles(1, 230);
        both.ours
                .file("R__a.sql", "create or replace view a as select 1 as one")
                .file("R__b.sql", "create or replace view b as select 1 as one");
        both.assertBothComplete();
        both.manyFiles(230, 232);
        both.ours
                .file("R__a.sql", "create or replace view a as select 2 as one")
                .file("R__c.sql", "create or replace view c as select 1 as one");
        both.assertBothComplete();
        both.ours.file("R__a.sql", "create or replace view a as select 1 as one");
        both.assertBothComplete();
        both.manyFiles(232, 233);
        both.assertBothComplete();
        assertEquals(List.of("237"), count());
    }

    @Test
    void fileThatWasChangedStopsOnePending() throws SQLException {
        applied();
        both.ours.file("V7__n.sql", "create table other_n (id int)");
        assertOneMoreFails();
    }

    @Test
    void descriptionThatWasChangedStopsOnePending() throws SQLException, IOException {
        applied();
        Files.move(migrations.resolve("V7__n.sql"), migrations.resolve("V7__m.sql"));
        assertOneMoreFails();
    }

    @Test
    void fileThatIsGoneStopsOnePending() throws SQLException, IOException {
        applied();
        Files.delete(migrations.resolve("V7__n.sql"));
        assertOneMoreFails();
    }

    @Test
    void versionBelowThoseThatAreAppliedStopsOnePending() throws SQLException {
        applied();
        both.ours.file("V7.1__late.sql", "create table late (id int)");
        assertOneMoreFails();
    }

    @Test
    void historyOfNewerFilesLetsARepeatableOneRun() throws SQLException, IOException {
        applied();
        Files.delete(migrations.resolve("V229__n.sql"));
        both.ours.file("R__a.sql", "create or replace view a as select 1 as one");
        both.assertBothComplete();
    }

    /** What a script does to its session, to Flyway's lock and to the history. */
    @Test
    void scriptsThatMeddleLeaveTheSameHistory() throws SQLException {
        both.manyFiles(1, 30);
        both.ours
                .file("V7__n.sql", "set default_transaction_isolation = 'repeatable read'")
                .file("V13__n.sql", "delete from flyway_schema_history where version = '3'")
                .file(
                        "V15__n.sql",
                        "insert into flyway_schema_history select 100, '14.5', 'n', type, 'V14.5__n.sql', 1, installed_by, now(), 1, true from flyway_schema_history where version = '1'")
                .file("V18__n.sql", "reset all")
                .file(
                        "V20__n.sql",
                        "set session characteristics as transaction isolation level serializable")
                .file("V22__n.sql", "create table one (id int); commit; create table two (id int)")
                .file("V24__n.sql", "vacuum n1")
                .file("V26__n.sql", "reset role; set lock_timeout = 1; deallocate all");
        both.assertBothComplete();
    }

    @Test
    void scriptThatLetsFlywaysLockGoStopsBehindItself() throws SQLException {
        both.manyFiles(1, 20);
        both.ours.file("V11__n.sql", "select pg_advisory_unlock_all()");
        both.assertBothFail();
        assertEquals(List.of("11"), count());
        both.assertBothComplete();
    }

    private void applied() throws SQLException {
        both.manyFiles(1, 230);
        both.assertBothComplete();
    }

    private void assertOneMoreFails() throws SQLException {
        both.manyFiles(230, 231);
        both.assertBothFail();
    }

    private List<String> count() {
        return both.ours.postgres.query(
                both.ours.database, "select count(*) from flyway_schema_history");
    }
}
