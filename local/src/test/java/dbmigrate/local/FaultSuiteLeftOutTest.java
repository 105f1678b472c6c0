package dbmigrate.local;

import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;

/** An ordinary build says what it leaves out. */
class FaultSuiteLeftOutTest {
    @Test
    void faultSuiteRunsInItsOwnProfile() {
        String reason =
                "FaultSuiteTest is left out: it takes minutes, and runs with mvn verify -Pfaults";
        System.out.println(reason);
        abort(reason);
    }
}
