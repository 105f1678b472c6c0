package dbmigrate.database;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the hosts of a URL, of which some or all are RDS's, mean for TLS.
 *
 * @param regions of those that are RDS's, each once, in their order
 * @param isRdsAlone whether all are
 */
record RdsTrust(List<RdsRegion> regions, boolean isRdsAlone) {
    RdsTrust {
        regions = List.copyOf(regions);
    }

    static RdsTrust of(List<Host> hosts) {
        List<Optional<RdsRegion>> each = hosts.stream().map(RdsRegion::of).toList();
        return new RdsTrust(
                each.stream().flatMap(Optional::stream).distinct().toList(),
                each.stream().allMatch(Optional::isPresent));
    }

    /**
     * The mode where the URL says nothing; empty for pgjdbc's own.
     *
     * @throws InvalidDatabaseUrlException where one mode cannot be right for all hosts
     */
    Optional<String> mode() {
        if (regions.isEmpty()) {
            return Optional.empty();
        }
        if (!isRdsAlone) {
            throw new InvalidDatabaseUrlException(
                    "the host",
                    "is one of RDS and one of another kind, which are not verified alike: say sslmode,"
                            + " and sslrootcert for one that verifies");
        }
        return Optional.of("verify-full");
    }

    /**
     * The properties with which pgjdbc trusts the roots in the package; none for other hosts than
     * RDS's.
     *
     * @throws InvalidDatabaseUrlException where the package has no roots of a region
     */
    Map<String, String> properties() {
        if (!isRdsAlone) {
            return Map.of();
        }
        for (RdsRegion region : regions) {
            if (!RdsRoots.has(region)) {
                throw new InvalidDatabaseUrlException(
                        "the host",
                        "is in %s, and the package has no roots of RDS in that region: name a file that has them in sslrootcert, or say sslmode=require"
                                .formatted(region));
            }
        }
        return Map.of(
                "sslfactory",
                RdsRoots.class.getName(),
                "sslfactoryarg",
                regions.stream().map(RdsRegion::name).collect(Collectors.joining(",")));
    }
}
