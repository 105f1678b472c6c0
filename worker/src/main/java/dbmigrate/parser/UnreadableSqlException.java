package dbmigrate.parser;

/** A text that PostgreSQL's parser does not take. The parser's own words may quote values. */
public final class UnreadableSqlException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableSqlException(int position) {
        super(
                "PostgreSQL's parser does not read the statement from character %d on"
                        .formatted(position));
    }

    UnreadableSqlException(Throwable cause) {
        super("the parser came to no end with the statement", cause);
    }
}
