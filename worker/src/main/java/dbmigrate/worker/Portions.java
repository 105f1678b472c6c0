package dbmigrate.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.extensibility.AppliedMigration;
import org.flywaydb.core.internal.info.MigrationInfoImpl;

/**
 * Flyway's run over many files. Flyway (13.12) reads all of them twice for each run, and puts them
 * and the whole history in order anew for each migration ({@code
 * MigrationInfoServiceImpl.refresh}), so that the time for one grows with their number. Where
 * nothing is in the folder but migrations, and they are many, what is pending runs in portions, one
 * after the other on the same connection:
 *
 * <ol>
 *   <li>all files are validated, as at the beginning of every run, and only there. Where each file
 *       that was looked at before the run is pending or agrees with its line of the history, that
 *       is done;
 *   <li>{@value #SIZE} pending ones at a time are run, with no other files: which is next is plain,
 *       and what Flyway reads of the history it reads as ever. All of them find the history in the
 *       schema that is named, else where the run began, also where a migration makes one that comes
 *       before that in the path.
 * </ol>
 *
 * @param files empty where there is more in the folder than migrations
 */
record Portions(
        FlywayConfiguration configuration,
        Optional<FoundFiles> files,
        SingleConnection connection,
        Callback callback) {
    /**
     * Starting Flyway costs about 25 ms, each file that it knows about 3 µs a migration (of {@code
     * .ci/benchmark many-1000}, a profile and the difference that portions make): the square root
     * of their quotient.
     */
    private static final int SIZE = 100;

    /** With fewer it is not worth it. */
    private static final int LEAST = 2 * SIZE;

    /** Each run has its own; no file that asks for it may see two. */
    private static final String MOMENT = "flyway:timestamp";

    /**
     * Runs every pending migration.
     *
     * @param whole knows all files
     * @param info what it knows
     * @return what was done, in the order in which it was
     */
    List<MigrateResult> migrate(Flyway whole, MigrationInfoService info) throws SQLException {
        List<String> pending = Arrays.stream(info.pending()).map(MigrationInfo::getScript).toList();
        if (files.isEmpty()
                || info.all().length <= LEAST
                || pending.isEmpty()
                || !isPlain()
                || pending.stream().anyMatch(this::saysWhen)) {
            return List.of(whole.migrate());
        }
        if (!Arrays.stream(info.all()).allMatch(Portions::isValid)) {
            configuration.validating(connection).validate();
        }
        Optional<String> schema = Optional.ofNullable(connection.getConnection().getSchema());
        List<MigrateResult> done = new ArrayList<>();
        for (int from = 0; from < pending.size(); from += SIZE) {
            Set<String> some =
                    Set.copyOf(pending.subList(from, Math.min(from + SIZE, pending.size())));
            FoundFiles portion = files.get().that(file -> some.contains(file.getRelativePath()));
            done.add(configuration.only(portion, schema, connection, callback).migrate());
        }
        return done;
    }

    /** A setting may mean all of the run. */
    private boolean isPlain() {
        return configuration.request().target().isEmpty() && !configuration.request().outOfOrder();
    }

    /** Whether Flyway's validation holds nothing against it; that of anything unusual is asked. */
    private static boolean isValid(MigrationInfo migration) {
        return switch (migration.getState()) {
            case PENDING -> true;
            case SUCCESS -> isSame(migration, true);
            case OUTDATED, SUPERSEDED -> migration.getVersion() == null && isSame(migration, false);
            default -> false;
        };
    }

    private static boolean isSame(MigrationInfo migration, boolean checksum) {
        if (!(migration instanceof MigrationInfoImpl both) || both.getResolvedMigration() == null) {
            return false;
        }
        ResolvedMigration file = both.getResolvedMigration();
        AppliedMigration line = both.getAppliedMigration();
        return file.getType() == line.getType()
                && file.getDescription().equals(line.getDescription())
                && (!checksum || Objects.equals(file.getChecksum(), line.getChecksum()));
    }

    private boolean saysWhen(String script) {
        try {
            // Whatever the encoding, these letters are the same.
            return Files.readString(
                            configuration.settings().migrations().resolve(script),
                            StandardCharsets.ISO_8859_1)
                    .toLowerCase(Locale.ROOT)
                    .contains(MOMENT);
        } catch (IOException e) {
            // Flyway finds out, with all files.
            return true;
        }
    }
}
