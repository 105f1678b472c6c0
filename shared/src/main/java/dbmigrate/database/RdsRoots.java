package dbmigrate.database;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.postgresql.ssl.WrappedFactory;

/**
 * TLS that trusts the roots of RDS in some regions and no other. pgjdbc makes one for each
 * connection, by its name ({@code sslfactory}); it is pgjdbc too that compares the host with the
 * certificate, where {@code sslmode} is verify-full.
 *
 * <p>The roots stand in the package, a file for each region: {@code rds-roots/source.txt} says
 * where they came from. A function reads those of its own server, three certificates, when it first
 * connects.
 */
public final class RdsRoots extends WrappedFactory {
    /** What they trust is the same for all connections, and TLS can resume its sessions. */
    private static final Map<String, SSLSocketFactory> KNOWN = new ConcurrentHashMap<>();

    /**
     * For pgjdbc, which calls it.
     *
     * @param regions their names, separated by commas ({@code sslfactoryarg})
     * @throws IllegalStateException where the package has no roots of one
     */
    public RdsRoots(String regions) {
        factory = KNOWN.computeIfAbsent(regions, RdsRoots::trusting);
    }

    /** Whether the package has roots of this region. */
    static boolean has(RdsRegion region) {
        return RdsRoots.class.getResource(file(region.name())) != null;
    }

    /** The roots of a region. */
    static Collection<? extends Certificate> of(RdsRegion region)
            throws IOException, GeneralSecurityException {
        try (InputStream file = RdsRoots.class.getResourceAsStream(file(region.name()))) {
            if (file == null) {
                throw new IOException("the package has no roots of RDS in " + region);
            }
            return CertificateFactory.getInstance("X.509").generateCertificates(file);
        }
    }

    /**
     * Reads the roots that sessions with this server need, where it needs any, so that the first
     * one finds them read.
     */
    public static void prime(DatabaseUrl url) {
        url.parameter("sslfactoryarg").ifPresent(RdsRoots::new);
    }

    private static SSLSocketFactory trusting(String regions) {
        try {
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            for (String region : List.of(regions.split(","))) {
                for (Certificate root : of(new RdsRegion(region))) {
                    roots.setCertificateEntry(region + roots.size(), root);
                }
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("the roots of RDS in " + regions + " are of no use", e);
        }
    }

    private static String file(String region) {
        return "rds-roots/" + region + ".der";
    }
}
