package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.process.ProcessList.Listed;
import dbmigrate.process.ProcessList.Page;
import dbmigrate.process.ProcessList.Query;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class ProcessListTest {
    private final RowsFixture rows = new RowsFixture();
    private final ProcessList list = new ProcessList(rows.processes.rows(), RowsFixture.STACK);

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void listWithoutProcessesIsOnePage() throws SQLException {
        assertEquals(
                new Page(List.of(), Optional.empty()),
                list.page(all(20, Optional.empty()), RowsFixture.ANYTHING));
    }

    @Test
    void pagesHoldEachProcessOnceWhileNewOnesArrive() throws SQLException {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ids.add(rows.queued());
        }
        List<UUID> seen = new ArrayList<>();
        Optional<UUID> before = Optional.empty();
        do {
            Page page = list.page(all(3, before), RowsFixture.ANYTHING);
            seen.addAll(ids(page));
            before = page.next();
            rows.queued();
        } while (before.isPresent());
        ids.sort(Comparator.comparing(UUID::toString).reversed());
        assertEquals(ids, seen);
    }

    @Test
    void pageThatIsJustFullIsTheLast() throws SQLException {
        rows.queued();
        rows.queued();
        Page page = list.page(all(2, Optional.empty()), RowsFixture.ANYTHING);
        assertEquals(2, page.processes().size());
        assertEquals(Optional.empty(), page.next());
    }

    @Test
    void stateAndDatabaseNarrowIt() throws SQLException {
        UUID queued = rows.queued("one");
        UUID running = rows.queued("one");
        UUID other = rows.queued("two");
        rows.claimed(running);
        assertEquals(List.of(running), ids(narrowed(ProcessState.RUNNING, null)));
        assertEquals(List.of(other), ids(narrowed(null, "two")));
        assertEquals(List.of(queued), ids(narrowed(ProcessState.QUEUED, "one")));
        assertEquals(List.of(), ids(narrowed(ProcessState.FAILED, "one")));
        assertEquals(List.of(), ids(narrowed(null, "on%' or true --")));
    }

    @Test
    void listedProcessSaysHowFarItIs() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.planned(attempt, Optional.of("0"), 2);
        NextMigration first = new NextMigration(Optional.of("1"), "one", "V1__one.sql");
        NextMigration second = new NextMigration(Optional.of("2"), "two", "V2__two.sql");
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(first));
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(second));
        Listed listed =
                list.page(all(1, Optional.empty()), RowsFixture.ANYTHING).processes().getFirst();
        assertEquals(1, listed.applied());
        assertEquals(Optional.of(2), listed.process().total());
        assertEquals(rows.read(id).current(), listed.process().current());
        assertEquals(List.of(), listed.process().migrations());
    }

    @Test
    void processesOfAnotherStackAreNotListed() throws SQLException {
        rows.queued();
        ProcessList other = new ProcessList(rows.processes.rows(), "another-stack");
        assertEquals(
                List.of(), other.page(all(20, Optional.empty()), RowsFixture.ANYTHING).processes());
    }

    private Page narrowed(@Nullable ProcessState state, @Nullable String database)
            throws SQLException {
        return list.page(
                new Query(
                        Optional.ofNullable(state),
                        Optional.ofNullable(database),
                        20,
                        Optional.empty()),
                RowsFixture.ANYTHING);
    }

    private static Query all(int limit, Optional<UUID> before) {
        return new Query(Optional.empty(), Optional.empty(), limit, before);
    }

    private static List<UUID> ids(Page page) {
        return page.processes().stream().map(listed -> listed.process().id()).toList();
    }
}
