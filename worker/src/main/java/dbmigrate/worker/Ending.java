package dbmigrate.worker;

import dbmigrate.process.Answer;
import dbmigrate.process.Failure;
import java.time.Duration;
import java.util.Optional;

/** How an attempt ends. */
sealed interface Ending {
    /**
     * Everything is applied.
     *
     * @param version the schema's version now; empty when no versioned migration was ever applied
     */
    record Completed(Optional<String> version) implements Ending {}

    /** A command other than migrate has run; its process is COMPLETED or FAILED. */
    record Answered(Answer answer) implements Ending {}

    /** The same would happen again. */
    record Failed(Failure failure) implements Ending {}

    /**
     * Somebody asked for it; what was applied stays applied.
     *
     * @param halfDone what may stand of the migration that ran, where no roll-back undoes it
     */
    record Canceled(Optional<Failure> halfDone) implements Ending {
        Canceled() {
            this(Optional.empty());
        }
    }

    /**
     * The next attempt goes on.
     *
     * @param reason why, in a few words
     * @param failure what failed and may pass; empty when nothing did
     * @param pause how long the message stays hidden
     */
    record GivenBack(String reason, Optional<Failure> failure, Duration pause) implements Ending {}

    /** Another attempt has taken over, or nobody knows: this one writes nothing more. */
    record Superseded() implements Ending {}
}
