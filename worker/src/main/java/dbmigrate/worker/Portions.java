package dbmigrate.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Flyway's run over many files. Flyway (13.12) puts all files and the whole history in order anew
 * for each migration ({@code MigrationInfoServiceImpl.refresh}), so that the time for one grows
 * with their number. Where nothing is in the folder but migrations, and much is pending, it runs in
 * portions, one after the other on the same connection:
 *
 * <ol>
 *   <li>all files are validated, as at the beginning of every run;
 *   <li>{@value #SIZE} pending ones at a time, with no other files: which is next is plain, and
 *       what Flyway reads of the history it reads as ever;
 *   <li>what is left, with all files: the repeatable ones, validated once more.
 * </ol>
 */
record Portions(FlywayConfiguration configuration, SingleConnection connection, Callback callback) {
    /**
     * Starting Flyway costs about 25 ms, knowing a file 3 µs for each migration: the square root of
     * their quotient (docs/benchmarks.md, "Where the time goes").
     */
    private static final int SIZE = 100;

    /** Fewer are not worth it. */
    private static final int LEAST = 2 * SIZE;

    /**
     * Runs every pending migration.
     *
     * @param whole knows all files
     * @param info what it knows
     * @return what was done, in the order in which it was
     */
    List<MigrateResult> migrate(Flyway whole, MigrationInfoService info) {
        List<MigrateResult> done = new ArrayList<>();
        List<MigrationInfo> pending =
                Arrays.stream(info.pending()).filter(one -> one.getVersion() != null).toList();
        if (pending.size() > LEAST && isPlain()) {
            if (info.applied().length > 0) {
                configuration.validating(connection).validate();
            }
            FoundFiles all = FoundFiles.of(configuration.read());
            for (int from = 0; from < pending.size(); from += SIZE) {
                Set<String> scripts =
                        pending.subList(from, Math.min(from + SIZE, pending.size())).stream()
                                .map(MigrationInfo::getScript)
                                .collect(Collectors.toSet());
                FoundFiles files = all.that(file -> scripts.contains(file.getRelativePath()));
                done.add(configuration.only(files, connection, callback).migrate());
            }
        }
        done.add(whole.migrate());
        return done;
    }

    /** A callback, or a setting, may mean all of the run. */
    private boolean isPlain() {
        return configuration.settings().flyway().isEmpty()
                && configuration.request().target().isEmpty()
                && !configuration.request().outOfOrder()
                && MigrationFile.standAlone(configuration.settings().migrations());
    }
}
