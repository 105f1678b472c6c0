package dbmigrate.snapshot;

import dbmigrate.log.Log;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/**
 * Steps that run before Lambda takes a snapshot of an initialised function, so that what the first
 * event needs is loaded when the snapshot is restored.
 *
 * <p>Many instances are restored from one snapshot, hours later. A step therefore leaves nothing
 * behind that is one instance's own or that ages: no connection, no secret, no credentials, no
 * random number. Then there is nothing to do after the restore either. The runtime itself forgets
 * the addresses of hosts before the snapshot.
 */
public final class BeforeSnapshot implements Resource {
    /** The runtime holds its resources weakly. */
    private static final List<BeforeSnapshot> REGISTERED = new CopyOnWriteArrayList<>();

    private final List<Step> steps;

    /** One of the steps. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    BeforeSnapshot(List<Step> steps) {
        this.steps = steps;
    }

    /** Has the steps run, in this order, before the snapshot is taken. */
    public static void run(Step... steps) {
        BeforeSnapshot hook = new BeforeSnapshot(List.of(steps));
        REGISTERED.add(hook);
        Core.getGlobalContext().register(hook);
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
            } catch (Exception e) {
                log.warn("a step before the snapshot failed; the first event takes longer", e);
            }
        }
        log.info("ready for the snapshot");
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {}
}
