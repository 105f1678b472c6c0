package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseUrlTest {
    private static final String PATH = "/arn%3Aaws%3Acloudformation/x?X-Amz-Signature=abc%2Fdef";

    /** The hosts of S3 under which CloudFormation's buckets were seen or are documented. */
    @ParameterizedTest
    @CsvSource({
        "eu-west-1, cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
        "eu-west-1, cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com",
        "eu-west-1, cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com:443",
        "us-east-1, cloudformation-custom-resource-response-useast1.s3.amazonaws.com",
        "us-east-1, CloudFormation-Custom-Resource-Response-useast1.S3.us-east-1.amazonaws.com",
        "eu-west-1, cloudformation-custom-resource-response-euwest1.s3.dualstack.eu-west-1.amazonaws.com",
        "us-gov-west-1, cloudformation-custom-resource-response-usgovwest1.s3.us-gov-west-1.amazonaws.com",
        "cn-north-1, cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn",
        "eusc-de-east-1, cloudformation-custom-resource-response-euscdeeast1.s3.eusc-de-east-1.amazonaws.eu",
        "us-iso-east-1, cloudformation-custom-resource-response-usisoeast1.s3.us-iso-east-1.c2s.ic.gov"
    })
    void bucketOfCloudFormationInTheFunctionsRegionIsTaken(String region, String host) {
        String url = "https://" + host + PATH;
        assertEquals(url, of(url, Map.of("AWS_REGION", region)).reveal().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "ftp://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com:8443",
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com.example.com",
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com.cn",
                "https://cloudformation-custom-resource-response-euwest1.s3.us-east-1.amazonaws.com",
                "https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com",
                "https://cloudformation-custom-resource-response-eu-west-1.s3.eu-west-1.amazonaws.com",
                "https://cloudformation-custom-resource-response-euwest1x.s3.eu-west-1.amazonaws.com",
                "https://x-cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "https://x.cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "https://s3.eu-west-1.amazonaws.com/cloudformation-custom-resource-response-euwest1",
                "https://cloudformation-custom-resource-response-euwest1.s3-website-eu-west-1.amazonaws.com",
                "https://example.com/cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "https://example.com?cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com@example.com",
                "https://u:p@cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com",
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com\\@example.com",
                "https://127.0.0.1",
                "https://[::1]",
                "https:///x",
                "file:///etc/passwd",
                "nothing",
                ""
            })
    void everythingElseIsRefusedAndNotShown(String url) {
        RefusedEventException refusal =
                assertThrows(
                        RefusedEventException.class,
                        () -> of(url + PATH, Map.of("AWS_REGION", "eu-west-1")));
        assertFalse(String.valueOf(refusal.getMessage()).contains("abc"), refusal::getMessage);
    }

    @Test
    void withoutARegionNobodyIsAnswered() {
        assertThrows(
                RefusedEventException.class,
                () ->
                        of(
                                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/x",
                                Map.of()));
    }

    @Test
    void hostsOfTheEnvironmentTakeThePlaceOfCloudFormations() {
        Map<String, String> variables =
                new HashMap<>(
                        Map.of(
                                "AWS_REGION",
                                "eu-west-1",
                                "CREDENTIALS_RESPONSE_HOSTS",
                                "127.0.0.1:8080, [::1]:8081"));
        assertEquals(8080, of("http://127.0.0.1:8080/x", variables).reveal().getPort());
        assertEquals(8081, of("http://[::1]:8081/x", variables).reveal().getPort());
        for (String other :
                new String[] {
                    "http://127.0.0.1:8082/x",
                    "http://u@127.0.0.1:8080/x",
                    "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/x"
                }) {
            assertThrows(RefusedEventException.class, () -> of(other, variables), other);
        }
    }

    @Test
    void printsMasked() {
        ResponseUrl url =
                of(
                        "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com"
                                + PATH,
                        Map.of("AWS_REGION", "eu-west-1"));
        assertEquals("a presigned URL", url.toString());
    }

    private static ResponseUrl of(String url, Map<String, String> variables) {
        return ResponseUrl.of(Optional.of(url), variables);
    }
}
