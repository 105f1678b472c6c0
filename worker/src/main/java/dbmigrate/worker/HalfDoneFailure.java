package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What no roll-back undoes needs a person, or some patience. */
final class HalfDoneFailure {
    private HalfDoneFailure() {}

    /** A migration that no roll-back undoes did not end, and could be applied twice. */
    static Failure of(String script, List<String> statements, String history) {
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "%s failed or was cut off, and no roll-back undoes it: a part of it may be applied. No object was touched; the history %s has it as failed. Look at what stands of it. If you undo it by hand, delete that row (the command repair does); if you finish it by hand, set success = true there. The file as it is now: %s"
                                .formatted(script, history, shown(statements)))
                .withScript(Optional.of(script));
    }

    /** The same, found by what changes nothing, not the history either. */
    static Failure found(String script, List<String> statements) {
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "%s failed or was cut off, and no roll-back undoes it: a part of it may be applied. The file as it is now: %s"
                                .formatted(script, shown(statements)))
                .withScript(Optional.of(script))
                .withAction(
                        "Look at what stands of it. Undone by hand: POST {\"command\": \"repair\"}, and it runs again; finished by hand: the next migration says where to set success = true.");
    }

    private static String shown(List<String> statements) {
        String shown =
                statements.stream()
                        .map(new Masking(Map.of())::statement)
                        .collect(Collectors.joining("; "));
        return shown.isEmpty() ? "(see the script)" : shown;
    }

    /** What to do about a migration that failed behind what no roll-back undoes. */
    static String action(String script, Optional<Integer> line, String history) {
        return "%s of %s may stand: no roll-back undoes it, and the history %s has it as failed. Undo it by hand and delete that row (the command repair does), or finish it by hand and set success = true there (and its checksum, if you change the file: the next answer tells both); then POST again."
                .formatted(
                        line.map("What is before line %d"::formatted).orElse("A part"),
                        script,
                        history);
    }

    /** Somebody asked to cancel a migration that no roll-back undoes. */
    static Failure canceled(String script, String history) {
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "%s was cancelled, and no roll-back undoes it: a part of it may be applied. The history %s has it as failed."
                                .formatted(script, history))
                .withScript(Optional.of(script))
                .withAction(action(script, Optional.empty(), history));
    }

    /** The file of a migration that no roll-back undoes is gone before anybody looked. */
    static Failure gone(String script, String deletion) {
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "%s did not end, no roll-back undoes it, and its file is gone: a part of it may be applied"
                                .formatted(script))
                .withScript(Optional.of(script))
                .withAction(
                        "Put the file back and POST again: the answer says how to go on. Where nothing of it stands: POST {\"command\": \"repair\"}, or let an administrator run in the maintenance database: "
                                + deletion);
    }

    /** The history calls a migration failed whose file is gone. */
    static Failure failedAndGone(String script, String history) {
        return Failure.of(
                        FailureCode.EARLIER_FAILURE,
                        "%s stands in the history %s as failed, and its file is gone"
                                .formatted(script, history))
                .withScript(Optional.of(script));
    }

    /** An index that a migration would clear away is being built by somebody else. */
    static Failure beingBuilt(String script, String index, int pid) {
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "the index %s of %s is being built by the session %d, which is not ours; wait until it has ended, and start a new process"
                                .formatted(index, script, pid))
                .withScript(Optional.of(script))
                .withAction("Wait until that session has built the index, then POST again.");
    }
}
