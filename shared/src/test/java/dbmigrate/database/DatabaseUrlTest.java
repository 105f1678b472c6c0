package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of cases: which parts a URL gives, and with which words one is refused. */
class DatabaseUrlTest {
    /** Columns: URL; user; password or -; address. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    # libpq's form
                    postgresql://u:p@h/db                              ; u     ; p       ; h:5432/db
                    postgres://u:p@h:5433/db                           ; u     ; p       ; h:5433/db
                    POSTGRESQL://u:p@H/Db                              ; u     ; p       ; h:5432/Db
                    postgresql+psycopg2://u:p@h/db                     ; u     ; p       ; h:5432/db
                    postgresql+asyncpg://u:p@h/db                      ; u     ; p       ; h:5432/db
                    postgresql://u@h/db                                ; u     ; -       ; h:5432/db
                    postgresql://u:@h/db                               ; u     ; -       ; h:5432/db
                    postgresql://u:p@h                                 ; u     ; p       ; h:5432/u
                    postgresql://u:p@h/                                ; u     ; p       ; h:5432/u
                    postgresql://u:p@h?                                ; u     ; p       ; h:5432/u
                    postgresql://u:p@h?port=1                          ; u     ; p       ; h:1/u
                    postgresql://u:p@/db                               ; u     ; p       ; localhost:5432/db
                    postgresql://u:p@:5433/db                          ; u     ; p       ; localhost:5433/db
                    postgresql://u:p@h:/db                             ; u     ; p       ; h:5432/db
                    postgresql:///db?user=u                            ; u     ; -       ; localhost:5432/db
                    postgresql://?user=u                               ; u     ; -       ; localhost:5432/u
                    # percent-decoding
                    postgresql://u%40x:p%40ss%3Aw%2Frd%25%23%3F%20%C3%A9@h/My%20%22App%22-1 ; u@x ; p@ss:w/rd%#? é ; h:5432/My "App"-1
                    postgresql://%C3%BC:%e2%82%ac@h%2Eexample/%F0%9F%90%98 ; ü ; € ; h.example:5432/🐘
                    postgresql://ü:pässwörd€🐘@h/naïve                 ; ü     ; pässwörd€🐘 ; h:5432/naïve
                    postgresql://u:p@bücher.example/db                 ; u     ; p       ; bücher.example:5432/db
                    postgresql://u+v:p+q@h/d+b                         ; u+v   ; p+q     ; h:5432/d+b
                    postgresql://u:p@h/a%2Fb%3Fc%23d%40e               ; u     ; p       ; h:5432/a/b?c#d@e
                    postgresql://u:p q@h/d b                           ; u     ; p q     ; h:5432/d b
                    # what libpq reads in a password although it need not
                    postgresql://u:p:q@h/db                            ; u     ; p:q     ; h:5432/db
                    postgresql://u:p#q@h/db                            ; u     ; p#q     ; h:5432/db
                    postgresql://u:p?q=1&r@h/db                        ; u     ; p?q=1&r ; h:5432/db
                    postgresql://u:p[q]@h/db                           ; u     ; p[q]    ; h:5432/db
                    # hosts
                    postgresql://u@DB.Example.COM/db                   ; u     ; -       ; db.example.com:5432/db
                    postgresql://u@10.0.0.1:6543/db                    ; u     ; -       ; 10.0.0.1:6543/db
                    postgresql://u@[::1]/db                            ; u     ; -       ; [::1]:5432/db
                    postgresql://u@[2001:DB8::1]:5433/db               ; u     ; -       ; [2001:db8::1]:5433/db
                    postgresql://u@[fe80::1%25eth0]:5433/db            ; u     ; -       ; [fe80::1%eth0]:5433/db
                    postgresql://u@a:1,b,c:3/db                        ; u     ; -       ; a:1,b:5432,c:3/db
                    postgresql://u@a,b?port=6543                       ; u     ; -       ; a:6543,b:6543/u
                    postgresql://u@[::1]:1,[::2]/db                    ; u     ; -       ; [::1]:1,[::2]:5432/db
                    postgresql://u@a,,b/db                             ; u     ; -       ; a:5432,localhost:5432,b:5432/db
                    postgresql://u@a%2Cb:1%2C2/db                      ; u     ; -       ; a:1,b:2/db
                    # parameters override what stands before them
                    postgresql://u:p@h:1/db?host=i&port=2&dbname=e&user=v&password=q ; v ; q ; i:2/e
                    postgresql:///?host=a,b&port=1,2&user=u            ; u     ; -       ; a:1,b:2/u
                    postgresql://u@h/db?user=v&user=w                  ; w     ; -       ; h:5432/db
                    postgresql://u@h/db?p%6Frt=1&user=a%26b            ; a&b   ; -       ; h:1/db
                    postgresql://u:p@h/db?password=a+b                 ; u     ; a+b     ; h:5432/db
                    postgresql://u:p@h/db?password=a@b/c:d#e=f         ; u     ; a@b/c:d#e=f ; h:5432/db
                    postgresql://u@h/db?host=::1                       ; u     ; -       ; [::1]:5432/db
                    postgresql://u@/db?hostaddr=10.0.0.1               ; u     ; -       ; 10.0.0.1:5432/db
                    postgresql://u@h/db?host=                          ; u     ; -       ; localhost:5432/db
                    postgresql://u@h/db?&port=1&&                      ; u     ; -       ; h:1/db
                    # pgjdbc's form
                    jdbc:postgresql://h:1/db?user=u&password=p         ; u     ; p       ; h:1/db
                    jdbc:postgresql://h/a+b%20c?user=u+v&password=p%2Bq+r ; u v ; p+q r  ; h:5432/a b c
                    jdbc:postgresql://a:1,[::1]/db?user=u              ; u     ; -       ; a:1,[::1]:5432/db
                    jdbc:postgresql:db?user=u                          ; u     ; -       ; localhost:5432/db
                    jdbc:postgresql:?user=u                            ; u     ; -       ; localhost:5432/u
                    jdbc:postgresql://?user=u                          ; u     ; -       ; localhost:5432/u
                    jdbc:postgresql:///db?user=u                       ; u     ; -       ; localhost:5432/db
                    jdbc:postgresql://h/db?user=u@x&password=p@q       ; u@x   ; p@q     ; h:5432/db
                    jdbc:postgresql://h/db?PGHOST=i&PGPORT=2&PGDBNAME=e&user=u ; u ; - ; i:2/e
                    jdbc:postgresql://u:p+q@h/db                       ; u     ; p+q     ; h:5432/db
                    """)
    void urlGivesUserPasswordAndAddress(String url, String user, String password, String address) {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        assertAll(
                () -> assertEquals(user, parsed.user()),
                () ->
                        assertEquals(
                                password, login(parsed).password().map(Secret::reveal).orElse("-")),
                () -> assertEquals(address, parsed.address()));
    }

    /** Columns: URL; words of the refusal. What must not be repeated is written zeb. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    mysql://u:zeb@h/db                           | the scheme is not postgresql://
                    jdbc:mysql://u:zeb@h/db                      | the scheme is not postgresql://
                    postgresql:u:zeb@h/db                        | the scheme is not postgresql://
                    host=h password=zeb                          | the scheme is not postgresql://
                    jdbc:postgresql:/zeb                         | the scheme lacks a slash
                    postgresql://h/db                            | the user is missing
                    postgresql://:zeb@h/db                       | the user is missing
                    postgresql://u:zeb@h/db?user=                | the user is missing
                    postgresql://u:zeb@zeb@h/db                  | a second @ before the host; percent-encode @
                    postgresql://u:zeb/zeb@h/db                  | the database's name holds @ / or #; percent-encode @
                    postgresql://u:1/zeb@h/db                    | the database's name holds @ / or #; percent-encode @
                    postgresql://u:a@b/zeb@h/db                  | the database's name holds @ / or #; percent-encode @
                    postgresql://u:a@b?zeb@h/db                  | a parameter after the ? has no =; percent-encode @
                    postgresql://u:a@b?zeb=zeb@h/db              | a parameter after the ? holds an @; percent-encode @
                    postgresql://u:a@b#zeb@h/db                  | a second @ before the host; percent-encode @
                    postgresql://u:a@b:zeb/db                    | the port is not a number; percent-encode @
                    jdbc:postgresql://u:zeb?zeb@h/db?user=u      | a parameter after the ? holds an @; percent-encode @
                    postgresql://u:zeb%@h/db                     | the password holds a % without two hexadecimal digits; percent-encode
                    postgresql://u:zeb%4@h/db                    | the password holds a % without two hexadecimal digits
                    postgresql://u:zeb%zz@h/db                   | the password holds a % without two hexadecimal digits
                    postgresql://u:zeb%00@h/db                   | the password holds %00
                    postgresql://u:zeb%FF@h/db                   | the password is not UTF-8
                    postgresql://u:zeb%C3@h/db                   | the password is not UTF-8
                    postgresql://u%zz:zeb@h/db                   | the user holds a %
                    postgresql://u:zeb@h%zz/db                   | the host holds a %
                    postgresql://u:zeb@h/%zz                     | the database's name holds a %
                    postgresql://u:zeb@h/db?sslmode=%zz          | a parameter's value holds a %
                    postgresql://u:zeb@h/db?%zz=1                | a parameter's name holds a %
                    jdbc:postgresql://h/db?user=u&password=zeb%zz | a parameter's value holds a %
                    postgresql://u:zeb@h:x/db                    | the port is not a number
                    postgresql://u:zeb@h:-1/db                   | the port is not a number
                    postgresql://u:zeb@h:0/db                    | the port is not from 1 to 65535
                    postgresql://u:zeb@h:65536/db                | the port is not from 1 to 65535
                    postgresql://u:zeb@a,b,c/db?port=1,2         | the port is not given once, nor once for each
                    postgresql://u:zeb@[::1/db                   | the host is an IPv6 address that does not end with ]
                    postgresql://u:zeb@[::1]x/db                 | the host is an IPv6 address that does not end with ]
                    postgresql://u:zeb@[]/db                     | the host in brackets is not an IPv6 address
                    postgresql://u:zeb@h st/db                   | the host holds a character
                    postgresql://u:zeb@h#x/db                    | the host holds a character
                    postgresql://u:zeb@%2Fvar%2Frun/db           | the host is a Unix-socket path
                    postgresql://u:zeb@/db?host=/var/run         | the host is a Unix-socket path
                    postgresql://u:zeb@/db?host=%40abstract      | the host is a Unix-socket path
                    postgresql://u:zeb@h/db#zeb                  | the database's name holds @ / or #
                    postgresql://u:zeb@h/db/                     | the database's name holds @ / or #
                    postgresql://u:zeb@h/db?zeb                  | a parameter after the ? has no =
                    postgresql://u:zeb@h/db?hostaddr=10.0.0.1    | the parameter hostaddr beside a host is not supported
                    postgresql://u:zeb@h/1234567890123456789012345678901234567890123456789012345678901234 | is longer than 63 bytes
                    postgresql://u:zeb@h/%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9 | is longer than 63 bytes
                    """)
    void wrongUrlIsRefusedByPartWithoutItsValue(String url, String words) {
        String message = refusal(url);
        assertAll(
                () -> assertContains(message, words),
                () -> assertFalse(message.contains("zeb"), message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:p@h/db\nx",
                "postgresql://u:\tp@h/db",
                "postgresql://u:\0@h"
            })
    void controlCharacterIsRefused(String url) {
        assertContains(refusal(url), "control character");
    }

    @Test
    void blanksAroundTheUrlDoNotMatter() {
        assertEquals("h:5432/db", DatabaseUrl.parse(" postgresql://u:p@h/db\r\n").address());
    }

    @Test
    void otherDatabaseOfTheSameServerKeepsEverythingElse() {
        DatabaseUrl url =
                DatabaseUrl.parse("postgresql://u:p@a,b:1/db?sslmode=require&schema=s&pool=1");
        DatabaseUrl other = url.withDatabase("My \"App\"-1");
        assertAll(
                () -> assertEquals("a:5432,b:1/My \"App\"-1", other.address()),
                () ->
                        assertEquals(
                                "jdbc:postgresql://a:5432,b:1/My%20%22App%22-1", other.jdbcUrl()),
                () -> assertEquals(properties(url), properties(other)),
                () -> assertEquals(url.schema(), other.schema()),
                () -> assertEquals(url.warnings(), other.warnings()),
                () -> assertEquals(url, other.withDatabase("db")));
    }

    static List<String> impossibleNames() {
        return List.of("", "a\0b", "\uD83D", "e".repeat(64), "é".repeat(32));
    }

    @ParameterizedTest
    @MethodSource("impossibleNames")
    void databaseNameThatPostgresqlCannotHaveIsRefused(String name) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:p@h/db");
        assertContains(refusal(() -> url.withDatabase(name)), "the database's name");
    }

    @Test
    void databaseNameMayHaveSixtyThreeBytes() {
        String name = "é".repeat(31) + "e";
        assertEquals(name, DatabaseUrl.parse("postgresql://u:p@h/" + name).database());
    }

    @Test
    void jdbcUrlAndTextHoldNeitherUserNorPasswordNorParameter() {
        DatabaseUrl url =
                DatabaseUrl.parse(
                        "postgresql://someone:secret@h/db?sslpassword=secret&sslmode=require");
        assertAll(
                () -> assertEquals("h:5432/db", url.toString()),
                () -> assertEquals("jdbc:postgresql://h:5432/db", url.jdbcUrl()),
                () -> assertFalse(url.parameters().toString().contains("secret")),
                () -> assertFalse(login(url).password().toString().contains("secret")));
    }

    @Test
    void propertiesAreACopyOfTheirOwn() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:p@h/db");
        properties(url).setProperty("user", "another");
        assertEquals("u", properties(url).getProperty("user"));
    }

    /** Printable: what {@link Character#isISOControl} is not; one in four is beyond ASCII. */
    @Test
    void everyPasswordSurvivesPercentEncodingAndIsSeenNowhere() {
        Random random = new Random(20261123);
        for (int i = 0; i < 500; i++) {
            String password = randomPassword(random);
            DatabaseUrl url =
                    DatabaseUrl.parse("postgresql://u:" + encoded(password) + "@h/db?pool=1");
            assertEquals(Optional.of(new Secret(password)), login(url).password());
            assertEquals(password, properties(url).getProperty("password"));
            assertFalse((url + url.jdbcUrl() + url.address() + url.warnings()).contains(password));
        }
    }

