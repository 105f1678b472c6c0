package dbmigrate.router;

import dbmigrate.database.ConnectionFailure;

/** The kinds of problem, by the names that a caller's program can switch on. */
enum ProblemCode {
    BAD_REQUEST,
    UNAUTHENTICATED,
    IDENTITY_NOT_ALLOWED,
    COMMAND_NOT_ALLOWED,
    DATABASE_NOT_ALLOWED,
    PLACEHOLDER_NOT_ALLOWED,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    PROCESS_ENDED,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID_REQUEST,
    IDEMPOTENCY_KEY_REUSED,
    INTERNAL_ERROR,
    HOST_UNKNOWN,
    TLS_REFUSED,
    PASSWORD_REFUSED,
    SECRET_UNAVAILABLE,
    SECRET_INVALID,
    TOKEN_UNAVAILABLE,
    TOKEN_REFUSED,
    OWNER_ROLE_REFUSED,
    DATABASE_MISSING,
    TOO_MANY_CONNECTIONS,
    READ_ONLY_SERVER,
    SERVER_STARTING,
    SERVER_SHUTTING_DOWN,
    DATABASE_UNAVAILABLE,
    DATABASE_FORBIDDEN,
    QUEUE_UNAVAILABLE,
    KEY_BUSY,
    OUTCOME_UNKNOWN;

    /** The code of a database that cannot be had. */
    static ProblemCode of(ConnectionFailure kind) {
        return switch (kind) {
            case HOST_UNKNOWN -> HOST_UNKNOWN;
            case TLS_REFUSED -> TLS_REFUSED;
            case PASSWORD_REFUSED -> PASSWORD_REFUSED;
            case SECRET_UNAVAILABLE -> SECRET_UNAVAILABLE;
            case SECRET_INVALID -> SECRET_INVALID;
            case TOKEN_UNAVAILABLE -> TOKEN_UNAVAILABLE;
            case TOKEN_REFUSED -> TOKEN_REFUSED;
            case OWNER_ROLE_REFUSED -> OWNER_ROLE_REFUSED;
            case DATABASE_MISSING -> DATABASE_MISSING;
            case TOO_MANY_CONNECTIONS -> TOO_MANY_CONNECTIONS;
            case READ_ONLY_SERVER -> READ_ONLY_SERVER;
            case SERVER_STARTING -> SERVER_STARTING;
            case SERVER_SHUTTING_DOWN -> SERVER_SHUTTING_DOWN;
            case DATABASE_UNAVAILABLE -> DATABASE_UNAVAILABLE;
        };
    }
}
