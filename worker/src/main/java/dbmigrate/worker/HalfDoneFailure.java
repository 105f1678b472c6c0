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

    /** A migration that no roll-back undoes was cut off, and could be applied twice. */
    static Failure of(String script, List<String> statements, String history) {
        String shown =
                statements.stream()
                        .map(new Masking(Map.of())::statement)
                        .collect(Collectors.joining("; "));
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "%s was cut off, and no roll-back undoes it: a part of it may be applied. No object was touched; the history %s now has it as failed. Look at what stands of it. If you undo it by hand, delete that row; if you finish it by hand, set success = true there: %s"
                                .formatted(
                                        script,
                                        history,
                                        shown.isEmpty() ? "(see the script)" : shown))
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
