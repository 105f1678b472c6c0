package dbmigrate.database;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The kinds of database that can be migrated. */
public enum DatabaseType {
    POSTGRESQL(Set.of("postgresql", "postgres", "aurora-postgresql"));

    /**
     * The longest and the oddest name that a message repeats; anything else may be a misplaced URL.
     */
    private static final String PRINTABLE_NAME = "[A-Za-z][A-Za-z0-9_-]{0,30}";

    private final Set<String> names;

    DatabaseType(Set<String> names) {
        this.names = names;
    }

    /**
     * The type that {@code DB_TYPE} names or, where it is absent, the one of the URL's scheme.
     *
     * @param dbType {@code postgresql}, {@code postgres} or {@code aurora-postgresql}, in any case
     * @throws IllegalArgumentException that names the unsupported type, or both where they disagree
     */
    public static DatabaseType of(Optional<String> dbType, String databaseUrl) {
        Optional<DatabaseType> named =
                dbType.map(String::strip).filter(name -> !name.isEmpty()).map(DatabaseType::named);
        Optional<UrlScheme> scheme = UrlScheme.of(databaseUrl);
        if (scheme.isPresent()) {
            return POSTGRESQL;
        }
        String other = UrlScheme.printable(databaseUrl);
        if (named.isPresent()) {
            throw new IllegalArgumentException(
                    "the type is postgresql, but the database URL begins with " + other);
        }
        throw new IllegalArgumentException(
                "the database URL begins with "
                        + other
                        + "; only postgresql://, postgres:// and jdbc:postgresql:// are supported");
    }

    private static DatabaseType named(String name) {
        for (DatabaseType type : values()) {
            if (type.names.contains(name.toLowerCase(Locale.ROOT))) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                (name.matches(PRINTABLE_NAME) ? "the type " + name : "this type")
                        + " is not supported; it must be postgresql, postgres or aurora-postgresql");
    }
}
