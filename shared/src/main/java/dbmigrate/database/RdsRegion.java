package dbmigrate.database;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The region whose RDS a server belongs to, by the name of its host.
 *
 * @param name such as {@code eu-west-1}
 */
record RdsRegion(String name) {
    /**
     * {@code app.cluster-abc.eu-west-1.rds.amazonaws.com}, and the other way round in China and
     * GovCloud, {@code app.abc.rds.cn-north-1.amazonaws.com.cn}. Both are taken with either ending.
     */
    private static final Pattern ENDPOINT =
            Pattern.compile(
                    "(?:[a-z0-9-]+[.])+(?:([a-z]+-[a-z-]+-[0-9]+)[.]rds|rds[.]([a-z]+-[a-z-]+-[0-9]+))"
                            + "[.]amazonaws[.]com(?:[.]cn)?[.]?");

    /** Empty for a host that is not an endpoint of RDS. */
    static Optional<RdsRegion> of(Host host) {
        Matcher endpoint = ENDPOINT.matcher(host.name());
        return endpoint.matches()
                ? Optional.of(
                        new RdsRegion(
                                Optional.ofNullable(endpoint.group(1))
                                        .orElseGet(() -> endpoint.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return name;
    }
}
