package dbmigrate.settings;

import java.util.Optional;

/**
 * Where the queue is.
 *
 * @param region its AWS region, given explicitly: finding it out costs a cold start
 */
public record QueueSettings(String url, String region) {
    /**
     * Reads {@code MIGRATION_QUEUE_URL} and Lambda's own {@code AWS_REGION}; both must be there.
     */
    public static Optional<QueueSettings> read(Environment environment) {
        Optional<String> url = environment.required("MIGRATION_QUEUE_URL", text -> text);
        Optional<String> region = environment.required("AWS_REGION", text -> text);
        return url.isPresent() && region.isPresent()
                ? Optional.of(new QueueSettings(url.get(), region.get()))
                : Optional.empty();
    }
}
