package dbmigrate.worker;

import dbmigrate.database.Identifier;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Flyway's history as a table of its default name in the current schema, where it holds nothing but
 * migrations by SQL that succeeded.
 *
 * @param table its name with its schema, both quoted
 */
record AppliedHistory(String table, List<Applied> rows) {
    private static final String HISTORY = "flyway_schema_history";

    /** A row of the history. */
    record Applied(Optional<String> version, String description, String script, int checksum) {
        boolean is(MigrationFile file) {
            return isFormOf(file) && checksum == file.checksum();
        }

        /** Whether it is this file, maybe as it was at another time. */
        boolean isFormOf(MigrationFile file) {
            return version.equals(file.version()) && description.equals(file.description());
        }
    }

    AppliedHistory {
        rows = List.copyOf(rows);
    }

    /**
     * Empty where there is any doubt, or another session is at work as Flyway is. To Flyway no
     * history stands but in an ordinary table, and a row with a rank below 0 in none.
     */
    static Optional<AppliedHistory> read(Connection connection) {
        String sql =
                """
                select installed_rank, version, description, script, checksum,
                    type = 'SQL' and success and checksum is not null and installed_rank >= 0
                        and history.tableoid = (
                            select oid from pg_class
                            where oid = to_regclass(format('%%I.%%I', current_schema(), ?))
                              and relkind = 'r')
                        and not exists (
                            select from pg_locks
                            where locktype = 'advisory' and pid <> pg_backend_pid()
                              and database = (select oid from pg_database
                                              where datname = current_database())) as plain,
                    current_schema() as schema
                from %s as history order by installed_rank
                """
                        .formatted(HISTORY);
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, HISTORY);
            ResultSet row = select.executeQuery();
            List<Applied> rows = new ArrayList<>();
            String table = "";
            while (row.next()) {
                if (!row.getBoolean("plain")) {
                    return Optional.empty();
                }
                table = Identifier.quote(row.getString("schema")) + "." + Identifier.quote(HISTORY);
                rows.add(
                        new Applied(
                                Optional.ofNullable(row.getString("version")),
                                row.getString("description"),
                                row.getString("script"),
                                row.getInt("checksum")));
            }
            return Optional.of(new AppliedHistory(table, rows));
        } catch (SQLException e) {
            // No such table, or one of another shape; or the session is gone, as Flyway finds.
            return Optional.empty();
        }
    }

    /** Whether each file is applied as it is now, and nothing else was. */
    boolean agreesWith(List<MigrationFile> files) {
        Map<String, MigrationFile> byScript =
                files.stream().collect(Collectors.toMap(MigrationFile::script, one -> one));
        Map<String, Applied> last = new HashMap<>();
        for (Applied row : rows) {
            MigrationFile file = byScript.get(row.script());
            if (file == null || !row.isFormOf(file)) {
                return false;
            }
            if (last.put(row.script(), row) != null && row.version().isPresent()) {
                return false;
            }
        }
        return last.size() == files.size()
                && last.values().stream()
                        .allMatch(row -> row.is(Objects.requireNonNull(byScript.get(row.script()))))
                && isAscending(versions())
                && hasNoTwin(files);
    }

    private List<String> versions() {
        return rows.stream().flatMap(row -> row.version().stream()).toList();
    }

    private static boolean isAscending(List<String> versions) {
        for (int i = 1; i < versions.size(); i++) {
            if (compare(versions.get(i - 1), versions.get(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** As numbers, part by part; a part that is missing is 0. */
    private static int compare(String one, String other) {
        List<BigInteger> left = parts(one);
        List<BigInteger> right = parts(other);
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            int order = part(left, i).compareTo(part(right, i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static List<BigInteger> parts(String version) {
        return Arrays.stream(version.split("\\.")).map(BigInteger::new).toList();
    }

    private static BigInteger part(List<BigInteger> parts, int index) {
        return index < parts.size() ? parts.get(index) : BigInteger.ZERO;
    }

    /** Flyway refuses two repeatable files with one description. */
    private static boolean hasNoTwin(Collection<MigrationFile> files) {
        Set<String> descriptions = new HashSet<>();
        return files.stream()
                .filter(file -> file.version().isEmpty())
                .allMatch(file -> descriptions.add(file.description()));
    }

    /** The newest; empty where all of them are repeatable. */
    Optional<String> version() {
        List<String> versions = versions();
        return versions.isEmpty() ? Optional.empty() : Optional.of(versions.getLast());
    }
}
