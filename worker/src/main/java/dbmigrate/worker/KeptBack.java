package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a session is told and nobody reads the answer of, until it goes along with what is next. */
final class KeptBack {
    private final Connection connection;
    private final List<PreparedCall> calls = new ArrayList<>();

    /** The one that was set with what was sent last; null where a script may have set another. */
    private @Nullable PreparedCall role;

    KeptBack(Connection connection) {
        this.connection = connection;
    }

    void add(PreparedCall call) {
        calls.add(call);
    }

    void remove(PreparedCall call) {
        calls.remove(call);
    }

    void clear() {
        calls.clear();
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    /** Whether a line of the history is among it. */
    boolean hasLine() {
        return calls.stream().anyMatch(call -> FlywayStatements.writesHistory(call.sql()));
    }

    /** Whether it only sets the role that was set last, if it sets anything. */
    boolean isSetAlready() {
        return calls.stream().allMatch(one -> one.equals(role));
    }

    /** Something else may set it now. */
    void forgetRole() {
        role = null;
    }

    /** Sends it, and these behind it; the first result that is read is theirs. */
    Sent sendWith(List<PreparedCall> others) throws SQLException {
        int before = calls.size();
        role =
                calls.stream()
                        .filter(call -> FlywayStatements.setsRole(call.sql()))
                        .reduce((_, last) -> last)
                        .orElse(null);
        List<PreparedCall> all = new ArrayList<>(calls);
        all.addAll(others);
        calls.clear();
        String sql = all.stream().map(PreparedCall::sql).collect(Collectors.joining("\n;"));
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            int bound = 0;
            for (PreparedCall call : all) {
                bound = call.bind(statement, bound);
            }
            statement.execute();
            for (int i = 0; i < before; i++) {
                statement.getMoreResults();
            }
            return new Sent(statement);
        } catch (SQLException e) {
            role = null;
            statement.close();
            throw e;
        }
    }
}
