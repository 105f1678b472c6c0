package dbmigrate.database;

import dbmigrate.log.Log;
import dbmigrate.snapshot.TlsPriming;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Map;

/** Loads what the first session needs: TLS, the server's roots, the driver. Asks no server. */
public final class SessionPriming {
    private SessionPriming() {}

    /**
     * Loads it on a thread of its own, while the constructor does something else. A failure is
     * logged, and costs time alone. What it saves: docs/benchmarks.md, "cold" and "cold-one-core".
     */
    public static void beside(DatabaseUrl url) {
        Thread.ofPlatform()
                .daemon()
                .name("session-priming")
                .start(() -> {
                    try {
                        run(url);
                    } catch (Exception e) {
                        new Log(Map.of())
                                .warn("loading ahead failed; the first event takes longer", e);
                    }
                });
    }

    /** Loads it. */
    public static void run(DatabaseUrl url)
            throws GeneralSecurityException, IOException, SQLException {
        if (url.parameter("sslmode").filter("disable"::equals).isEmpty()) {
            TlsPriming.run();
            RdsRoots.prime(url);
        }
        DriverPriming.run();
    }
}
