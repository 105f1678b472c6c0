package dbmigrate.snapshot;

import java.util.Map;

/** Whether Lambda takes a snapshot of this function; a cold start pays for this class alone. */
public final class SnapStart {
    private SnapStart() {}

    /** Whether it does, from the variables that Lambda sets. */
    public static boolean isOn(Map<String, String> variables) {
        return "snap-start".equals(variables.get("AWS_LAMBDA_INITIALIZATION_TYPE"));
    }
}
