package dbmigrate.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a client and PostgreSQL say on one connection, counted by the messages of its protocol
 * (version 3).
 *
 * <ol>
 *   <li>Set-up lasts until the server is first ready for a query: TLS, start, log-in. What a driver
 *       or a program sends after that to set its session up is counted. Set-up's own round trips
 *       are told apart: one for each message of the client, which waits after each.
 *   <li>A round trip begins when the client sends while it has nothing to wait for, and ends when
 *       it has every answer that it asked for: ReadyForQuery for each Query, Sync and FunctionCall;
 *       CopyInResponse; anything at all after Flush. What is sent together, or before an answer is
 *       there, is one round trip.
 *   <li>A statement is one that the server has completed or refused.
 * </ol>
 *
 * Answers have to be shown when the client gets them and not before. Under TLS nothing is counted.
 */
public final class RoundTrips {
    private static final int TLS = 80877103;
    private static final int GSS = 80877104;
    private static final int START = 196608;

    /**
     * @param trip of its connection
     */
    public record Sent(String database, int trip, String sql) {}

    /**
     * @param connections those on which the server became ready
     * @param opening round trips of the set-up of those, which are not among the trips
     */
    public record Count(int connections, int opening, int trips, int statements, List<Sent> sent) {
        public static final Count NONE = new Count(0, 0, 0, 0, List.of());

        public Count plus(Count other) {
            return new Count(
                    connections + other.connections,
                    opening + other.opening,
                    trips + other.trips,
                    statements + other.statements,
                    Stream.concat(sent.stream(), other.sent.stream()).toList());
        }

        /** The statements of each trip, where all are of one connection. */
        Stream<String> texts() {
            return IntStream.rangeClosed(1, trips)
                    .mapToObj(trip ->
                            sent.stream()
                                    .filter(each -> each.trip == trip)
                                    .map(Sent::sql)
                                    .collect(Collectors.joining(" ; ")));
        }
    }

    private final List<Sent> sent = new ArrayList<>();
    private final Map<String, String> prepared = new HashMap<>();
    private final Map<String, String> portals = new HashMap<>();
    private final WireMessages requests = new WireMessages(this::request);
    private final WireMessages answers = new WireMessages(this::answer);
    private String database = "";
    private boolean encryptionAsked;
    private boolean encrypted;
    private boolean started;
    private boolean setUp;
    private boolean isNew;
    private boolean waiting;
    private boolean flushed;
    private int unanswered;
    private int opening;
    private int trips;
    private int statements;

    /** The client has sent these bytes. */
    synchronized void request(byte[] bytes, int length) {
        if (!encrypted) {
            requests.typed(started).add(bytes, 0, length);
        }
    }

    /** The client gets these bytes. */
    synchronized void answer(byte[] bytes, int length) {
        int begin = 0;
        if (encryptionAsked && length > 0) {
            encryptionAsked = false;
            encrypted = bytes[0] != 'N';
            begin = 1;
        }
        if (!encrypted) {
            answers.typed(true).add(bytes, begin, length);
        }
    }

    /** What has been counted since the last call. */
    synchronized Count taken() {
        var taken =
                new Count(isNew ? 1 : 0, isNew ? opening : 0, trips, statements, List.copyOf(sent));
        isNew = false;
        trips = 0;
        statements = 0;
        sent.clear();
        return taken;
    }

    private void request(char type, byte[] body) {
        if (!setUp) {
            opening++;
        }
        if (!started) {
            int code = WireMessages.integer(body, 0);
            encryptionAsked = code == TLS || code == GSS;
            started = code == START;
            requests.typed(started);
            if (started) {
                database = database(new String(body, 4, body.length - 4, StandardCharsets.UTF_8));
            }
            return;
        }
        if (!setUp || type == 'X') {
            return;
        }
        if (!waiting) {
            waiting = true;
            trips++;
        }
        switch (type) {
            case 'Q' -> {
                unanswered++;
                note(text(body, 0));
            }
            case 'P' -> prepared.put(text(body, 0), text(body, end(body, 0)));
            case 'B' ->
                    portals.put(
                            text(body, 0), prepared.getOrDefault(text(body, end(body, 0)), "?"));
            case 'E' -> note(portals.getOrDefault(text(body, 0), "?"));
            case 'S', 'F' -> unanswered++;
            case 'H' -> flushed = true;
            default -> {}
        }
    }

    private void answer(char type, byte[] body) {
        if (!setUp) {
            setUp = type == 'Z';
            isNew = setUp;
            return;
        }
        switch (type) {
            case 'C', 'I', 's', 'E' -> statements++;
            case 'Z' -> {
                unanswered--;
                waiting = unanswered > 0;
            }
            case 'G' -> waiting = false;
            default -> {}
        }
        if (flushed) {
            flushed = false;
            waiting = unanswered > 0;
        }
    }

    private void note(String sql) {
        sent.add(new Sent(database, trips, sql.strip().replaceAll("\\s+", " ")));
    }

    private static String database(String parameters) {
        var parts = parameters.split("\0");
        for (int i = 0; i + 1 < parts.length; i += 2) {
            if (parts[i].equals("database")) {
                return parts[i + 1];
            }
        }
        return "";
    }

    private static String text(byte[] body, int begin) {
        return new String(body, begin, end(body, begin) - 1 - begin, StandardCharsets.UTF_8);
    }

    /** Behind the zero that ends a text. */
    private static int end(byte[] body, int begin) {
        int end = begin;
        while (body[end] != 0) {
            end++;
        }
        return end + 1;
    }
}
