package dbmigrate.worker;

/** A database is missing, and only a glob of ALLOWED_DATABASES matches its name. */
final class DatabaseMissingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DatabaseMissingException(String name) {
        super(
                ("the database %s does not exist, and it may not be created: only a glob of"
                                + " ALLOWED_DATABASES matches it. Name it there in full, set CREATE_BY_GLOB=true,"
                                + " or create it yourself")
                        .formatted(name));
    }
}
