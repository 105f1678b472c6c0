package dbmigrate.parser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresParserTest {
    private static final Path FOLDER = Path.of("src/main/resources/dbmigrate/parser");

    private static final PostgresParser PARSER = PostgresParser.load();

    @Test
    void moduleIsTheOneThatItsSourceNames() throws IOException, NoSuchAlgorithmException {
        byte[] module = Files.readAllBytes(FOLDER.resolve("libpg-query.wasm"));
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(module));
        assertTrue(Files.readString(FOLDER.resolve("source.txt")).contains("sha256 " + sum + "."));
    }

    @Test
    void licenceTravelsWithTheModule() throws IOException {
        try (var licence = PostgresParser.class.getResourceAsStream("libpg-query.license")) {
            assertTrue(
                    new String(licence.readAllBytes(), StandardCharsets.UTF_8)
                            .startsWith("The MIT License"));
        }
    }

    @Test
    void everyStatementOfATextIsRead() throws UnreadableSqlException {
        List<JsonObject> statements =
                PARSER.statements("create table ä (b text default 'ö'); -- no more\nselect 1");
        assertEquals(
                List.of("CreateStmt", "SelectStmt"),
                statements.stream()
                        .flatMap(statement -> statement.members().keySet().stream())
                        .toList());
        assertEquals(
                "ä",
                statements
                        .getFirst()
                        .object("CreateStmt")
                        .object("relation")
                        .string("relname")
                        .orElseThrow());
    }

    @Test
    void nothingIsNoStatement() throws UnreadableSqlException {
        assertEquals(List.of(), PARSER.statements("-- nothing"));
    }

    @Test
    void wrongStatementIsRefusedWithoutItsWordsAndTheNextOneIsRead() throws UnreadableSqlException {
        for (int i = 0; i < 20; i++) {
            UnreadableSqlException refused =
                    assertThrows(
                            UnreadableSqlException.class,
                            () -> PARSER.statements("selec 'secret'"));
            assertFalse(refused.toString().contains("secret"), refused.toString());
            assertTrue(refused.toString().contains("character 1 "), refused.toString());
            assertEquals(1, PARSER.statements("select 1").size());
        }
    }

    @Test
    void endlessParenthesesEndInARefusal() throws UnreadableSqlException {
        PostgresParser own = PostgresParser.load();
        String deep = "select " + "(".repeat(20_000) + "1" + ")".repeat(20_000);
        assertThrows(UnreadableSqlException.class, () -> own.statements(deep));
    }

    @Test
    void memoryStaysTheSameWhateverIsRead() throws UnreadableSqlException {
        PARSER.statements("select 1");
        long before = PARSER.memoryBytes();
        for (int i = 0; i < 10; i++) {
            PARSER.statements("update a set b = 1 where c in (" + "1,".repeat(100) + "1)");
        }
        assertEquals(before, PARSER.memoryBytes(), 1_000_000);
    }
}
