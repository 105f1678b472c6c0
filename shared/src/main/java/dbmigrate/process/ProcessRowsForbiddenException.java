package dbmigrate.process;

import dbmigrate.database.Identifier;
import dbmigrate.settings.ServerSettings;
import java.sql.SQLException;

/**
 * The database role may not keep the process rows on this server. The message names the role, the
 * database and the statement that helps; it holds no data and may be shown to a caller.
 */
public final class ProcessRowsForbiddenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String advice;

    ProcessRowsForbiddenException(ServerSettings server, SQLException cause) {
        super(advice(server), cause);
        this.advice = advice(server);
    }

    /** The sentence for whoever may change it: names and statements, no data. */
    public String advice() {
        return advice;
    }

    private static String advice(ServerSettings server) {
        String role = role(server);
        return """
        the role %2$s may not keep db-migrate's rows on this server. Either let it create a \
        schema in the maintenance database: GRANT CONNECT, CREATE ON DATABASE %1$s TO %2$s; or let it \
        create a database of its own: ALTER ROLE %2$s CREATEDB; or, where schema db_migrate exists and \
        belongs to another role: GRANT USAGE ON SCHEMA db_migrate TO %2$s; GRANT SELECT, INSERT, UPDATE, \
        DELETE ON ALL TABLES IN SCHEMA db_migrate TO %2$s;\
        """
                .formatted(Identifier.quote(server.processDatabase()), role);
    }

    private static String role(ServerSettings server) {
        return Identifier.quote(server.url().owner());
    }
}
