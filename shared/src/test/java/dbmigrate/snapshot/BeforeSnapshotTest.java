package dbmigrate.snapshot;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.crac.Core;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeforeSnapshotTest {
    @Test
    void stepThatFailsHindersNeitherTheOthersNorTheSnapshot() {
        List<String> run = new ArrayList<>();
        BeforeSnapshot hook =
                new BeforeSnapshot(
                        List.of(
                                () -> run.add("first"),
                                () -> {
                                    throw new IOException("for the test");
                                },
                                () -> {
                                    throw new IllegalStateException("for the test");
                                },
                                () -> run.add("last")),
                        List.of());
        hook.beforeCheckpoint(Core.getGlobalContext());
        assertEquals(List.of("first", "last"), run);
    }

    @Test
    void stepThatIsRunOftenEndsWithItsFailure() throws Exception {
        List<String> run = new ArrayList<>();
        BeforeSnapshot.often(() -> run.add("once more"));
        assertTrue(run.size() > 1);
        run.clear();
        assertThrows(
                IOException.class,
                () ->
                        BeforeSnapshot.often(() -> {
                            run.add("once");
                            throw new IOException("for the test");
                        }));
        assertEquals(List.of("once"), run);
    }

    @Test
    void whatFollowsTheRestoreDoesNotRunBeforeTheSnapshot() {
        List<String> run = new ArrayList<>();
        BeforeSnapshot hook =
                new BeforeSnapshot(
                        List.of(() -> run.add("before")), List.of(() -> run.add("after")));
        hook.beforeCheckpoint(Core.getGlobalContext());
        assertEquals(List.of("before"), run);
        hook.afterRestore(Core.getGlobalContext());
        assertEquals(List.of("before", "after"), run);
    }

    @Test
    void tlsIsPrimedWithoutANetwork() {
        assertDoesNotThrow(TlsPriming::run);
    }

    @Test
    void snapshotIsTakenWhereLambdaSaysSo() {
        assertTrue(SnapStart.isOn(Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")));
        assertFalse(SnapStart.isOn(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"on-demand", "provisioned-concurrency", "lambda-managed-instances"})
    void everyOtherInitializationTakesNone(String type) {
        assertFalse(SnapStart.isOn(Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", type)));
    }
}
