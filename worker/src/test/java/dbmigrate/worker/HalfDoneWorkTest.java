package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.FailureCode;
import dbmigrate.process.HalfDone;
import dbmigrate.process.HalfDoneNotes;
import dbmigrate.process.NextMigration;
import dbmigrate.process.Settlement;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the next attempt does with what a killed one left: rows and indexes are made as a kill makes
 * them.
 */
@Tag("database")
@Timeout(120)
class HalfDoneWorkTest {
    private static final String INVALID =
            "update pg_index set indisvalid = false where indexrelid = '%s'::regclass";

    @TempDir Path migrations;

    private RunFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new RunFixture(migrations);
        fixture.file("V1__init.sql", "create table t (a int, b int)");
        fixture.run(fixture.claimed());
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void invalidIndexOfAKilledAttemptIsBuiltAgain() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently if not exists i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql", Set.of());
        execute("create index i on t (a)");
        execute(INVALID.formatted("i"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void indexThatTheServerFinishedAfterTheKillIsBuiltAgain() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql", Set.of());
        execute("create index i on t (a)");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void indexThatStoodBeforeIsNotTouched() throws SQLException {
        execute("create index i on t (b)");
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql", Set.of("\"public\".\"i\""));
        assertThrows(RuntimeException.class, () -> fixture.run(next));
        assertEquals(
                List.of("CREATE INDEX i ON public.t USING btree (b)"),
                query("select indexdef from pg_indexes where indexname = 'i'"));
    }

    @Test
    void dropThatHasDoneItsWorkIsPassedOver() throws SQLException {
        fixture.file(
                "V2__swap.sql",
                "drop index concurrently gone; create index concurrently i on t (a);");
        Claim.Claimed next = killedIn("V2__swap.sql", Set.of("\"public\".\"gone\""));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
        assertEquals(
                List.of("2|t"),
                query("select version, success from flyway_schema_history where version = '2'"));
    }

    @Test
    void copyThatACutOffReindexLeftIsDropped() throws SQLException {
        execute("create index i on t (a); create index i_ccnew on t (a)");
        execute(INVALID.formatted("i_ccnew"));
        fixture.file("V2__re.sql", "reindex table concurrently t")
                .file("V2__re.sql.conf", "executeInTransaction=false");
        Claim.Claimed next = killedIn("V2__re.sql", Set.of("\"public\".\"i\""));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void failedRowOfTheHistoryIsRepairedByTheSameRule() throws SQLException {
        execute("insert into t values (1, 1), (1, 1)");
        fixture.file("V2__u.sql", "create unique index concurrently u on t (a)");
        Claim.Claimed first = fixture.claimed();
        assertThrows(RuntimeException.class, () -> fixture.run(first));
        assertEquals(List.of("u|f"), indexes());
        execute("delete from t");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("u|t"), indexes());
        assertEquals(
                List.of("1|t", "2|t"),
                query("select version, success from flyway_schema_history order by 1"));
    }

    @Test
    void scriptThatCouldBeAppliedTwiceIsLeftToAPerson() throws SQLException {
        fixture.file("V2__mixed.sql", "vacuum t; insert into t values (1, 42);")
                .file("V2__mixed.sql.conf", "executeInTransaction=false");
        Claim.Claimed next = killedIn("V2__mixed.sql", Set.of());
        Ending.Failed failed = (Ending.Failed) fixture.run(next);
        assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        assertTrue(
                failed.failure().detail().contains("insert into t values (…, …)"),
                failed.failure().detail());
        assertEquals(List.of("0"), query("select count(*) from t"));
    }

    @Test
    void validIndexThatNobodyNotedIsLeftToAPerson() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        execute("create index i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql", null);
        Ending.Failed failed = (Ending.Failed) fixture.run(next);
        assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void transactionalMigrationThatWasCutOffSimplyRunsAgain() throws SQLException {
        fixture.file("V2__t.sql", "insert into t values (2, 2)");
        Claim.Claimed next = killedIn("V2__t.sql", Set.of());
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    /** An attempt begins a script and is heard of no more; the next one is claimed. */
    private Claim.Claimed killedIn(
            String script, @org.jspecify.annotations.Nullable Set<String> before)
            throws SQLException {
        Claim.Claimed first = fixture.claimed();
        if (before != null) {
            new HalfDoneNotes(fixture.attempts().rows())
                    .write(first.attempt(), new HalfDone(script, before));
        }
        fixture.attempts()
                .advance(
                        first.attempt(),
                        Settlement.APPLIED,
                        Optional.of(new NextMigration(Optional.of("2"), "x", script)));
        return fixture.next(first);
    }

    private List<String> indexes() {
        return query(
                "select indexrelid::regclass, indisvalid from pg_index where indrelid = 't'::regclass");
    }

    private List<String> query(String sql) {
        return fixture.postgres.query(fixture.database, sql);
    }

    private void execute(String sql) {
        fixture.postgres.execute(fixture.database, sql);
    }
}
