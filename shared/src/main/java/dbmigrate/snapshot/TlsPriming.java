package dbmigrate.snapshot;

import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** Loads what TLS needs, the roots of the JDK among it. */
public final class TlsPriming {
    private TlsPriming() {}

    /** Has a client say its hello into a buffer, which nobody reads. */
    public static void run() throws NoSuchAlgorithmException, SSLException {
        SSLEngine client = SSLContext.getDefault().createSSLEngine("nobody.invalid", 443);
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
    }
}
