package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Grants.Grant;
import dbmigrate.process.Processes.Cancellation;
import dbmigrate.settings.Glob;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a grant allows in memory and what it allows in SQL is the same. */
@Tag("database")
@Timeout(60)
class GrantsTest {
    private final RowsFixture rows = new RowsFixture();
    private final ProcessList list = new ProcessList(rows.processes.rows(), RowsFixture.STACK);
    private final AuditTrail trail = new AuditTrail(rows.processes.rows(), RowsFixture.STACK);

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    app      | app        | true
                    app      | App        | false
                    app      | apps       | false
                    a*       | app        | true
                    *        | app        | true
                    *        | "a
                    b"                    | true
                    a?b      | a_b        | true
                    a?b      | aéb        | true
                    a?b      | a😀b       | true
                    a?b      | ab         | false
                    a_b      | a_b        | true
                    a_b      | axb        | false
                    a%       | a%         | true
                    a%       | abc        | false
                    a\\b      | a\\b        | true
                    a\\*      | a\\b        | true
                    a\\?      | a?         | false
                    a.c      | abc        | false
                    [a]      | a          | false
                    *a*b*    | xxaxxbxx   | true
                    *a*b*    | xxbxxaxx   | false
                    'a'      | 'a'        | true
                    """)
    void databasesOfAGrantAreTheSameInSql(String pattern, String database, boolean stands)
            throws SQLException {
        UUID id = rows.queued(database);
        Grants grants = new Grants(List.of(new Grant(Set.of(Command.MIGRATE), new Glob(pattern))));
        assertEquals(stands, grants.mayRead(database));
        assertEquals(stands, grants.allow("migrate", database));
        assertEquals(stands ? 1 : 0, listed(grants));
        assertEquals(stands, trail.of(id, grants).isPresent());
        assertEquals(stands, rows.processes.find(id, grants).isPresent());
        Cancellation canceled = rows.processes.cancel(id, Identity.of("somebody"), grants);
        assertEquals(stands, canceled instanceof Cancellation.Asked);
        assertEquals(stands, rows.read(id).state().ended());
    }

    @Test
    void commandThatIsNotGrantedCancelsNothing() throws SQLException {
        UUID id = rows.queued();
        Grants grants =
                new Grants(
                        List.of(
                                new Grant(Set.of(Command.INFO, Command.REPAIR), new Glob("app")),
                                new Grant(Set.of(Command.MIGRATE), new Glob("other"))));
        assertInstanceOf(
                Cancellation.Forbidden.class,
                rows.processes.cancel(id, Identity.of("somebody"), grants));
        assertFalse(rows.read(id).state().ended());
        assertTrue(rows.processes.find(id, grants).isPresent());
    }

    @Test
    void whoMayDoNothingSeesNothing() throws SQLException {
        UUID id = rows.queued();
        assertEquals(0, listed(Grants.NONE));
        assertEquals(Optional.empty(), rows.processes.find(id, Grants.NONE));
        assertEquals(Optional.empty(), trail.of(id, Grants.NONE));
        assertEquals(
                new Cancellation.Unknown(),
                rows.processes.cancel(id, Identity.of("somebody"), Grants.NONE));
        assertFalse(rows.read(id).state().ended());
    }

    private int listed(Grants grants) throws SQLException {
        ProcessList.Query all =
                new ProcessList.Query(Optional.empty(), Optional.empty(), 20, Optional.empty());
        return list.page(all, grants).processes().size();
    }
}
