package dbmigrate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedDatabasesTest {
    @ParameterizedTest
    @CsvSource({
        "app, true, true", // the one of DATABASE_URL
        "reports, true, true",
        "Reports, false, false",
        "tenant_a, true, false",
        "tenant_, true, false",
        "xtenant_a, false, false",
        "shard7, true, false",
        "shard77, false, false",
        "a.b, true, true",
        "axb, false, false",
        "template0, false, false",
        "template1, false, false",
        "rdsadmin, false, false",
        "postgres, false, false",
        "db_migrate, false, false",
        "other, false, false",
    })
    void namesAndGlobsSayWhatACallerMayNameAndWhatMayBeCreated(
            String name, boolean allowed, boolean mayCreate) {
        AllowedDatabases databases =
                new AllowedDatabases(
                        "app",
                        "postgres",
                        Set.of(
                                "reports",
                                "tenant_*",
                                "shard?",
                                "a.b",
                                "template*",
                                "rdsadmin",
                                "p*"),
                        false);
        assertEquals(allowed, databases.allows(name));
        assertEquals(mayCreate, databases.mayCreate(name));
    }

    @ParameterizedTest
    @CsvSource({"tenant_a, true", "postgres, false", "template1, false"})
    void createByGlobLetsWhatAGlobMatchesBeCreated(String name, boolean mayCreate) {
        AllowedDatabases databases = new AllowedDatabases("app", "postgres", Set.of("*"), true);
        assertEquals(mayCreate, databases.mayCreate(name));
    }
}
