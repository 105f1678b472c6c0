package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * Several attempts at one process, in any order and on the real table: claims, heartbeats,
 * progress, ends, cancellations, dead letters, and leases that run out at any moment.
 */
@Tag("database")
class AttemptStateMachineTest {
    private static final Failure FAILURE = Failure.of(FailureCode.SQL_FAILED, "of the test");

    private static final Observation SEEN =
            new Observation(Activity.NONE, OffsetDateTime.now(ZoneOffset.UTC));

    private static @Nullable RowsFixture fixture;

    enum What {
        CLAIM,
        RENEW,
        PLAN,
        ADVANCE,
        RELEASE,
        RELEASE_FAILED,
        COMPLETE,
        FAIL,
        CANCEL,
        ASK_TO_CANCEL,
        EXPIRE,
        ABANDON
    }

    /**
     * A step.
     *
     * @param by which of the attempts so far does it, counted back from the newest
     */
    record Step(What what, int by) {}

    /** What the row must be like, as the contract of each step says. */
    private static final class Model {
        ProcessState state = ProcessState.QUEUED;
        int attempt;
        boolean leased;
        boolean expired;
        boolean cancelRequested;

        boolean mine(Attempt by) {
            return state == ProcessState.RUNNING && by.number() == attempt;
        }

        void end(ProcessState end) {
            state = end;
            leased = false;
        }
    }

    @BeforeContainer
    static void open() {
        fixture = new RowsFixture();
    }

    @AfterContainer
    static void close() throws SQLException {
        rows().close();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<What> what =
                Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(6, Arbitraries.just(What.CLAIM)),
                        net.jqwik.api.Tuple.of(3, Arbitraries.just(What.EXPIRE)),
                        net.jqwik.api.Tuple.of(12, Arbitraries.of(What.class)));
        return Combinators.combine(what, Arbitraries.integers().between(0, 3))
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    @Property(tries = 200)
    void rowIsWhatTheContractsSayAndATerminalStateStays(@ForAll("steps") List<Step> steps)
            throws SQLException {
        UUID id = rows().queued();
        Model model = new Model();
        List<Attempt> attempts = new ArrayList<>();
        for (Step step : steps) {
            MigrationProcess before = rows().read(id);
            run(step, id, model, attempts);
            MigrationProcess after = rows().read(id);
            assertEquals(model.state, after.state(), step.toString());
            assertEquals(model.attempt, after.attempt(), step.toString());
            assertEquals(model.state.ended(), after.finishedAt().isPresent());
            assertTrue(after.attempt() <= before.attempt() + 1);
            if (before.state().ended()) {
                assertEquals(before, after, "an ended process changed by " + step);
            }
        }
    }

    private void run(Step step, UUID id, Model model, List<Attempt> attempts) throws SQLException {
        switch (step.what()) {
            case CLAIM -> claim(id, model, attempts);
            case EXPIRE -> expire(id, model);
            case ASK_TO_CANCEL -> askToCancel(id, model);
            case ABANDON -> abandon(id, model);
            case RENEW, PLAN, ADVANCE, RELEASE, RELEASE_FAILED, COMPLETE, FAIL, CANCEL -> {
                if (!attempts.isEmpty()) {
                    int newest = attempts.size() - 1;
                    write(step, model, attempts.get(Math.max(0, newest - step.by())));
                }
            }
        }
    }

    private void claim(UUID id, Model model, List<Attempt> attempts) throws SQLException {
        switch (rows().claims.claim(id)) {
            case Claim.Claimed claimed -> {
                assertTrue(!model.state.ended() && (!model.leased || model.expired));
                assertEquals(model.cancelRequested, claimed.cancelRequested());
                model.state = ProcessState.RUNNING;
                model.attempt++;
                model.leased = true;
                model.expired = false;
                assertEquals(model.attempt, claimed.attempt().number());
                attempts.add(claimed.attempt());
            }
            case Claim.Held _ -> assertTrue(model.leased && !model.expired);
            case Claim.Finished(ProcessState state) -> assertEquals(model.state, state);
            case Claim.Missing() -> throw new AssertionError("the row is there");
        }
    }

    private void write(Step step, Model model, Attempt by) throws SQLException {
        boolean mine = model.mine(by);
        boolean leased = mine && model.leased;
        switch (step.what()) {
            case RENEW -> {
                Pulse expected =
                        !leased
                                ? Pulse.LOST
                                : model.cancelRequested ? Pulse.CANCEL_REQUESTED : Pulse.RENEWED;
                assertEquals(expected, rows().attempts.renew(by, Optional.of(SEEN)).pulse());
                model.expired &= !leased;
            }
            case PLAN -> assertEquals(mine, rows().attempts.planned(by, Optional.of("1"), 3));
            case ADVANCE ->
                    assertEquals(
                            mine,
                            rows().attempts
                                    .advance(
                                            by,
                                            Settlement.APPLIED,
                                            Optional.of(
                                                    new NextMigration(
                                                            Optional.of("" + by.number()),
                                                            "x",
                                                            by.number() + ".sql"))));
            case RELEASE -> {
                assertEquals(leased, rows().attempts.release(by, "room", Optional.empty()));
                model.leased &= !leased;
            }
            case RELEASE_FAILED -> {
                assertEquals(leased, rows().attempts.release(by, "may pass", Optional.of(FAILURE)));
                model.leased &= !leased;
            }
            case COMPLETE -> {
                assertEquals(mine, rows().attempts.complete(by, Optional.of("3")).isPresent());
                endIf(mine, model, ProcessState.COMPLETED);
            }
            case FAIL -> {
                assertEquals(mine, rows().attempts.fail(by, FAILURE).isPresent());
                endIf(mine, model, ProcessState.FAILED);
            }
            case CANCEL -> {
                assertEquals(mine, rows().attempts.cancel(by, Optional.empty()).isPresent());
                endIf(mine, model, ProcessState.CANCELED);
            }
            case CLAIM, EXPIRE, ASK_TO_CANCEL, ABANDON ->
                    throw new IllegalArgumentException(step.toString());
        }
    }

    private static void endIf(boolean mine, Model model, ProcessState end) {
        if (mine) {
            model.end(end);
        }
    }

    private void expire(UUID id, Model model) {
        rows().age(id, "1 hour");
        model.expired = model.leased;
    }

    private void askToCancel(UUID id, Model model) throws SQLException {
        boolean open = !model.state.ended();
        assertEquals(open, rows().cancel(id, "somebody") instanceof Processes.Cancellation.Asked);
        if (open) {
            model.cancelRequested = true;
            endIf(!model.leased, model, ProcessState.CANCELED);
        }
    }

    private void abandon(UUID id, Model model) throws SQLException {
        boolean open = !model.state.ended();
        boolean idle = !model.leased || model.expired;
        Class<? extends Abandoned.Outcome> expected =
                !open
                        ? Abandoned.Outcome.NothingToDo.class
                        : idle ? Abandoned.Outcome.Failed.class : Abandoned.Outcome.AtWork.class;
        assertInstanceOf(
                expected, new Abandoned(rows().claims.rows(), RowsFixture.STACK).fail(id, FAILURE));
        endIf(expected == Abandoned.Outcome.Failed.class, model, ProcessState.FAILED);
    }

    private static RowsFixture rows() {
        return java.util.Objects.requireNonNull(fixture);
    }
}
