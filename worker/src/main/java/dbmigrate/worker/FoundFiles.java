package dbmigrate.worker;

import java.util.Collection;
import java.util.function.Predicate;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.scanner.Scanner;

/** The files that Flyway would find, or some of them. */
final class FoundFiles implements ResourceProvider {
    private final ResourceProvider all;
    private final Predicate<LoadableResource> some;

    private FoundFiles(ResourceProvider all, Predicate<LoadableResource> some) {
        this.all = all;
        this.some = some;
    }

    /** All in these locations. */
    FoundFiles(Configuration configuration, Location[] locations) {
        this(new Scanner<>(JavaMigration.class, configuration, locations), _ -> true);
    }

    /** All migrations. */
    static FoundFiles of(Configuration configuration) {
        return new FoundFiles(configuration, configuration.getLocations());
    }

    /** Those of them that it holds for. */
    FoundFiles that(Predicate<LoadableResource> holds) {
        return new FoundFiles(all, some.and(holds));
    }

    /** One by its name, whether it is one of these or not. */
    @Override
    public LoadableResource getResource(String name) {
        return all.getResource(name);
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return all.getResources(prefix, suffixes).stream().filter(some).toList();
    }
}
