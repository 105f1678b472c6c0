package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.warnings.Catalog;
import dbmigrate.warnings.Script;
import dbmigrate.warnings.Warning;
import dbmigrate.warnings.Warnings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * The warnings about pending migrations. Where nothing is pending, and in a database without
 * tables, nothing is read; a file without a dangerous word is not parsed.
 */
record PendingWarnings(Connection connection, Configuration configuration) {
    /** How many a failure names; the row has all of them. */
    private static final int NAMED = 10;

    /** The warnings about what would run, in its order. */
    List<Warning> of(MigrationInfoService info) throws SQLException {
        MigrationInfo[] pending = info.pending();
        if (pending.length == 0) {
            return List.of();
        }
        Catalog catalog = new Catalog(connection, FlywayHistory.schema(connection, configuration));
        if (catalog.isEmpty(configuration.getTable())) {
            return List.of();
        }
        List<Script> scripts = new ArrayList<>();
        for (MigrationInfo migration : pending) {
            script(migration).ifPresent(scripts::add);
        }
        Masking masking = new Masking(configuration.getPlaceholders());
        return Warnings.of(scripts, catalog, masking::statement);
    }

    private Optional<Script> script(MigrationInfo migration) throws SQLException {
        if (!MigrationScript.isResolved(migration) || !maySay(migration)) {
            return Optional.empty();
        }
        MigrationScript script;
        try {
            script = MigrationScript.read(migration, configuration, connection);
        } catch (FlywayException e) {
            // What cannot be read will not run: Flyway says so then.
            return Optional.empty();
        }
        List<Script.Statement> statements = new ArrayList<>();
        for (int i = 0; i < script.statements().size(); i++) {
            String sql = script.statements().get(i);
            int line = script.lines().get(i);
            String bare = SqlText.masked(sql, "…").strip();
            statements.add(new Script.Statement(sql, bare, line, comments(sql, line)));
        }
        boolean transactional = MigrationScript.isTransactional(migration);
        return Optional.of(new Script(script.script(), transactional, statements));
    }

    /** By their lines; that of the first word is known. */
    private static SortedMap<Integer, String> comments(String sql, int line) {
        int before = lines(sql, SqlText.begin(sql));
        SortedMap<Integer, String> comments = new TreeMap<>();
        SqlText.comments(sql)
                .forEach((at, comment) ->
                        comments.merge(
                                line - before + lines(sql, at),
                                comment,
                                (one, other) -> one + "\n" + other));
        return comments;
    }

    private static int lines(String sql, int end) {
        return (int) sql.substring(0, end).chars().filter(here -> here == '\n').count();
    }

    private boolean maySay(MigrationInfo migration) {
        Path file = Path.of(migration.getPhysicalLocation());
        try (BufferedReader lines = Files.newBufferedReader(file, configuration.getEncoding())) {
            return lines.lines().anyMatch(Warnings::maySay);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (UncheckedIOException e) {
            // Not in the encoding that is expected: Flyway will refuse it and say so.
            return false;
        }
    }

    /**
     * The same by what the row says: what was let begin is not refused halfway, when what its first
     * migrations have made stands.
     *
     * @param noted the row's, a JSON array
     */
    static Optional<Failure> refused(String noted, List<Warning> warnings) {
        if (!hasOpen(noted)) {
            return Optional.empty();
        }
        return refused(warnings)
                .or(() ->
                        Optional.of(
                                Failure.of(
                                        FailureCode.DANGEROUS_STATEMENT,
                                        "an earlier attempt was warned, as the row's warnings say")));
    }

    private static boolean hasOpen(String noted) {
        try {
            return Json.read(noted) instanceof List<?> warnings
                    && warnings.stream()
                            .map(JsonObject::of)
                            .anyMatch(warning -> warning.string("accepted").isEmpty());
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("the row's warnings are no JSON", e);
        }
    }

    /** What refuses a migration, where warnings are to do so and one is not accepted. */
    static Optional<Failure> refused(List<Warning> warnings) {
        List<Warning> open =
                warnings.stream().filter(warning -> warning.accepted().isEmpty()).toList();
        if (open.isEmpty()) {
            return Optional.empty();
        }
        String named =
                open.stream()
                        .limit(NAMED)
                        .map(PendingWarnings::sentence)
                        .collect(Collectors.joining("\n"));
        String more = open.size() > NAMED ? "\nand " + (open.size() - NAMED) + " more" : "";
        Warning first = open.getFirst();
        return Optional.of(
                Failure.of(FailureCode.DANGEROUS_STATEMENT, named + more)
                        .withScript(Optional.of(first.script()))
                        .withLine(first.line())
                        .withStatement(first.statement()));
    }

    private static String sentence(Warning warning) {
        return "%s line %d, %s%s: %s."
                .formatted(
                        warning.script(),
                        warning.line(),
                        warning.rule().id(),
                        warning.object().map(object -> " (" + object + ")").orElse(""),
                        warning.rule().why());
    }
}
