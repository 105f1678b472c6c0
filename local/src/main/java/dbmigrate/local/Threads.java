package dbmigrate.local;

/**
 * The threads of the local run: platform threads that do not keep the JVM alive. Not virtual ones:
 * a read of a child's pipe holds its carrier for as long as the child says nothing, and a machine
 * with two cores has two carriers.
 */
final class Threads {
    private Threads() {}

    static Thread daemon(Runnable work) {
        return Thread.ofPlatform().daemon().unstarted(work);
    }

    static void start(Runnable work) {
        daemon(work).start();
    }
}
