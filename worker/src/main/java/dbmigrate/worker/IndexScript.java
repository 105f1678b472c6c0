package dbmigrate.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.internal.info.MigrationInfoImpl;
import org.flywaydb.core.internal.parser.ParsingContext;
import org.flywaydb.core.internal.resource.filesystem.FileSystemResource;
import org.flywaydb.core.internal.sqlscript.ParserSqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatement;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.database.postgresql.PostgreSQLParser;

/**
 * A migration that cannot run in a transaction, as the statements that Flyway's own parser finds in
 * it.
 *
 * @param statements each one's SQL
 * @param known the statements that can be run again, in order; as many as there are statements
 *     where the whole script can be
 */
record IndexScript(String script, List<String> statements, List<IndexStatement> known) {
    IndexScript {
        statements = List.copyOf(statements);
        known = List.copyOf(known);
    }

    /** Whether a migration is one that Flyway runs without a transaction. */
    static boolean isNonTransactional(MigrationInfo migration) {
        return migration instanceof MigrationInfoImpl info
                && info.getResolvedMigration() != null
                && !info.canExecuteInTransaction();
    }

    /**
     * Reads a migration's script.
     *
     * @throws org.flywaydb.core.api.FlywayException when Flyway cannot parse it
     */
    static IndexScript read(MigrationInfo migration, Configuration configuration) {
        FileSystemResource file =
                new FileSystemResource(
                        null, migration.getPhysicalLocation(), configuration.getEncoding(), false);
        PostgreSQLParser parser = new PostgreSQLParser(configuration, new ParsingContext());
        List<String> statements = new ArrayList<>();
        List<IndexStatement> known = new ArrayList<>();
        // Here also a script with transactional statements is read, to be shown.
        boolean mixed = true;
        try (SqlStatementIterator found =
                new ParserSqlScript(parser, file, null, mixed).getSqlStatements()) {
            while (found.hasNext()) {
                SqlStatement statement = found.next();
                statements.add(statement.getSql());
                Optional<IndexStatement> index = IndexStatement.parse(statement.getSql());
                index.ifPresent(known::add);
            }
        }
        return new IndexScript(migration.getScript(), statements, known);
    }

    /** Whether every statement can be run again after it was cut off. */
    boolean runsAgain() {
        return known.size() == statements.size();
    }

    /** Whether no statement holds up the application while it waits for a lock. */
    boolean isConcurrent() {
        return runsAgain() && known.stream().allMatch(IndexStatement::isConcurrent);
    }
}
