package dbmigrate.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * What reaches the server of a text: the driver cuts it into statements by its own parser. Flyway's
 * reads {@code $1}, where no quote begins, as the beginning of one, and takes several statements
 * for a single one then.
 */
final class SentStatements {
    private static final Pattern ENDS_TRANSACTION =
            Pattern.compile(
                    "(commit|end|abort|prepare\\s+transaction"
                            + "|rollback(?!\\s+(?:(?:work|transaction)\\s+)?to\\b))\\b",
                    Pattern.CASE_INSENSITIVE);

    private SentStatements() {}

    /** The statements, without their comments. */
    static List<String> in(String text, Connection connection) throws SQLException {
        boolean standardStrings =
                connection.unwrap(BaseConnection.class).getStandardConformingStrings();
        return Parser.parseJdbcSql(text, standardStrings, false, true, false, true).stream()
                .map(SentStatements::statement)
                .filter(sql -> !sql.isEmpty())
                .toList();
    }

    private static String statement(NativeQuery query) {
        return SqlText.withoutComments(query.nativeSql).strip();
    }

    /** Whether a statement without comments ends the transaction that it is in. */
    static boolean endsTransaction(String statement) {
        return ENDS_TRANSACTION.matcher(statement).lookingAt();
    }
}
