package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.process.Claim;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a deferred trigger does in the COMMIT of a migration is done before what follows it. */
@Timeout(60)
@Tag("database")
class CommitThatChangesTheSessionTest {
    private static final String DEFERRED =
            """
            create table d (id int);
            create function f() returns trigger language plpgsql as $$
            begin %s; return null; end $$;
            create constraint trigger d after insert on d deferrable initially deferred
                for each row execute function f();
            insert into d values (1);
            """;

    @TempDir Path migrations;

    private BesidePlainFlyway both;

    @BeforeEach
    void open() {
        both = new BesidePlainFlyway(migrations);
        both.manyFiles(1, 12);
    }

    @AfterEach
    void close() throws SQLException {
        both.close();
    }

    @Test
    void roleThatACommitSetsIsSetBackBeforeTheHistoryIsRead() throws SQLException {
        String role = both.ours.postgres.newName("limited");
        both.ours.postgres.execute("postgres", "create role " + role);
        both.ours.file(
                "V10__n.sql",
                DEFERRED.formatted("perform set_config('role', '%s', false)".formatted(role)));
        both.assertBothComplete();
    }

    @Test
    void migrationWhoseCommitSucceededIsNotCalledFailed() throws SQLException {
        both.ours.file(
                "V10__n.sql",
                DEFERRED.formatted("alter table flyway_schema_history rename to elsewhere"));
        Claim.Claimed claimed = both.ours.claimed();
        both.ours.attempt(claimed, TimeLimit.none());
        assertEquals(
                List.of("10"),
                both.ours.postgres.query(
                        both.ours.database,
                        "select version from elsewhere where version = '10' and success"));
        assertEquals(
                Optional.empty(),
                both.ours.row(claimed).migrations().stream()
                        .filter(migration -> migration.state().equals("failed"))
                        .map(migration -> migration.script())
                        .filter("V10__n.sql"::equals)
                        .findFirst());
    }
}
