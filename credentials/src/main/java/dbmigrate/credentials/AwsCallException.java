package dbmigrate.credentials;

import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * A call of AWS that failed for good. It keeps no cause: what the SDK says could hold what it was
 * given.
 */
final class AwsCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What a service says is cut here; the answer to CloudFormation holds 4,096 bytes in all. */
    private static final int LONGEST_WORDS = 500;

    private final String code;

    private AwsCallException(String code, String sentence) {
        super(sentence);
        this.code = code;
    }

    /**
     * Composes the sentence.
     *
     * @param action as a policy names it, such as {@code rds:ModifyDBCluster}
     * @param resource what it was about
     * @param hidden a password that was given, which does not appear
     */
    static AwsCallException of(
            String action, String resource, Optional<String> hidden, SdkException failure) {
        if (failure instanceof AwsServiceException service) {
            String code = code(service);
            String said =
                    Optional.ofNullable(service.awsErrorDetails())
                            .map(AwsErrorDetails::errorMessage)
                            .orElse("");
            String words = hidden.map(secret -> said.replace(secret, "****")).orElse(said);
            return new AwsCallException(
                    code,
                    "%s on %s failed (%s%s); %s"
                            .formatted(
                                    action,
                                    resource,
                                    code,
                                    words.isEmpty() ? "" : ": " + cut(words),
                                    check(code, action, resource)));
        }
        return new AwsCallException(
                "",
                "%s on %s could not be called; check that the function's network has a route to the service (an interface endpoint for %s in the VPC that lets the function in on port 443, or NAT) and that it runs with a role"
                        .formatted(action, resource, service(action)));
    }

    /** The service's own word for it, without the "Exception" or "Fault" that only some have. */
    boolean is(String error) {
        return code.replaceFirst("(Exception|Fault)$", "").equals(error);
    }

    private static String code(AwsServiceException service) {
        return Optional.ofNullable(service.awsErrorDetails())
                .map(AwsErrorDetails::errorCode)
                .orElse("status " + service.statusCode());
    }

    private static String check(String code, String action, String resource) {
        if (AwsCalls.isDenied(code)) {
            return "let the function's role do %s on %s, and where the secret has a KMS key of its own, kms:Decrypt and kms:GenerateDataKey on that"
                    .formatted(action, resource);
        }
        if (code.contains("Decryption") || code.contains("Encryption") || code.contains("KMS")) {
            return "check that the secret's KMS key is enabled, and that the function's role may do kms:Decrypt and kms:GenerateDataKey on it";
        }
        return "the function's log has the steps before it";
    }

    private static String service(String action) {
        return action.substring(0, action.indexOf(':'));
    }

    private static String cut(String words) {
        return words.length() > LONGEST_WORDS ? words.substring(0, LONGEST_WORDS) + "…" : words;
    }
}
