package dbmigrate.worker;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.scanner.Scanner;

/** The files that Flyway would find, or some of them. */
final class FoundFiles implements ResourceProvider {
    /** What Flyway asks for where it looks for programs, whose endings it judges itself. */
    private static final String[] ANY_ENDING = {""};

    private final ResourceProvider all;
    private final Predicate<LoadableResource> some;
    private final boolean isSqlAlone;

    private FoundFiles(ResourceProvider all, Predicate<LoadableResource> some, boolean isSqlAlone) {
        this.all = all;
        this.some = some;
        this.isSqlAlone = isSqlAlone;
    }

    /** All in these locations. */
    FoundFiles(Configuration configuration, Location[] locations) {
        this(new Scanner<>(JavaMigration.class, configuration, locations), _ -> true, false);
    }

    /**
     * All migrations, where none is a program. Flyway (13.12) looks for those three times a run,
     * and takes each name apart for it, which with a thousand files is a third of what it does to
     * look.
     */
    static FoundFiles ofMigrationsAlone(Configuration configuration) {
        Location[] locations = configuration.getLocations();
        return new FoundFiles(
                new Scanner<>(JavaMigration.class, configuration, locations), _ -> true, true);
    }

    /** All migrations. */
    static FoundFiles of(Configuration configuration) {
        return new FoundFiles(configuration, configuration.getLocations());
    }

    /** Those of them that it holds for. */
    FoundFiles that(Predicate<LoadableResource> holds) {
        return new FoundFiles(all, some.and(holds), isSqlAlone);
    }

    /** One by its name, whether it is one of these or not. */
    @Override
    public LoadableResource getResource(String name) {
        return all.getResource(name);
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return isSqlAlone && Arrays.equals(suffixes, ANY_ENDING)
                ? List.of()
                : all.getResources(prefix, suffixes).stream().filter(some).toList();
    }
}
