package dbmigrate.process;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Waits for the end of a process while its caller waits for an answer.
 *
 * <ol>
 *   <li>Whoever waits keeps a function and a session busy, so there are {@code slots} places for
 *       all functions of a stack together. A place is a session-level advisory lock in the database
 *       of the rows: no table to clean up, and the server itself frees it when its session ends.
 *   <li>One statement tries the places in turn and ends with the first that it gets ({@link
 *       WaitSlot#take}). Where it gets none the caller does not wait.
 *   <li>A place belongs to the session that took it. {@link ProcessConnection} replaces a dead
 *       session silently, and with it a place would be lost silently, too. So everything that a
 *       wait does runs on that very session or not at all: it is not replaced, nothing is repeated,
 *       and a wait ends with its session. Nobody waits without a place, and no session gives back
 *       what it does not hold. The caller is answered with what it knew before.
 *   <li>The place is given back when the wait ends, however it ends. Where that fails the session
 *       is closed, which frees it as well.
 *   <li>The session of a function that was killed ends at once, since its socket is closed. That of
 *       one that is frozen, or cut off from the server, ends after its {@code
 *       idle_session_timeout}, a minute; for so long there is one place less.
 *   <li>A light statement looks at the state, 250 ms after the last one began and never sooner.
 *       When the process has ended, or the time is over, it is read once as a whole.
 *   <li>No statement may take longer than until {@code answerBy}, and nothing connects, which may
 *       take 20 s: the caller's answer is not late, whatever the server does.
 * </ol>
 *
 * @param slots how many may wait at once; 0 for nobody
 */
public record Waits(ProcessConnection rows, String stack, int slots, Clock clock, Pause pause) {
    private static final Duration BETWEEN_POLLS = Duration.ofMillis(250);

    /** What a statement gets even where time is up: less would only cost the session. */
    private static final Duration LEAST = Duration.ofMillis(250);

    /** What became of a wait. */
    public sealed interface Outcome {
        /** The process has ended or the time is over. */
        record Waited(MigrationProcess process) implements Outcome {}

        /** As many wait as may. */
        record NoRoom() implements Outcome {}

        /** The session was lost. */
        record Lost(Exception cause) implements Outcome {}
    }

    /**
     * Waits until a process has ended, on the session with which it was just read.
     *
     * @param until how long at the longest
     * @param answerBy when the answer has to leave, whatever happens
     */
    public Outcome forEnd(MigrationProcess process, Instant until, Instant answerBy) {
        try {
            Optional<WaitSlot> slot =
                    slots == 0
                            ? Optional.empty()
                            : WaitSlot.take(rows, stack, slots, left(answerBy));
            return slot.isPresent()
                    ? new Outcome.Waited(waited(slot.get(), process, until, answerBy))
                    : new Outcome.NoRoom();
        } catch (SQLException e) {
            return new Outcome.Lost(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Lost(e);
        }
    }

    private MigrationProcess waited(
            WaitSlot slot, MigrationProcess process, Instant until, Instant answerBy)
            throws SQLException, InterruptedException {
        try {
            poll(slot, process.id(), until, answerBy);
            return slot.on(
                            rows,
                            left(answerBy),
                            session -> ProcessReader.byId(session, stack, process.id()))
                    .orElse(process);
        } finally {
            release(slot, answerBy);
        }
    }

    private void poll(WaitSlot slot, UUID id, Instant until, Instant answerBy)
            throws SQLException, InterruptedException {
        // The caller has just read it.
        Instant begun = clock.instant();
        while (begun.plus(BETWEEN_POLLS).isBefore(until)) {
            pause.until(begun.plus(BETWEEN_POLLS));
            begun = clock.instant();
            if (hasEnded(slot, id, answerBy)) {
                return;
            }
        }
        pause.until(until);
    }

    /** One that is gone altogether has ended, too. */
    private boolean hasEnded(WaitSlot slot, UUID id, Instant answerBy) throws SQLException {
        String sql = "select state from db_migrate.process where stack = ? and id = ?";
        return slot.on(
                rows,
                left(answerBy),
                session -> {
                    try (PreparedStatement select = session.prepareStatement(sql)) {
                        select.setString(1, stack);
                        select.setObject(2, id);
                        ResultSet row = select.executeQuery();
                        return !row.next() || ProcessState.valueOf(row.getString("state")).ended();
                    }
                });
    }

    private void release(WaitSlot slot, Instant answerBy) {
        try {
            slot.release(rows, left(answerBy));
        } catch (SQLException e) {
            // The session is gone or was let go for this failure, and the server frees its slot.
        }
    }

    private Duration left(Instant answerBy) {
        Duration left = Duration.between(clock.instant(), answerBy);
        return left.compareTo(LEAST) < 0 ? LEAST : left;
    }
}
