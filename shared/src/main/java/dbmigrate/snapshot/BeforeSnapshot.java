package dbmigrate.snapshot;

import dbmigrate.log.Log;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/**
 * Steps that run before Lambda takes a snapshot of an initialised function, so that what the first
 * event needs is loaded and compiled when the snapshot is restored.
 *
 * <p>Many instances are restored from one snapshot, hours later. Steps may ask the servers that the
 * function will ask, and change nothing there; together they leave nothing behind that is one
 * instance's own or that ages: no connection, no secret, no credentials, no random number. The
 * runtime itself forgets the addresses of hosts before the snapshot. What an instance needs of its
 * own is opened after its restore, beside what the runtime does.
 */
public final class BeforeSnapshot implements Resource {
    /** The JVM's first compiler takes a method after 200 calls; most are called several times. */
    private static final int OFTEN = 50;

    private static final Duration LONGEST = Duration.ofSeconds(4);

    /** The runtime holds its resources weakly. */
    private static final List<BeforeSnapshot> REGISTERED = new CopyOnWriteArrayList<>();

    private final List<Step> steps;
    private final List<Runnable> afterRestore;

    /** One of the steps. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    BeforeSnapshot(List<Step> steps, List<Runnable> afterRestore) {
        this.steps = steps;
        this.afterRestore = afterRestore;
    }

    /**
     * Has the steps run, in this order, before the snapshot is taken.
     *
     * @param afterRestore what begins when it is restored, and waits for nothing
     */
    public static void run(List<Step> steps, List<Runnable> afterRestore) {
        BeforeSnapshot hook = new BeforeSnapshot(steps, afterRestore);
        REGISTERED.add(hook);
        Core.getGlobalContext().register(hook);
    }

    /** Has the steps run, and nothing after the restore. */
    public static void run(Step... steps) {
        run(List.of(steps), List.of());
    }

    /** Runs a step so often that what it runs is compiled; it ends with one that fails. */
    public static void often(Step step) throws Exception {
        long begun = System.nanoTime();
        for (int i = 0; i < OFTEN && System.nanoTime() - begun < LONGEST.toNanos(); i++) {
            step.run();
        }
    }

    /**
     * A step that fails costs time at the first event; a failure here would cost the deployment.
     */
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        Log log = new Log(Map.of());
        for (Step step : steps) {
            try {
                step.run();
            } catch (Exception | LinkageError e) {
                log.warn("a step before the snapshot failed; the first event takes longer", e);
            }
        }
        log.info("ready for the snapshot");
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        afterRestore.forEach(Runnable::run);
    }
}
