package dbmigrate.credentials;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that goes wrong.
 *
 * @param what it is, for whoever reads the documentation
 * @param status of the answer; "no answer" where there is none
 * @param said what stands in the reason; empty where nothing has to
 * @param left what is left behind, after each step that {@link Steps} notes and after the last one
 */
record FailureRow(String what, Steps steps, String status, String said, String left) {
    /** What happens, up to the answer that counts. */
    @FunctionalInterface
    interface Steps {
        Scenario.Heard of(Scenario stack, List<String> left) throws Exception;
    }

    /** What came of it. */
    record Seen(String status, String reason, String left) {}

    Seen seen(Scenario stack) throws Exception {
        List<String> left = new ArrayList<>();
        Scenario.Heard heard = steps.of(stack, left);
        left.add(stack.left());
        if (!stack.bucket.refused().isEmpty()) {
            throw new AssertionError("S3 would not take it: " + stack.bucket.refused());
        }
        return new Seen(heard.status(), heard.reason(), String.join(" → ", left));
    }

    /** Its line in docs/operations.md. */
    String markdown() {
        return "| %s | %s%s | %s |"
                .formatted(what, status, said.isEmpty() ? "" : ": … " + said + " …", left);
    }
}
