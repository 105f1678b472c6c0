package dbmigrate.local.handler;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The SDK's client, told all that it would otherwise look for. */
final class Sqs {
    private Sqs() {}

    static SqsClient client() {
        return SqsClient.builder()
                .endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL_SQS")))
                .region(Region.of(System.getenv("AWS_REGION")))
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("local", "local")))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }
}
