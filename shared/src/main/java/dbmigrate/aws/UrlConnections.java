package dbmigrate.aws;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * The SDK's HTTP client on the JDK's {@link HttpURLConnection}, which weighs nothing.
 *
 * <p>When the time of a try is over the SDK closes the connection under it, and HttpURLConnection
 * (25) may answer that with a {@link NullPointerException}. The SDK (2.54) hands that on to the
 * caller. Here it is an {@link IOException}: the SDK tries again, or says that the time is over.
 */
public final class UrlConnections implements SdkHttpClient {
    private final SdkHttpClient client;

    /**
     * A client.
     *
     * @param limit how long it may take to connect, and each reading
     */
    public UrlConnections(Duration limit) {
        this(
                UrlConnectionHttpClient.builder()
                        .connectionTimeout(limit)
                        .socketTimeout(limit)
                        .build());
    }

    UrlConnections(SdkHttpClient client) {
        this.client = client;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest prepared = client.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                try {
                    return prepared.call();
                } catch (NullPointerException e) {
                    throw new IOException("the connection was closed while it was in use", e);
                }
            }

            @Override
            public void abort() {
                prepared.abort();
            }
        };
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        client.close();
    }
}
