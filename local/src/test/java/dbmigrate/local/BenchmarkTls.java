package dbmigrate.local;

import dbmigrate.testing.TestAuthority;
import dbmigrate.testing.TestPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Certificates of an authority of the benchmark's own, for PostgreSQL and for the queues. */
final class BenchmarkTls {
    private static final char[] PASSWORD = "benchmark".toCharArray();

    private final Path folder;
    private final TestAuthority authority;
    private final TestAuthority.Issued issued;

    /** Needs the openssl program. */
    BenchmarkTls(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        authority = TestAuthority.make(folder, "authority");
        issued = authority.issue("localhost");
    }

    /** What sslrootcert names. */
    Path root() {
        return authority.root();
    }

    /** From here on the server also takes connections by TLS. */
    void serve(TestPostgres postgres) throws Exception {
        Path key = folder.resolve("server.key");
        Files.write(key, issued.key());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Path certificate = Files.write(folder.resolve("server.pem"), issued.certificate());
        postgres.execute("postgres", "alter system set ssl_key_file = '%s'".formatted(key));
        postgres.execute(
                "postgres", "alter system set ssl_cert_file = '%s'".formatted(certificate));
        postgres.execute("postgres", "alter system set ssl = on");
        postgres.execute("postgres", "select pg_reload_conf()");
        Eventually.holds(
                "PostgreSQL speaks TLS",
                () -> postgres.query("postgres", "show ssl").equals(List.of("on")));
    }

    /** Takes connections by TLS. */
    ServerSocket listen() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        String pem = new String(issued.key(), StandardCharsets.US_ASCII);
        var key =
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(
                                        Base64.getMimeDecoder()
                                                .decode(pem.replaceAll("-----[A-Z ]+-----", ""))));
        store.setKeyEntry(
                "localhost", key, PASSWORD, new Certificate[] {certificate(issued.certificate())});
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context.getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** A JVM's arguments with which it trusts the authority, and nobody else. */
    String[] trusting() throws IOException, GeneralSecurityException {
        Path file = folder.resolve("trusted.p12");
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setCertificateEntry("root", certificate(Files.readAllBytes(root())));
        try (var out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
        return new String[] {
            "-Djavax.net.ssl.trustStore=" + file,
            "-Djavax.net.ssl.trustStorePassword=" + new String(PASSWORD)
        };
    }

    private static Certificate certificate(byte[] pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
    }
}
