package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.testing.RandomPasswords;
import dbmigrate.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

/** What a URL says reaches a real server through pgjdbc. */
@Tag("database")
class DatabaseUrlLoginTest {
    private static final int PASSWORDS = Integer.getInteger("secret.passwords", 500);

    private final TestPostgres postgres = TestPostgres.shared();

    /** Columns: role; password; database. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            textBlock =
                    """
                    plain, plain, plain
                    My "Role"@x, p@ss:w/rd%#? é, My "App"-1
                    a+b c, 100%+1 &=, a+b c?d/e#f%20
                    ééééééééééééééééééééééééééééééée, üüü€🐘, 日本語日本語日本語日本語日本語日本語日本語
                    """)
    void anyRoleLogsInToAnyDatabase(String role, String password, String database)
            throws SQLException {
        create(role, password, database);
        DatabaseUrl url = DatabaseUrl.parse(postgres.url(role, password, database));
        assertEquals(role + "|" + database, whoAndWhere(url));
        assertEquals(role + "|postgres", whoAndWhere(url.withDatabase("postgres")));
    }

    /** Encoded as a whole, and once more with no more than what has to be: {@code @ : / ? # %}. */
    @Test
    void everyPrintableCharacterMayStandInAPassword() throws SQLException {
        String role = postgres.newName("changed");
        create(role, "first", role);
        for (String password : RandomPasswords.of(PASSWORDS)) {
            postgres.execute(
                    "postgres",
                    "alter role %s password '%s'".formatted(role, password.replace("'", "''")));
            assertEquals(
                    role,
                    user(DatabaseUrl.parse(postgres.url(role, password, "postgres"))),
                    password);
            DatabaseUrl bare =
                    DatabaseUrl.parse(
                            "postgresql://%s:%s@%s:%d/postgres"
                                    .formatted(
                                            role,
                                            barelyEncoded(password),
                                            postgres.host(),
                                            postgres.port()));
            assertEquals(
                    Optional.of(new Secret(password)), ((Login) bare.credentials()).password());
            assertFalse("%s %s".formatted(bare, bare.credentials()).contains(password), password);
        }
    }

    private static String barelyEncoded(String password) {
        String encoded = password;
        for (String character : List.of("%", "@", ":", "/", "?", "#")) {
            encoded = encoded.replace(character, "%%%02X".formatted((int) character.charAt(0)));
        }
        return encoded;
    }

    private static String user(DatabaseUrl url) throws SQLException {
        try (Connection connection = Connector.connect(url, SessionSettings.forRows());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select session_user")) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void wrongPasswordIsRefusedByTheServer() {
        DatabaseUrl url = DatabaseUrl.parse(postgres.url("postgres", "wrong", "postgres"));
        SQLException refusal = assertThrows(SQLException.class, () -> whoAndWhere(url));
        assertEquals("28P01", refusal.getSQLState());
    }

    @Test
    void jdbcFormLogsInToo() throws SQLException {
        String role = postgres.newName("jdbc role");
        create(role, "a+b c", role);
        String text =
                "jdbc:postgresql://%s:%d/%s?user=%s&password=a%%2Bb+c"
                        .formatted(
                                postgres.host(),
                                postgres.port(),
                                role.replace(' ', '+'),
                                role.replace(" ", "%20"));
        assertEquals(role + "|" + role, whoAndWhere(DatabaseUrl.parse(text)));
    }

    @Test
    void hostThatDoesNotAnswerIsPassedOver() throws SQLException {
        String url = postgres.url("postgres").replace("@", "@127.0.0.1:1,");
        assertEquals("postgres|postgres", whoAndWhere(DatabaseUrl.parse(url)));
    }

    @Test
    void optionsReachTheSessionWithoutTheirTimeouts() throws SQLException {
        DatabaseUrl url =
                DatabaseUrl.parse(
                        postgres.url("postgres")
                                + "?options=-c%20search_path%3Dapp%20-c%20statement_timeout%3D1"
                                + "&application_name=caf%C3%A9&connect_timeout=1&statement_timeout=1");
        assertEquals(
                "app|0",
                query(
                        url,
                        "select current_setting('search_path'), current_setting('statement_timeout')"));
    }

    private void create(String role, String password, String database) {
        postgres.execute(
                "postgres",
                "create role %s login password '%s'".formatted(Identifier.quote(role), password));
        postgres.execute(
                "postgres",
                "create database %s template template0".formatted(Identifier.quote(database)));
    }

    private static String whoAndWhere(DatabaseUrl url) throws SQLException {
        return query(url, "select current_user, current_database()");
    }

    private static String query(DatabaseUrl url, String sql) throws SQLException {
        try (Connection connection = new Driver().connect(url.jdbcUrl(), properties(url));
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1) + "|" + result.getString(2);
        }
    }

    private static Properties properties(DatabaseUrl url) {
        return url.properties((Login) url.credentials());
    }
}
