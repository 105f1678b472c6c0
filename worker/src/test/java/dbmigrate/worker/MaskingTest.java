package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskingTest {
    private final Masking masking = new Masking(Map.of());

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "insert into t values (1, 'a')~insert into t values (…, '…')",
                "select 'it''s' || \"it's\"~select '…' || \"it's\"",
                "select E'a\\'b', 2~select '…', …",
                "select $$a'b$$, $x$c$$d$x$~select '…', '…'",
                "select t1.c2 from t1 where x = -3.5e+7~select t1.c2 from t1 where x = -…",
                "select $1~select $1",
                "select 'never ends~select '…'",
                "select 1 -- pw 'x'~select …",
                "select /* secret */ a~select   a",
                "select \"a 1\"~select \"a 1\"",
                "grant x to \"Bob\"~grant x to \"Bob\"",
                "values (1_234_567, 0xff_ff)~values (…, …)",
                "select 'it\\'s secret' || 'other'~select '…'",
            })
    void statementKeepsItsShapeAndLosesItsLiterals(String sql, String masked) {
        assertEquals(masked, masking.statement(sql));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "relation \"orders\" does not exist~42P01~relation \"orders\" does not exist",
                "invalid input syntax for type integer: \"abc\"~22P02~invalid input syntax for type integer: \"…\"",
                "value \"99\" is out of range for type smallint~22003~value \"…\" is out of range for type smallint",
                "syntax error at or near \"'pw'\"~42601~syntax error at or near \"'…'\"",
                "syntax error at or near \"4711\"~42601~syntax error at or near \"…\"",
                "unterminated quoted string at or near \"'pw~42601~unterminated quoted string at or near \"'…'",
                "invalid input syntax for type integer: \"a\"secret\"b\"~22P02~invalid input syntax for type integer: \"…\"",
                "ungültige Eingabesyntax für Typ integer: »geheim«~22P02~a value does not fit; the server's own words may quote it and are left out",
                "syntax error at or near \"E'pass\\'word-secret'\"~42601~syntax error at or near \"E'…'\"",
                "Syntaxfehler bei »4711«~42601~Syntaxfehler bei \"…\"",
                "use psql's \\copy, not 'x'~42501~use psql's \\copy, not '…'",
                "duplicate key value violates unique constraint \"t_pk\"~23505~duplicate key value violates unique constraint \"t_pk\"",
            })
    void messageKeepsNamesAndLosesValues(String message, String sqlState, String masked) {
        assertEquals(masked, masking.message(message, sqlState));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "23505~Key (email)=(a@b.c) already exists.~Key (email)=(…) already exists.",
                "23505~Schlüssel »(email)=(a@b.c)« existiert bereits.~Schlüssel »(email)=(…)« existiert bereits.",
                "23505~Key (lower(email))=(a@b.c) already exists.~Key (…) already exists.",
                "23503~Key (a, b)=(1, x)) is still referenced from table \"t\".~Key (a, b)=(…) is still referenced from table \"t\".",
                "23514~Failing row contains (1, a@b.c, (x)).~Failing row contains (…).",
                "23514~Fehlgeschlagene Zeile enthält (1, geheim@x.de, -5).~Fehlgeschlagene Zeile enthält (…).",
                "23514~Partition key of the failing row contains (a) = (secret).~Partition key of the failing row contains (…).",
                "2BP01~view v depends on table t~view v depends on table t",
            })
    void detailNamesTheColumnsAndNotWhatIsInThem(String sqlState, String detail, String masked) {
        assertEquals(Optional.of(masked), masking.detail(detail, sqlState));
    }

    @ParameterizedTest
    @CsvSource({"22P02", "P0001", "44000", "XX000", "ABCDE"})
    void detailThatMayQuoteAnythingIsNotShown(String sqlState) {
        assertEquals(Optional.empty(), masking.detail("Token »geheim« ist ungültig.", sqlState));
    }

    @Test
    void valuesOfPlaceholdersAreNamedInsteadOfShown() {
        Masking ours = new Masking(Map.of("schema", "tenant_42", "env", "a"));
        assertEquals(
                "select * from ${schema}.t join ${env} on apple",
                ours.statement("select * from tenant_42.t join a on apple"));
    }

    @Test
    void literalOfAnyLengthIsMasked() {
        for (String literal :
                List.of(
                        "'" + "S".repeat(3_000_000) + "'",
                        "'" + "''".repeat(100_000) + "'",
                        "E'" + "\\n".repeat(100_000) + "'",
                        "$x$" + "$".repeat(100_000) + "$x$",
                        "'x'" + "-- c\n".repeat(100_000),
                        "'x'" + "/*".repeat(10_000) + "*/".repeat(10_000))) {
            assertEquals(
                    "select '…'", masking.statement("select " + literal).replaceAll("\\s+", " "));
        }
    }

    @Test
    void longStatementIsCut() {
        String masked = masking.statement("select " + "x, ".repeat(5_000) + "y");
        assertTrue(masked.length() < 2_100);
        assertTrue(masked.endsWith("…"));
        assertFalse(masked.contains("y"));
    }
}
