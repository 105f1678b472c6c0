package dbmigrate.worker;

import dbmigrate.database.Identifier;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import java.math.BigInteger;
import java.nio.file.Path;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Says of a database whose history and files agree in everything that nothing is pending, without
 * Flyway. Wherever there is any doubt it says nothing, and Flyway decides:
 *
 * <ol>
 *   <li>Nothing is configured and nothing asked for beyond a plain migrate, and no earlier attempt
 *       left a migration behind.
 *   <li>In the folder stand migrations alone ({@link MigrationFile}): no callback, no setting, no
 *       undo, no baseline, no other folder.
 *   <li>The history is the table of that name in the current schema. No other session of the
 *       database holds an advisory lock, as a Flyway at work does.
 *   <li>Each row of it is a migration by SQL that succeeded and is one of the files, by name,
 *       version, description and checksum, and each file has a row. Versions ascend as they were
 *       applied. Of a repeatable file the row that was written last counts.
 *   <li>There is no note of a migration that no roll-back undoes.
 * </ol>
 */
final class NothingPending {
    private static final String HISTORY = "flyway_schema_history";

    private final Claim.Claimed claimed;
    private final Attempts attempts;
    private final Future<Optional<List<MigrationFile>>> files;

    private NothingPending(
            Claim.Claimed claimed,
            Attempts attempts,
            Future<Optional<List<MigrationFile>>> files) {
        this.claimed = claimed;
        this.attempts = attempts;
        this.files = files;
    }

    /** Begins to read the files, so that they are there when the connection is. */
    static NothingPending begin(
            WorkerSettings settings, Claim.Claimed claimed, Attempts attempts) {
        CompletableFuture<Optional<List<MigrationFile>>> files = new CompletableFuture<>();
        if (isPlain(settings, claimed)) {
            Path folder = settings.migrations();
            Thread.ofPlatform().daemon().name("migration-files").start(() -> {
                try {
                    files.complete(MigrationFile.in(folder));
                } catch (RuntimeException | Error e) {
                    files.completeExceptionally(e);
                }
            });
        } else {
            files.complete(Optional.empty());
        }
        return new NothingPending(claimed, attempts, files);
    }

    private static boolean isPlain(WorkerSettings settings, Claim.Claimed claimed) {
        return claimed.request().command() == Command.MIGRATE
                && claimed.unsettled().isEmpty()
                && claimed.request().target().isEmpty()
                && !claimed.request().outOfOrder()
                && claimed.request().placeholders().isEmpty()
                && settings.flyway().isEmpty()
                && settings.server().url().schema().isEmpty();
    }

    /**
     * Looks at a database whose migration lock is held, and notes in the row how it stands.
     *
     * @return empty where Flyway is to decide; nothing was changed then
     */
    Optional<Ending> on(Connection connection) throws SQLException, InterruptedException {
        Optional<List<MigrationFile>> known = files();
        if (known.isEmpty() || known.get().isEmpty()) {
            return Optional.empty();
        }
        Optional<History> history = History.read(connection);
        if (history.isEmpty() || !history.get().agreesWith(known.get())) {
            return Optional.empty();
        }
        Optional<String> version = history.get().version();
        return attempts.plannedNothing(
                        claimed.attempt(),
                        version,
                        claimed.request().database(),
                        history.get().table())
                ? Optional.of(new Ending.Completed(version))
                : Optional.empty();
    }

    private Optional<List<MigrationFile>> files() throws InterruptedException {
        try {
            return files.get();
        } catch (ExecutionException e) {
            return Optional.empty();
        }
    }

    /** A row of the history. */
    private record Applied(
            Optional<String> version, String description, String script, int checksum) {
        boolean is(MigrationFile file) {
            return version.equals(file.version())
                    && description.equals(file.description())
                    && checksum == file.checksum();
        }
    }

    /**
     * The history, where it holds nothing but migrations by SQL that succeeded.
     *
     * @param table its name with its schema, both quoted
     */
    private record History(String table, List<Applied> rows) {
        static Optional<History> read(Connection connection) {
            String sql =
                    """
                    select installed_rank, version, description, script, checksum,
                        type = 'SQL' and success and checksum is not null
                            and history.tableoid = to_regclass(format('%%I.%%I', current_schema(), ?))
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
                    table =
                            Identifier.quote(row.getString("schema"))
                                    + "."
                                    + Identifier.quote(HISTORY);
                    rows.add(
                            new Applied(
                                    Optional.ofNullable(row.getString("version")),
                                    row.getString("description"),
                                    row.getString("script"),
                                    row.getInt("checksum")));
                }
                return Optional.of(new History(table, rows));
            } catch (SQLException e) {
                // No such table, or one of another shape; or the session is gone, as Flyway finds.
                return Optional.empty();
            }
        }

        boolean agreesWith(List<MigrationFile> files) {
            Map<String, MigrationFile> byScript =
                    files.stream().collect(Collectors.toMap(MigrationFile::script, one -> one));
            Map<String, Applied> last = new HashMap<>();
            for (Applied row : rows) {
                if (last.put(row.script(), row) != null && row.version().isPresent()) {
                    return false;
                }
            }
            return last.keySet().equals(byScript.keySet())
                    && files.stream().allMatch(file -> last.get(file.script()).is(file))
                    && rows.stream().allMatch(row -> isRepeatedOrFile(row, byScript))
                    && isAscending(versions())
                    && hasNoTwin(files);
        }

        /** An earlier form of a repeatable file had the same description. */
        private static boolean isRepeatedOrFile(Applied row, Map<String, MigrationFile> files) {
            MigrationFile file = files.get(row.script());
            return row.version().equals(file.version())
                    && row.description().equals(file.description());
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
}
