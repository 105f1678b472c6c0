package dbmigrate.credentials;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The steps of a rotation, in the order in which Secrets Manager calls the function for them. */
enum RotationStep {
    CREATE_SECRET("createSecret"),
    SET_SECRET("setSecret"),
    TEST_SECRET("testSecret"),
    FINISH_SECRET("finishSecret");

    private final String word;

    RotationStep(String word) {
        this.word = word;
    }

    /**
     * Reads Secrets Manager's word.
     *
     * @throws CredentialsException that lists the four
     */
    static RotationStep of(String word) {
        return Arrays.stream(values())
                .filter(step -> step.word.equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new CredentialsException(
                                "Step of the event is none of "
                                        + Arrays.stream(values())
                                                .map(RotationStep::toString)
                                                .collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return word;
    }
}
