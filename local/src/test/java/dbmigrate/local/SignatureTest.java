package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
    /** AWS's own example, of which it publishes each step's result. */
    private static final GatewayRequest EXAMPLE =
            new GatewayRequest(
                    "GET",
                    URI.create("/?Action=ListUsers&Version=2010-05-08"),
                    Map.of(
                            "Host", List.of("iam.amazonaws.com"),
                            "Content-Type",
                                    List.of("application/x-www-form-urlencoded; charset=utf-8"),
                            "X-Amz-Date", List.of("20150830T123600Z")),
                    "127.0.0.1",
                    new byte[0]);

    private static final List<String> SIGNED = List.of("content-type", "host", "x-amz-date");

    @Test
    void canonicalRequestOfAwssExampleHasThePublishedHash() {
        String canonical = CanonicalRequest.of(EXAMPLE, SIGNED);
        assertEquals(
                "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
                Signature.sha256(canonical.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Test
    void signatureOfAwssExampleIsThePublishedOne() {
        assertEquals(
                "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
                Signature.of(
                        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                        "20150830T123600Z",
                        "20150830/us-east-1/iam/aws4_request",
                        CanonicalRequest.of(EXAMPLE, SIGNED)));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            textBlock =
                    """
                    /,                              /,                   ``
                    /db-migrate?b=2&a=1,            /db-migrate,         a=1&b=2
                    /db-migrate?a=2&a=1&A=3,        /db-migrate,         A=3&a=1&a=2
                    /db-migrate?a&b=%7e%2f,         /db-migrate,         a=&b=~%2F
                    /db-migrate?n=x%20y&m=a:b,      /db-migrate,         m=a%3Ab&n=x%20y
                    /db%2Dmigrate/a%20b,            /db%252Dmigrate/a%2520b, ``
                    /health/../db-migrate,          /db-migrate,         ``
                    /a/./b/,                        /a/b/,               ``
                    /../..,                         /,                   ``
                    http://x//db-migrate,           /db-migrate,         ``
                    """)
    void pathIsNormalisedAndEncodedAgainAndTheQuerySorted(
            String target, String path, String query) {
        var request =
                new GatewayRequest("GET", URI.create(target), Map.of(), "127.0.0.1", new byte[0]);
        String[] lines = CanonicalRequest.of(request, List.of()).split("\n");
        assertEquals(path, lines[1]);
        assertEquals(query, lines[2]);
    }

    @Test
    void headersAreTrimmedAndThoseOfOneNameJoined() {
        var request =
                new GatewayRequest(
                        "GET",
                        URI.create("/"),
                        Map.of("X-A", List.of("  one   two ", "three")),
                        "127.0.0.1",
                        new byte[0]);
        String canonical = CanonicalRequest.of(request, List.of("x-a"));
        assertTrue(canonical.startsWith("GET\n/\n\nx-a:one two,three\n\nx-a\n"), canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AWS4-HMAC-SHA256",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0, Signature=1",
                "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=0",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=x-a;host, Signature=0",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;host, Signature=0",
                "AWS4-ECDSA-P256-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
                "Bearer Credential=a/b, SignedHeaders=host, Signature=0"
            })
    void headerOfAnotherFormIsNoSignature(String header) {
        assertTrue(Signature.parse(header).isEmpty());
    }
}
