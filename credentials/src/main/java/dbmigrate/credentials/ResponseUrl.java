package dbmigrate.credentials;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;

/**
 * Where CloudFormation wants the answer: a presigned URL, which prints masked.
 *
 * <p>Whoever may call the function chooses this URL, so that only CloudFormation's own buckets are
 * let through: an answer elsewhere would tell a stranger what the function did. It is no proof that
 * CloudFormation asks: a caller can name such a bucket himself, and have the password changed. Who
 * may call is for {@code lambda:InvokeFunction} to say. The one bucket of a region is {@code
 * cloudformation-custom-resource-response-} and the region's name without its dashes (AWS
 * CloudFormation User Guide, "VPC endpoint policy considerations"). Names of buckets belong to
 * whoever made them first, so that the name is compared as a whole, and with the function's own
 * region, in which CloudFormation is when it calls. Of S3's endpoints those are taken that
 * CloudFormation has used or documents: {@code .s3.<region>.}, the older {@code .s3-<region>.}, the
 * global {@code .s3.} and {@code .s3.dualstack.<region>.}; behind them stands the partition's
 * domain ({@code amazonaws.com}, {@code amazonaws.com.cn}, {@code amazonaws.eu}, …).
 */
record ResponseUrl(URI reveal) {
    private static final String BUCKET = "cloudformation-custom-resource-response-";

    /**
     * Checks what an event names.
     *
     * @param variables CREDENTIALS_RESPONSE_HOSTS in them takes the place of CloudFormation's
     *     hosts, {@code host:port} separated by commas, where http is allowed as well: for tests
     * @throws RefusedEventException that shows nothing of the URL
     */
    static ResponseUrl of(Optional<String> text, Map<String, String> variables) {
        URI url = parsed(text);
        String host = Optional.ofNullable(url.getHost()).orElse("").toLowerCase(Locale.ROOT);
        Set<String> named = named(variables);
        boolean isAllowed =
                named.isEmpty()
                        ? "https".equalsIgnoreCase(url.getScheme())
                                && (url.getPort() == -1 || url.getPort() == 443)
                                && hosts(variables.getOrDefault("AWS_REGION", "")).contains(host)
                        : Set.of("http", "https").contains(String.valueOf(url.getScheme()))
                                && named.contains(host + ":" + url.getPort());
        if (!isAllowed || url.getRawUserInfo() != null) {
            throw new RefusedEventException(
                    "the event's ResponseURL is not https on CloudFormation's own S3 bucket of this region: CloudFormation did not send it, and nothing was done");
        }
        return new ResponseUrl(url);
    }

    private static URI parsed(Optional<String> text) {
        try {
            return new URI(
                    text.orElseThrow(() ->
                            new RefusedEventException(
                                    "the event has no ResponseURL: CloudFormation did not send it, and nothing was done")));
        } catch (URISyntaxException e) {
            // Its message repeats the URL, which is a secret where it is a presigned one.
            throw new RefusedEventException(
                    "the event's ResponseURL is no URL, and nothing was done");
        }
    }

    private static Set<String> named(Map<String, String> variables) {
        return Stream.of(variables.getOrDefault("CREDENTIALS_RESPONSE_HOSTS", "").split(","))
                .map(String::strip)
                .filter(host -> !host.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<String> hosts(String region) {
        if (region.isEmpty()) {
            return List.of();
        }
        String domain = PartitionMetadata.of(Region.of(region)).dnsSuffix();
        return Stream.of(".s3." + region, ".s3-" + region, ".s3", ".s3.dualstack." + region)
                .map(endpoint -> BUCKET + region.replace("-", "") + endpoint + "." + domain)
                .toList();
    }

    @Override
    public String toString() {
        return "a presigned URL";
    }
}
