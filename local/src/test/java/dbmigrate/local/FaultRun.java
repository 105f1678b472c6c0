package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One process: a database that is migrated, and somebody who polls it all the time, as CI does. */
final class FaultRun implements AutoCloseable {
    private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "CANCELED");
    private static final Duration BETWEEN_POLLS = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http;
    private final URI uri;
    private final String database;
    private final String id;
    private final List<Instant> faults = new ArrayList<>();
    private final CompletableFuture<JsonNode> end = new CompletableFuture<>();
    private final Thread poller;
    private volatile JsonNode last;
    private volatile Instant lastChange = Instant.now();

    private FaultRun(HttpClient http, URI api, String database, JsonNode accepted) {
        this.http = http;
        this.database = database;
        this.id = accepted.required("processId").asText();
        this.uri = URI.create(api + "/" + id);
        this.last = accepted;
        this.poller = Thread.ofVirtual().start(this::poll);
    }

    /**
     * Asks for the migration of a database. A request that was not answered in time, as where many
     * functions start at once, is repeated with its key, so that it is one process all the same.
     */
    static FaultRun start(HttpClient http, String baseUrl, String database)
            throws IOException, InterruptedException {
        var api = URI.create(baseUrl + "/db-migrate");
        var request =
                HttpRequest.newBuilder(api)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", UUID.randomUUID().toString())
                        .POST(BodyPublishers.ofString("{\"database\":\"%s\"}".formatted(database)))
                        .build();
        var deadline = Instant.now().plus(PATIENCE);
        while (true) {
            var response = DocumentedApi.conforming(http.send(request, BodyHandlers.ofString()));
            switch (response.statusCode()) {
                case 200, 202 -> {
                    return new FaultRun(http, api, database, JSON.readTree(response.body()));
                }
                case 503 -> {
                    if (Instant.now().isAfter(deadline)) {
                        throw new IOException("503 for too long: " + response.body());
                    }
                    Thread.sleep(BETWEEN_POLLS);
                }
                default -> throw new IOException(response.statusCode() + " " + response.body());
            }
        }
    }

    private void poll() {
        var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(40)).build();
        while (!end.isDone()) {
            try {
                var response = http.send(request, BodyHandlers.ofString());
                // While database or queue cannot be had it may be something else.
                if (response.statusCode() == 200) {
                    JsonNode now = JSON.readTree(response.body());
                    if (!now.equals(last)) {
                        last = now;
                        lastChange = Instant.now();
                    }
                    if (ENDED.contains(last.required("state").asText())) {
                        end.complete(last);
                    }
                }
                Thread.sleep(BETWEEN_POLLS);
            } catch (IOException e) {
                // The same.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** A fault that hit this process is over now. */
    void hit() {
        faults.add(Instant.now());
    }

    List<Instant> faults() {
        return List.copyOf(faults);
    }

    String database() {
        return database;
    }

    String id() {
        return id;
    }

    /** What was read last. */
    JsonNode last() {
        return last;
    }

    boolean hasEnded() {
        return end.isDone();
    }

    int attempt() {
        return last.required("attempt").asInt();
    }

    /** The script that runs, as it was read last; else "". */
    String script() {
        return last.at("/progress/current/script").asText();
    }

    /** When what was read last was read for the first time: the end, where it has ended. */
    Instant lastChange() {
        return lastChange;
    }

    /**
     * Whether it ends: not where it shows nothing new for too long, or something new for ever.
     *
     * @param silence how long it may show nothing new, from its last news or the fault on
     * @param limit how long it may take in all
     * @param lastFault when both begin
     */
    boolean ends(Instant lastFault, Duration silence, Duration limit) throws InterruptedException {
        while (true) {
            var news = lastChange.isAfter(lastFault) ? lastChange : lastFault;
            var latest = lastFault.plus(limit);
            var until = news.plus(silence).isBefore(latest) ? news.plus(silence) : latest;
            long left = Duration.between(Instant.now(), until).toMillis();
            try {
                end.get(Math.max(1, left), TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                if (!lastChange.isAfter(news) || !Instant.now().isBefore(latest)) {
                    return false;
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        poller.interrupt();
    }
}
