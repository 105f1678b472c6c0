package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a URL that names RDS says about TLS; {@link RdsTlsTest} connects with it. */
class RdsTrustTest {
    private static final String WEST = "app.abc.eu-west-1.rds.amazonaws.com";
    private static final String EAST = "app.abc.us-east-1.rds.amazonaws.com";
    private static final String CHINA = "app.abc.rds.cn-north-1.amazonaws.com.cn";

    /** Columns: what the URL says; the mode; whose roots are trusted, - for a file or nobody's. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    '',                                 verify-full, roots
                    ?application_name=x,                verify-full, roots
                    ?sslmode=verify-full,               verify-full, roots
                    ?sslmode=verify-ca,                 verify-ca,   roots
                    ?sslaccept=strict,                  verify-full, roots
                    ?sslaccept=&requiressl=,            verify-full, roots
                    ?sslrootcert=/opt/root.pem,         verify-full, -
                    ?sslcert=/opt/root.pem,             verify-full, -
                    ?sslmode=verify-ca&sslrootcert=/r,  verify-ca,   -
                    ?sslmode=require&sslrootcert=/r,    verify-ca,   -
                    ?sslmode=require,                   require,     -
                    ?sslmode=no-verify,                 require,     -
                    ?sslmode=prefer,                    prefer,      -
                    ?sslmode=allow,                     allow,       -
                    ?sslmode=disable,                   disable,     -
                    ?ssl=true,                          require,     -
                    ?ssl=false,                         none,        -
                    ?requiressl=0,                      prefer,      -
                    ?sslaccept=accept_invalid_certs,    none,        -
                    """)
    void whatTheUrlSaysWinsAndVerifyFullIsTheRest(String query, String mode, String trust) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:p@" + WEST + "/app" + query);
        assertEquals(mode, url.parameter("sslmode").orElse("none"));
        assertEquals(
                trust.equals("roots") ? "eu-west-1" : "-",
                url.parameter("sslfactoryarg").orElse("-"));
        assertEquals(
                trust.equals("roots") ? RdsRoots.class.getName() : "-",
                url.parameter("sslfactory").orElse("-"));
    }

    @Test
    void systemsTrustStoreStaysItsOwn() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:p@" + WEST + "/app?sslrootcert=system");
        assertEquals("verify-full", url.parameter("sslmode").orElseThrow());
        assertEquals(
                "org.postgresql.ssl.DefaultJavaSSLFactory",
                url.parameter("sslfactory").orElseThrow());
    }

    @Test
    void jdbcUrlIsTheSame() {
        DatabaseUrl url = DatabaseUrl.parse("jdbc:postgresql://" + WEST + "/app?user=u&password=p");
        assertEquals("verify-full", url.parameter("sslmode").orElseThrow());
        assertEquals("eu-west-1", url.parameter("sslfactoryarg").orElseThrow());
    }

    @Test
    void severalHostsOfRdsTrustTheRootsOfAllTheirRegions() {
        DatabaseUrl url =
                DatabaseUrl.parse("postgresql://u:p@%s,%s:5433,%s/app".formatted(WEST, EAST, WEST));
        assertEquals("verify-full", url.parameter("sslmode").orElseThrow());
        assertEquals("eu-west-1,us-east-1", url.parameter("sslfactoryarg").orElseThrow());
    }

    @Test
    void hostOfRdsBesideAnotherNeedsAWord() {
        String hosts = "postgresql://u:p@" + WEST + ",db.example.org/app";
        assertRefused(hosts, "say sslmode");
        assertEquals(
                "require",
                DatabaseUrl.parse(hosts + "?sslmode=require").parameter("sslmode").orElseThrow());
        DatabaseUrl verified =
                DatabaseUrl.parse(hosts + "?sslmode=verify-full&sslrootcert=/opt/both.pem");
        assertEquals("/opt/both.pem", verified.parameter("sslrootcert").orElseThrow());
        assertTrue(verified.parameter("sslfactory").isEmpty());
    }

    @Test
    void regionWithoutRootsIsRefusedByName() {
        String url = "postgresql://u:p@" + CHINA + "/app";
        assertRefused(url, "cn-north-1", "sslrootcert", "sslmode=require");
        assertRefused(url + "?sslmode=verify-ca", "cn-north-1");
        assertEquals(
                "verify-full",
                DatabaseUrl.parse(url + "?sslrootcert=/opt/cn.pem")
                        .parameter("sslmode")
                        .orElseThrow());
        assertEquals(
                "require",
                DatabaseUrl.parse(url + "?sslmode=require").parameter("sslmode").orElseThrow());
    }

    @Test
    void clientCertificateNeedsARootCertificate() {
        assertRefused(
                "postgresql://u:p@" + WEST + "/app?sslkey=/k&sslcert=/c", "sslkey", "sslrootcert");
    }

    @Test
    void everyOtherHostIsAsBefore() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:p@db.example.org/app");
        assertTrue(url.parameter("sslmode").isEmpty());
        assertTrue(
                DatabaseUrl.parse("postgresql://u:p@db.example.org/app?sslmode=verify-full")
                        .parameter("sslfactory")
                        .isEmpty());
    }

    private static void assertRefused(String url, String... words) {
        String said =
                String.valueOf(
                        assertThrows(
                                        InvalidDatabaseUrlException.class,
                                        () -> DatabaseUrl.parse(url))
                                .getMessage());
        for (String word : words) {
            assertTrue(said.contains(word), said);
        }
    }
}
