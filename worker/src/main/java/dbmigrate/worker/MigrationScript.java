package dbmigrate.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resource.Resource;
import org.flywaydb.core.internal.info.MigrationInfoImpl;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.resource.filesystem.FileSystemResource;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.flywaydb.core.internal.sqlscript.ParserSqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatement;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.database.postgresql.PostgreSQLParser;

/**
 * A migration that no roll-back undoes, as the statements that Flyway's own parser finds in it:
 * Flyway runs it without a transaction, or it ends the transaction itself.
 *
 * @param statements each one's SQL
 * @param known the statements that can be run again, in order; as many as there are statements
 *     where the whole script can be
 * @param lines where each begins, the first is 1
 * @param commits the first statement that ends Flyway's transaction, counted from 0
 */
record MigrationScript(
        String script,
        List<String> statements,
        List<Integer> lines,
        List<IndexStatement> known,
        OptionalInt commits) {
    /** A line without any of these words ends no transaction; "end" is in every function. */
    private static final Pattern MAY_COMMIT =
            Pattern.compile("\\b(commit|end|rollback|abort|prepare)\\b", Pattern.CASE_INSENSITIVE);

    /** The callback before the script's first statement. */
    private static final Pattern BEFORE_IT = Pattern.compile("beforeEachMigrate(__.*)?\\.sql");

    MigrationScript {
        statements = List.copyOf(statements);
        lines = List.copyOf(lines);
        known = List.copyOf(known);
    }

    /** Whether a migration is SQL, and no program that Flyway starts. */
    static boolean isSql(MigrationInfo migration) {
        return migration.getType() == CoreMigrationType.SQL;
    }

    /** Whether a migration is one that Flyway runs without a transaction. */
    static boolean isNonTransactional(MigrationInfo migration) {
        return isResolved(migration) && !((MigrationInfoImpl) migration).canExecuteInTransaction();
    }

    /** Whether a migration is SQL that Flyway runs in a transaction, though it may end that. */
    static boolean isTransactional(MigrationInfo migration) {
        return isSql(migration) && isResolved(migration) && !isNonTransactional(migration);
    }

    /**
     * The script of a migration that no roll-back undoes; empty for every other. One that cannot be
     * read, or whose statements Flyway will refuse, is none: it does not begin.
     */
    static Optional<MigrationScript> withoutRollback(
            MigrationInfo migration, Configuration configuration, Connection connection)
            throws SQLException {
        if (!isResolved(migration)) {
            return Optional.empty();
        }
        boolean nonTransactional = isNonTransactional(migration);
        if (!nonTransactional && !mayCommit(migration, configuration)) {
            return Optional.empty();
        }
        try {
            MigrationScript script = read(migration, configuration, connection);
            return Optional.of(script).filter(s -> nonTransactional || s.commits.isPresent());
        } catch (FlywayException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads a migration's script.
     *
     * @throws org.flywaydb.core.api.FlywayException when Flyway cannot parse it
     */
    static MigrationScript read(
            MigrationInfo migration, Configuration configuration, Connection connection)
            throws SQLException {
        FileSystemResource file =
                new FileSystemResource(
                        null, migration.getPhysicalLocation(), configuration.getEncoding(), false);
        PostgreSQLParser parser =
                new PostgreSQLParser(configuration, context(migration, configuration, connection));
        List<String> statements = new ArrayList<>();
        List<Integer> lines = new ArrayList<>();
        List<IndexStatement> known = new ArrayList<>();
        OptionalInt commits = OptionalInt.empty();
        // Here also a script with transactional statements is read, to be shown.
        boolean mixed = true;
        try (SqlStatementIterator found =
                new ParserSqlScript(parser, file, null, mixed).getSqlStatements()) {
            while (found.hasNext()) {
                SqlStatement statement = found.next();
                String sql = statement.getSql();
                if (commits.isEmpty()
                        && SentStatements.in(sql, connection).stream()
                                .anyMatch(SentStatements::endsTransaction)) {
                    commits = OptionalInt.of(statements.size());
                }
                statements.add(sql);
                lines.add(statement.getLineNumber());
                IndexStatement.parse(sql).ifPresent(known::add);
            }
        }
        return new MigrationScript(migration.getScript(), statements, lines, known, commits);
    }

    /** Whether every statement can be run again after it was cut off. */
    boolean runsAgain() {
        return known.size() == statements.size();
    }

    /** Whether no statement holds up the application while it waits for a lock. */
    boolean isPatient() {
        return runsAgain() && known.stream().allMatch(IndexStatement::isPatient);
    }

    /** Whether this failed before anything of the script was committed. */
    boolean isRolledBack(Throwable failure) {
        return Failures.in(failure, FlywaySqlScriptException.class)
                .filter(at ->
                        isFile(at.getResource())
                                ? isBeforeCommit(at)
                                : BEFORE_IT.matcher(at.getResource().getFilename()).matches())
                .isPresent();
    }

    /** Where a line holds the same statement before and behind the COMMIT, nobody knows. */
    private boolean isBeforeCommit(FlywaySqlScriptException failure) {
        int last = -1;
        for (int i = 0; i < statements.size(); i++) {
            if (lines.get(i) == failure.getLineNumber()
                    && statements.get(i).equals(failure.getStatement())) {
                last = i;
            }
        }
        return commits.isPresent() && last >= 0 && last < commits.getAsInt();
    }

    private boolean isFile(Resource resource) {
        return ("/" + script).endsWith("/" + resource.getFilename());
    }

    static boolean isResolved(MigrationInfo migration) {
        return migration instanceof MigrationInfoImpl info && info.getResolvedMigration() != null;
    }

    /** To parse each file a second time would cost more than to look into it. */
    private static boolean mayCommit(MigrationInfo migration, Configuration configuration) {
        Path file = Path.of(migration.getPhysicalLocation());
        try (BufferedReader lines = Files.newBufferedReader(file, configuration.getEncoding())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (MAY_COMMIT.matcher(line).find()) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** With the placeholders that Flyway itself defines, whose values its own run has ready. */
    private static ParsingContext context(
            MigrationInfo migration, Configuration configuration, Connection connection)
            throws SQLException {
        ParsingContext context = new ParsingContext();
        Map<String, String> own =
                Map.of(
                        "defaultSchema", FlywayHistory.schema(connection, configuration),
                        "user", connection.getMetaData().getUserName(),
                        "database", connection.getCatalog(),
                        "timestamp", "",
                        "filename", migration.getScript(),
                        "workingDirectory", "",
                        "table", configuration.getTable(),
                        "environment", configuration.getCurrentEnvironmentName());
        own.forEach((name, value) ->
                context.getPlaceholders()
                        .put("flyway" + configuration.getPlaceholderSeparator() + name, value));
        return context;
    }
}
