package dbmigrate.settings;

import java.util.Set;

/**
 * Which databases of the server a caller may name. The one in {@code DATABASE_URL} is always
 * allowed; those that keep the server or the process rows never are.
 *
 * @param own the database of {@code DATABASE_URL}
 * @param processDatabase the maintenance database
 * @param patterns names or globs ({@code *} any run, {@code ?} one character), case-sensitive
 * @param createByGlob whether one that only a glob matches may be created when it is missing
 */
public record AllowedDatabases(
        String own, String processDatabase, Set<String> patterns, boolean createByGlob) {
    /**
     * The database that holds the rows where the role may not create a schema in the maintenance
     * one.
     */
    public static final String FALLBACK_PROCESS_DATABASE = "db_migrate";

    private static final Set<String> NEVER =
            Set.of("template0", "template1", "rdsadmin", FALLBACK_PROCESS_DATABASE);

    public AllowedDatabases {
        patterns = Set.copyOf(patterns);
    }

    /** Reads {@code ALLOWED_DATABASES} and {@code CREATE_BY_GLOB}. */
    public static AllowedDatabases read(Environment environment, ServerSettings server) {
        return new AllowedDatabases(
                server.url().database(),
                server.processDatabase(),
                environment.names("ALLOWED_DATABASES"),
                environment.flag("CREATE_BY_GLOB"));
    }

    /** Whether a caller may name this database. */
    public boolean allows(String name) {
        return name.equals(own)
                || (!isKept(name) && patterns.stream().anyMatch(p -> new Glob(p).matches(name)));
    }

    /** Whether this database may be created when it is missing; it is allowed then, too. */
    public boolean mayCreate(String name) {
        return name.equals(own)
                || (allows(name)
                        && (createByGlob
                                || patterns.contains(name) && !new Glob(name).isPattern()));
    }

    private boolean isKept(String name) {
        return NEVER.contains(name) || name.equals(processDatabase);
    }
}
