package dbmigrate.worker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.testing.InstalledPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** The same on Debian's PostgreSQL 15: a membership has had options of its own since 16. */
@Tag("installed")
@Timeout(180)
class InstalledOwnerRoleTest extends OwnerRoleContract {
    private static InstalledPostgres server;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        if (!InstalledPostgres.isInstalled()) {
            System.out.println(
                    "InstalledOwnerRoleTest is left out: " + InstalledPostgres.missing());
        }
        assumeTrue(InstalledPostgres.isInstalled(), InstalledPostgres.missing());
        server = InstalledPostgres.start();
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void start() throws SQLException {
        createRoles();
    }

    @Override
    Connection superuser(String database) throws SQLException {
        return server.connect(database);
    }

    @Override
    int port() {
        return server.port();
    }
}
