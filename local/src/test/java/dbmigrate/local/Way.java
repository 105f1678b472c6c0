package dbmigrate.local;

import dbmigrate.testing.TestPostgres;
import java.net.URI;
import java.util.List;

/**
 * How a function of the benchmarks reaches its servers.
 *
 * @param sqs the queues' address
 * @param server PostgreSQL's host and port
 * @param parameters of PostgreSQL's URL
 * @param arguments of the function's JVM
 */
record Way(URI sqs, String server, String parameters, List<String> arguments) {
    private static final String LOGIN =
            URI.create(TestPostgres.shared().url("postgres")).getUserInfo();

    /** What our functions are given. */
    String databaseUrl() {
        return "postgresql://%s@%s/app?application_name=benchmark&%s"
                .formatted(LOGIN, server, parameters);
    }

    /** For a program that is not written in Java. */
    String libpqUrl(String database) {
        return "postgresql://%s@%s/%s?%s".formatted(LOGIN, server, database, parameters);
    }

    String jdbcUrl(String database) {
        String[] login = LOGIN.split(":");
        return "jdbc:postgresql://%s/%s?user=%s&password=%s&%s"
                .formatted(server, database, login[0], login[1], parameters);
    }
}
