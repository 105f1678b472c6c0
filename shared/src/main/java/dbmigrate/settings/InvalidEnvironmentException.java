package dbmigrate.settings;

import java.util.List;

/**
 * The function's variables are not fit to run with; the message names each and what is wrong with
 * it.
 */
public final class InvalidEnvironmentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidEnvironmentException(List<String> problems) {
        super(
                "the environment of this function is not complete or not right: "
                        + String.join("; ", problems)
                        + ". Check the function's variables in template.yaml or in the deployment");
    }
}
