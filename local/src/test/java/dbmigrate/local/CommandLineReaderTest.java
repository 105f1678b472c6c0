package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON reader of {@code bin/db-migrate}, in every shell and awk that is installed. */
class CommandLineReaderTest {
    @TempDir Path folder;

    static Stream<CommandLine> shells() {
        return CommandLine.installed();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void everyKindOfValueIsReadWhereItStands(CommandLine shell) throws Exception {
        assertReads(
                shell,
                """
                 {"text" : "a, b: {c} [d]","":{"~/":[0,-1.5e+10,true,false,null,[ ],{ },[[7]]]},
                  "twice":1,"twice":2}
                """,
                " object ",
                "/ object ",
                "//~0~1 array 8",
                "//~0~1/0 number 0",
                "//~0~1/1 number -1.5e+10",
                "//~0~1/2 boolean true",
                "//~0~1/3 boolean false",
                "//~0~1/4 null ",
                "//~0~1/5 array 0",
                "//~0~1/6 object ",
                "//~0~1/7 array 1",
                "//~0~1/7/0 array 1",
                "//~0~1/7/0/0 number 7",
                "/text string a, b: {c} [d]",
                "/twice number 2");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void everyEscapeIsUnderstood(CommandLine shell) throws Exception {
        assertReads(
                shell,
                "\"\\\"\\\\\\/ \\u0041\\u00e9\\u20AC\\ud83d\\ude00 raw é€😀,\"",
                " string \"\\/ Aé€😀 raw é€😀,");
        assertReads(shell, "\"\\ud83d x \\ude00 \\ud83d\\u0041\"", " string � x � �A");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void nothingThatSteersATerminalIsLeft(CommandLine shell) throws Exception {
        assertReads(
                shell,
                "\"\\u001b[31m \\u009b1m \\u0007 \\b \\u007f \\u202e \\u2066 \\u0000 \\n\\t\\r.\"",
                " string ?[31m ?1m ? ? ? ? ? �    .");
        byte[] noUtf8 = "\"~ ~~ ~~~ ~1m\"".getBytes(StandardCharsets.ISO_8859_1);
        int[] bytes = {0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0x9b};
        for (int i = 0, next = 0; i < noUtf8.length; i++) {
            if (noUtf8[i] == '~') {
                noUtf8[i] = (byte) bytes[next++];
            }
        }
        assertEquals(List.of(" string ? ?? ??? ?1m"), read(shell, noUtf8));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void longDocumentIsReadToItsEnd(CommandLine shell) throws Exception {
        String one = "{\"script\":\"V1__one.sql\",\"text\":\"%s\"},".formatted("x, ".repeat(100));
        var lines = read(shell, ("[" + one.repeat(500) + "7]").getBytes(StandardCharsets.UTF_8));
        assertEquals(1 + 500 * 3 + 1, lines.size());
        assertTrue(lines.contains(" array 501"), lines::toString);
        assertTrue(lines.contains("/500 number 7"), lines::toString);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void whatIsNoJsonIsRefused(CommandLine shell) throws Exception {
        var wrong =
                List.of(
                        "",
                        " ",
                        "{",
                        "[",
                        "{\"a\"}",
                        "{\"a\":}",
                        "{\"a\":1,}",
                        "{a:1}",
                        "[1,]",
                        "[1 2]",
                        "01",
                        "1.",
                        "+1",
                        "\"a",
                        "\"\\x\"",
                        "\"\\u12g4\"",
                        "\"\\u12",
                        "nul",
                        "nullx",
                        "tru,e",
                        "{} {}",
                        "'a'",
                        "\"\u001b\"",
                        "\"\n\"",
                        "<html>",
                        "[".repeat(200) + "]".repeat(200));
        for (String document : wrong) {
            var lines = read(shell, document.getBytes(StandardCharsets.UTF_8));
            assertEquals(1, lines.size(), () -> document + ": " + lines);
            assertTrue(lines.getFirst().startsWith("no JSON: "), () -> document + ": " + lines);
        }
    }

    private void assertReads(CommandLine shell, String document, String... lines) throws Exception {
        assertEquals(List.of(lines), read(shell, document.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> read(CommandLine shell, byte[] document) throws Exception {
        Path file = Files.write(folder.resolve("document"), document);
        var result = shell.run(folder, "read-json", file.toString());
        assertFalse(result.out().contains("\u001b"), result::toString);
        assertEquals("", result.err());
        return result.out().lines().toList();
    }
}