    /** Refused or misread as libpq misreads it, but never repeated by a message. */
    @Test
    void passwordThatIsNotPercentEncodedIsNotRepeatedByTheRefusal() {
        Random random = new Random(20261124);
        for (int i = 0; i < 500; i++) {
            String password = randomPassword(random);
            String shown;
            try {
                DatabaseUrl url = DatabaseUrl.parse("postgresql://u:" + password + "@h/db");
                shown = url + " " + url.jdbcUrl() + url.warnings();
            } catch (IllegalArgumentException e) {
                shown = e.toString();
            }
            assertFalse(shown.contains(password), () -> "the message holds " + password);
            for (String piece : password.split("[@:/?#%&=]")) {
                // Shorter ones occur in any sentence.
                boolean isTelling = piece.length() > 3;
                assertFalse(isTelling && shown.contains(piece), () -> "a piece of " + password);
            }
        }
    }

    private static String randomPassword(Random random) {
        StringBuilder password = new StringBuilder();
        int length = 8 + random.nextInt(40);
        while (password.length() < length) {
            int character =
                    random.nextInt(4) > 0 ? 0x20 + random.nextInt(0x5F) : random.nextInt(0x20000);
            if (!Character.isISOControl(character)
                    && Character.isDefined(character)
                    && Character.getType(character) != Character.SURROGATE) {
                password.appendCodePoint(character);
            }
        }
        return password.toString();
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            encoded.append(String.format("%%%02X", b));
        }
        return encoded.toString();
    }

    private static String refusal(String url) {
        return refusal(() -> DatabaseUrl.parse(url));
    }

    private static String refusal(Executable attempt) {
        return String.valueOf(
                assertThrows(InvalidDatabaseUrlException.class, attempt).getMessage());
    }

    private static void assertContains(String text, String words) {
        assertTrue(text.contains(words), () -> "\"" + text + "\" lacks: " + words);
    }

    private static Properties properties(DatabaseUrl url) {
        return url.properties(login(url));
    }

    private static Login login(DatabaseUrl url) {
        return (Login) url.credentials();
    }
}
