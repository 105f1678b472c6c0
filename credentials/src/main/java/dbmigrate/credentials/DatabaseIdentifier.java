package dbmigrate.credentials;

import dbmigrate.settings.Environment;
import java.util.Optional;

/** Which database of RDS the function is for. */
sealed interface DatabaseIdentifier {
    /** The identifier itself. */
    String text();

    /** An Aurora or a Multi-AZ cluster. */
    record Cluster(String text) implements DatabaseIdentifier {
        @Override
        public String toString() {
            return "the cluster " + text;
        }
    }

    /** An instance that stands alone. */
    record Instance(String text) implements DatabaseIdentifier {
        @Override
        public String toString() {
            return "the instance " + text;
        }
    }

    /** Reads DATABASE_CLUSTER_IDENTIFIER or DATABASE_INSTANCE_IDENTIFIER; one must be there. */
    static Optional<DatabaseIdentifier> read(Environment environment) {
        Optional<String> cluster = environment.text("DATABASE_CLUSTER_IDENTIFIER");
        Optional<String> instance = environment.text("DATABASE_INSTANCE_IDENTIFIER");
        if (cluster.isPresent() == instance.isPresent()) {
            environment.problem(
                    cluster.isPresent()
                            ? "DATABASE_CLUSTER_IDENTIFIER and DATABASE_INSTANCE_IDENTIFIER name two databases; give one"
                            : "DATABASE_CLUSTER_IDENTIFIER or DATABASE_INSTANCE_IDENTIFIER is missing");
            return Optional.empty();
        }
        return cluster.<DatabaseIdentifier>map(Cluster::new).or(() -> instance.map(Instance::new));
    }
}
