package dbmigrate.database;

/** SQL identifiers: the one place that quotes them. */
public final class Identifier {
    private Identifier() {}

    /** The name as a quoted identifier; any name that PostgreSQL accepts is safe in SQL so. */
    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
