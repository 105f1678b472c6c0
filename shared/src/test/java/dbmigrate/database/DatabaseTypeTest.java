package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseTypeTest {
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    postgresql, postgresql://u@h/db
                    postgres, postgres://u@h/db
                    aurora-postgresql, jdbc:postgresql://h/db?user=u
                    Aurora-PostgreSQL, postgresql://u@h/db
                    ' POSTGRES ', POSTGRES://u@h/db
                    ' ', postgresql://u@h/db
                    , postgresql://u@h/db
                    , postgresql+psycopg2://u@h/db
                    , jdbc:postgresql:db
                    """)
    void postgresqlIsNamedByTheTypeOrTheScheme(String type, String url) {
        assertEquals(DatabaseType.POSTGRESQL, DatabaseType.of(Optional.ofNullable(type), url));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mysql            | postgresql://u:zeb@h/db    | the type mysql is not supported; it must be postgresql
                    mysql            | mysql://u:zeb@h/db         | the type mysql is not supported
                    postgresql://zeb | postgresql://u:zeb@h/db    | this type is not supported
                    postgresql       | mysql://u:zeb@h/db         | the type is postgresql, but the database URL begins with mysql://
                    postgresql       | jdbc:oracle:thin:zeb       | the type is postgresql, but the database URL begins with jdbc:oracle:
                    postgresql       | u:zeb@h/db                 | begins with something that is no scheme
                                     | mysql://u:zeb@h/db         | begins with mysql://; only postgresql://, postgres://
                                     | jdbc:mysql://h/db?zeb      | begins with jdbc:mysql://; only
                                     | host=h password=zeb        | begins with something that is no scheme; only
                    """)
    void unsupportedAndContradictingTypesAreRefusedByName(String type, String url, String words) {
        String message =
                String.valueOf(
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> DatabaseType.of(Optional.ofNullable(type), url))
                                .getMessage());
        assertAll(
                () -> assertTrue(message.contains(words), message),
                () -> assertFalse(message.contains("zeb"), message));
    }
}
