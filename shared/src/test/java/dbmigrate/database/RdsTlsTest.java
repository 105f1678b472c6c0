package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.testing.InstalledPostgres;
import dbmigrate.testing.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A PostgreSQL with TLS under a name of RDS. Its certificate is of an authority that stands in the
 * package, as the test runs it, as the roots of a region xx-test-1.
 */
@Tag("installed")
@Timeout(180)
class RdsTlsTest {
    private static final String HOST = "app.cluster-abc.xx-test-1.rds.amazonaws.com";
    private static final String SAME_REGION = "other.cluster-abc.xx-test-1.rds.amazonaws.com";
    private static final String REAL_REGION = "app.cluster-abc.eu-west-1.rds.amazonaws.com";

    @TempDir static Path folder;

    private static InstalledPostgres server;
    private static TestAuthority region;
    private static TestAuthority another;
    private static OtherJvm functions;

    @BeforeAll
    static void start() throws Exception {
        String reason = "RdsTlsTest is left out: " + InstalledPostgres.missing();
        if (!InstalledPostgres.isInstalled()) {
            System.out.println(reason);
        }
        assumeTrue(InstalledPostgres.isInstalled(), reason);
        region = TestAuthority.make(folder, "region");
        another = TestAuthority.make(folder, "another");
        Path roots =
                Files.createDirectories(folder.resolve("classes/dbmigrate/database/rds-roots"));
        Files.write(roots.resolve("xx-test-1.der"), region.der());
        functions = new OtherJvm(folder, HOST, SAME_REGION, REAL_REGION);
        server = InstalledPostgres.start();
        server.startWithTls(region.issue(HOST));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?sslmode=verify-full", "?sslmode=verify-ca"})
    void certificateOfTheRegionLogsIn(String query) throws Exception {
        assertEquals("postgres ssl=t", login(HOST, query));
    }

    @Test
    void certificateOfAnotherHostIsRefusedUnlessTheUrlAsksForLess() throws Exception {
        assertRefused("could not be verified", login(SAME_REGION, ""));
        assertEquals("postgres ssl=t", login(SAME_REGION, "?sslmode=verify-ca"));
    }

    /** With the roots that are shipped, which did not sign it. */
    @Test
    void certificateOfAnotherRootIsRefusedUnlessTheUrlAsksForLess() throws Exception {
        assertRefused("unable to find valid certification path", login(REAL_REGION, ""));
        assertRefused(
                "unable to find valid certification path",
                login(REAL_REGION, "?sslmode=verify-ca"));
        assertEquals("postgres ssl=t", login(REAL_REGION, "?sslmode=require"));
        assertEquals("postgres ssl=f", login(REAL_REGION, "?sslmode=disable"));
    }

    @Test
    void rootCertificateOfTheUrlStandsInPlaceOfTheShippedOnes() throws Exception {
        assertEquals("postgres ssl=t", login(HOST, "?sslrootcert=" + region.root()));
        assertRefused(
                "unable to find valid certification path",
                login(HOST, "?sslrootcert=" + another.root()));
    }

    @Test
    void hostsOfTwoRegionsTrustTheRootsOfBoth() throws Exception {
        String hosts = "%s:%d,%s".formatted(REAL_REGION, server.port(), HOST);
        assertEquals("postgres ssl=t", login(hosts, "?sslmode=verify-ca"));
        // The first one's name is not that of the certificate.
        assertEquals("postgres ssl=t", login(hosts, ""));
    }

    @Test
    void serverWithoutTlsIsRefused() throws Exception {
        server.stopImmediately();
        server.startAgain();
        try {
            assertRefused("does not support SSL", login(HOST, ""));
            assertEquals("postgres ssl=f", login(HOST, "?sslmode=disable"));
        } finally {
            server.startWithTls(region.issue(HOST));
        }
    }

    private static void assertRefused(String why, String said) {
        assertTrue(said.startsWith("TLS_REFUSED: "), said);
        assertTrue(said.contains(why), said);
    }

    private static String login(String hosts, String query) throws Exception {
        return functions.login(
                Map.of(
                        "DATABASE_URL",
                        "postgresql://postgres:%s@%s:%d/postgres%s"
                                .formatted(
                                        InstalledPostgres.password(),
                                        hosts,
                                        server.port(),
                                        query)));
    }
}
