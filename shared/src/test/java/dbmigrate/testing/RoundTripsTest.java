package dbmigrate.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Conversations as PostgreSQL's documents describe them, byte by byte. */
class RoundTripsTest {
    private static final String READY = "Z";
    private final RoundTrips trips = new RoundTrips();

    private void loggedIn() {
        var start = new ByteArrayOutputStream();
        start.writeBytes(ByteBuffer.allocate(4).putInt(196608).array());
        start.writeBytes(text("user", "ci", "database", "app", ""));
        trips.request(message("", start.toByteArray()), start.size() + 4);
        server("R", "S", "K", READY);
    }

    private static byte[] text(String... parts) {
        return (String.join("\0", parts) + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] message(String type, byte[] body) {
        return ByteBuffer.allocate(type.length() + 4 + body.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    private void client(byte[]... messages) {
        for (byte[] message : messages) {
            trips.request(message, message.length);
        }
    }

    private void server(String... types) {
        for (String type : types) {
            byte[] message = message(type, new byte[5]);
            trips.answer(message, message.length);
        }
    }

    private static byte[] query(String sql) {
        return message("Q", text(sql));
    }

    private static byte[][] extended(String sql) {
        return new byte[][] {
            message("P", text("", sql, "")),
            message("B", text("", "", "")),
            message("E", text("", ""))
        };
    }

    private static byte[] sync() {
        return message("S", new byte[0]);
    }

    private void assertTexts(String... texts) {
        assertEquals(List.of(texts), trips.taken().texts().toList());
    }

    private void assertCounted(int roundTrips, int statements) {
        var count = trips.taken();
        assertEquals(List.of(roundTrips, statements), List.of(count.trips(), count.statements()));
    }

    @Test
    void settingUpIsCountedApart() {
        byte[] asked = message("", ByteBuffer.allocate(4).putInt(80877103).array());
        trips.request(asked, asked.length);
        trips.answer(new byte[] {'N'}, 1);
        loggedIn();
        var count = trips.taken();
        assertEquals(new RoundTrips.Count(1, 2, 0, 0, List.of()), count);
        assertEquals(RoundTrips.Count.NONE, trips.taken());
    }

    @Test
    void encryptedConversationIsNotRead() {
        byte[] asked = message("", ByteBuffer.allocate(4).putInt(80877103).array());
        trips.request(asked, asked.length);
        trips.answer(new byte[] {'S'}, 1);
        loggedIn();
        client(query("select 1"));
        server("C", READY);
        assertEquals(RoundTrips.Count.NONE, trips.taken());
    }

    @Test
    void eachQueryThatWaitsForItsAnswerIsARoundTrip() {
        loggedIn();
        client(query("select 1"));
        server("T", "D", "C", READY);
        client(query("select  2 "));
        server("T", "D", "C", READY);
        assertEquals(
                List.of(
                        new RoundTrips.Sent("app", 1, "select 1"),
                        new RoundTrips.Sent("app", 2, "select 2")),
                trips.taken().sent());
    }

    @Test
    void severalStatementsOfOneQueryAreOneRoundTrip() {
        loggedIn();
        client(query("begin; select 1; commit"));
        server("C", "T", "D", "C", "C", READY);
        assertCounted(1, 3);
    }

    @Test
    void whatIsSentBeforeTheAnswerIsThereIsOneRoundTrip() {
        loggedIn();
        client(query("begin"), query("select 1"));
        server("C", READY, "C");
        client(query("commit"));
        server(READY, "C", READY);
        assertCounted(1, 3);
        client(query("select 1"));
        server("C", READY);
        assertCounted(1, 1);
    }

    @Test
    void beginSentTogetherWithAStatementIsOneRoundTripOfTwoStatements() {
        loggedIn();
        client(extended("begin"));
        client(extended("select 1"));
        client(sync());
        server("1", "2", "C", "1", "2", "T", "D", "C", READY);
        assertCounted(1, 2);
    }

    @Test
    void preparedStatementIsNamedByItsText() {
        loggedIn();
        client(message("P", text("S_1", "select 1", "")), sync());
        server("1", READY);
        trips.taken();
        client(message("B", text("", "S_1", "")), message("E", text("", "")), sync());
        server("2", "D", "C", READY);
        assertEquals(List.of(new RoundTrips.Sent("app", 1, "select 1")), trips.taken().sent());
    }

    @Test
    void refusedStatementIsCounted() {
        loggedIn();
        client(query("selec"));
        server("E", READY);
        assertCounted(1, 1);
    }

    @Test
    void noticeAndNotificationEndNoRoundTrip() {
        loggedIn();
        client(query("select 1"));
        server("N", "A");
        client(query("select 2"));
        server("C", READY, "C", READY);
        assertCounted(1, 2);
    }

    @Test
    void copyIntoATableWaitsTwice() {
        loggedIn();
        client(query("copy a from stdin"));
        server("G");
        client(message("d", text("1")), message("c", new byte[0]));
        server("C", READY);
        assertCounted(2, 1);
    }

    @Test
    void flushIsAnsweredWithoutReady() {
        loggedIn();
        client(message("P", text("", "select 1", "")), message("H", new byte[0]));
        server("1");
        client(message("B", text("", "", "")), message("E", text("", "")), sync());
        server("2", "C", READY);
        assertCounted(2, 1);
    }

    @Test
    void messagesMayBeCutAnywhere() {
        loggedIn();
        for (byte part : query("select 1")) {
            client(new byte[] {part});
        }
        for (byte part : message("C", text("SELECT 1"))) {
            trips.answer(new byte[] {part}, 1);
        }
        server(READY);
        assertCounted(1, 1);
    }

    @Test
    void roundTripIsToldByWhatItHolds() {
        loggedIn();
        client(query("begin"), query("select 1"));
        server("C", READY, "C", READY);
        client(message("P", text("S_1", "select 2", "")), sync());
        server("1", READY);
        client(query("commit"));
        server("C", READY);
        assertTexts("begin ; select 1", "", "commit");
    }

    @Test
    void roundTripThatHasBegunBeforeIsNotCountedAgain() {
        loggedIn();
        client(query("begin"));
        assertTexts("begin");
        client(query("select 1"));
        server("C", READY, "C", READY);
        assertTexts();
    }

    @Test
    void farewellIsNoRoundTrip() {
        loggedIn();
        client(message("X", new byte[0]));
        assertCounted(0, 0);
    }
}
