package dbmigrate.credentials;

import java.util.Optional;

/** What came of a request. */
sealed interface Outcome {
    /**
     * It was done.
     *
     * @param credentials empty for a Delete
     * @param note what whoever deploys should know all the same
     */
    record Success(Optional<ProvedCredentials> credentials, Optional<String> note)
            implements Outcome {}

    /** It was not done; the reason says what to check. */
    record Failure(String reason) implements Outcome {}
}
