package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What stands in the packages of the functions. The parent POM leaves parts of libraries out of
 * them; here it is proven that nothing that is left names one of those, so that no function can
 * miss a class. What a library puts together from parts of names is seen by the end-to-end tests,
 * which run the same packages.
 */
class PackageTest {
    /** What libraries name and no package ever had: they look whether it is there. */
    private static final Set<String> OPTIONAL =
            Set.of(
                    // Annotations.
                    "com/fasterxml/jackson/annotation/",
                    "lombok/",
                    "org/checkerframework/",
                    "org/jetbrains/annotations/",
                    "org/jspecify/annotations/",
                    // Other drivers, loggers and containers that Flyway looks for.
                    "com/google/cloud/",
                    "com/p6spy/",
                    "org/apache/",
                    "org/h2/",
                    "org/jboss/",
                    "org/slf4j/impl/",
                    "org/sqldroid/",
                    "org/sqlite/",
                    "org/testcontainers/",
                    "polyglot/",
                    "software/amazon/awssdk/services/s3/",
                    "software/amazon/jdbc/",
                    "tools/jackson/",
                    // Windows' logins for the driver, and a class whose name it spells in two ways.
                    "com/sun/jna/",
                    "org/osgi/",
                    "org/postgresql/geometric/PGBox",
                    "waffle/",
                    // The SDK's other clients, signers and ways to credentials; CRaC of other JVMs.
                    "jdk/crac/",
                    "scala/",
                    "software/amazon/awssdk/authcrt/",
                    "software/amazon/awssdk/crt/",
                    "software/amazon/awssdk/crtcore/",
                    "software/amazon/awssdk/http/apache/",
                    "software/amazon/awssdk/http/apache5/",
                    "software/amazon/awssdk/http/auth/aws/crt/",
                    "software/amazon/awssdk/http/crt/",
                    "software/amazon/awssdk/http/nio/",
                    "software/amazon/awssdk/services/signin/",
                    "software/amazon/awssdk/services/sso/",
                    "software/amazon/awssdk/services/ssooidc/",
                    "software/amazon/awssdk/services/sts/");

    @ParameterizedTest
    @ValueSource(strings = {"router", "worker", "credentials"})
    void whatAClassNamesIsThere(String function) throws Exception {
        PackagedClasses classes = PackagedClasses.of(zip(function));
        Set<String> missing =
                classes.missing().stream()
                        .filter(name -> OPTIONAL.stream().noneMatch(name::startsWith))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing);
    }

    @ParameterizedTest
    @ValueSource(strings = {"router", "worker", "credentials"})
    void whatAServiceFileNamesIsThere(String function) throws Exception {
        PackagedClasses classes = PackagedClasses.of(zip(function));
        assertFalse(classes.services().isEmpty());
        assertEquals(Set.of(), classes.missingServices());
    }

    private static Path zip(String function) {
        return Main.home().resolve("%1$s/target/%1$s.zip".formatted(function));
    }
}
