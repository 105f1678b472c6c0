package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The roots of RDS in the package. */
class RdsRootsTest {
    private static final Path FOLDER = Path.of("src/main/resources/dbmigrate/database/rds-roots");
    private static final Duration NOTICE = Duration.ofDays(180);

    @Test
    void noRootExpiresWithin180Days() throws Exception {
        List<String> expiring = expiringBy(Instant.now().plus(NOTICE));
        assertTrue(
                expiring.isEmpty(),
                () ->
                        "Servers of RDS can soon not be verified any more: %s. Run .ci/rds-roots, with a newer version of its npm package where there is one, and commit what it writes."
                                .formatted(String.join("; ", expiring)));
    }

    /** The first ones, in 2061, are seen before. */
    @Test
    void rootsThatExpireAreSeen180DaysAhead() throws Exception {
        List<String> expiring = expiringBy(Instant.parse("2060-12-01T00:00:00Z").plus(NOTICE));
        assertTrue(
                expiring.stream().anyMatch(root -> root.contains("sa-east-1 Root CA RSA2048 G1")),
                expiring::toString);
    }

    @Test
    void sourceSaysHowManyThereAre() throws Exception {
        int roots = 0;
        for (RdsRegion region : regions().toList()) {
            roots += RdsRoots.of(region).size();
        }
        String said =
                "Amazon's RDS roots of %d regions, %d certificates"
                        .formatted(regions().count(), roots);
        String source = Files.readString(FOLDER.resolve("source.txt"));
        assertTrue(source.startsWith(said), source);
        assertTrue(source.contains(".ci/rds-roots"), source);
    }

    @ParameterizedTest
    @MethodSource("regions")
    void regionHasThreeRootsOfItsOwnThatSignedThemselves(RdsRegion region) throws Exception {
        List<String> kinds = new ArrayList<>();
        for (X509Certificate root : roots(region)) {
            root.verify(root.getPublicKey());
            root.checkValidity();
            assertTrue(root.getBasicConstraints() >= 0, root::toString);
            String name = root.getSubjectX500Principal().getName();
            assertEquals(name, root.getIssuerX500Principal().getName());
            String before = "CN=Amazon RDS " + region + " Root CA ";
            assertTrue(name.contains(before), name);
            kinds.add(name.replaceFirst(".*" + before, "").replaceFirst(" G1.*", ""));
        }
        kinds.sort(null);
        assertEquals(List.of("ECC384", "RSA2048", "RSA4096"), kinds);
    }

    @Test
    void regionWithoutRootsIsSaid() {
        assertFalse(RdsRoots.has(new RdsRegion("cn-north-1")));
        Exception failure =
                assertThrows(IllegalStateException.class, () -> new RdsRoots("cn-north-1"));
        assertTrue(failure.toString().contains("cn-north-1"), failure::toString);
    }

    @Test
    void connectionsShareWhatTheyTrust() {
        assertTrue(new RdsRoots("eu-west-1").getDefaultCipherSuites().length > 0);
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@a.b.eu-west-2.rds.amazonaws.com/app");
        assertEquals("eu-west-2", url.parameter("sslfactoryarg").orElseThrow());
        RdsRoots.prime(url);
        RdsRoots.prime(DatabaseUrl.parse("postgresql://u@localhost/app"));
    }

    private static List<String> expiringBy(Instant day) throws Exception {
        List<String> expiring = new ArrayList<>();
        for (RdsRegion region : regions().toList()) {
            for (X509Certificate root : roots(region)) {
                if (root.getNotAfter().before(Date.from(day))) {
                    expiring.add(
                            root.getSubjectX500Principal().getName() + " " + root.getNotAfter());
                }
            }
        }
        return expiring;
    }

    private static List<X509Certificate> roots(RdsRegion region)
            throws IOException, GeneralSecurityException {
        List<X509Certificate> roots = new ArrayList<>();
        for (Certificate root : RdsRoots.of(region)) {
            roots.add((X509Certificate) root);
        }
        return roots;
    }

    static Stream<RdsRegion> regions() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".der"))
                    .map(name -> new RdsRegion(name.substring(0, name.length() - 4)))
                    .sorted((a, b) -> a.name().compareTo(b.name()))
                    .toList()
                    .stream();
        }
    }
}
