package dbmigrate.local.handler;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A function that does what its event says: a word as JSON, the path of an HTTP event, the body of
 * an SQS message.
 */
public final class ObedientHandler implements RequestStreamHandler {
    private static final Pattern WORD =
            Pattern.compile("^\"(\\w+)\"$|\"rawPath\":\"/(\\w*)\"|\"body\":\"(\\w+)\"");
    private static final Pattern MESSAGE =
            Pattern.compile("\"messageId\":\"([^\"]+)\".*?\"body\":\"(\\w+)\"");

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context)
            throws IOException {
        String event = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        out.write(answer(event, context).getBytes(StandardCharsets.UTF_8));
    }

    private static String answer(String event, Context context) throws IOException {
        if (event.startsWith("{\"Records\"")) {
            return batch(event);
        }
        Matcher word = WORD.matcher(event);
        return switch (word.find() ? word.group().replaceAll("\"?\\w+\":|\\W", "") : "") {
            case "health" -> "{\"statusCode\":200,\"body\":\"{\\\"status\\\":\\\"ok\\\"}\"}";
            case "pid" -> quoted(Long.toString(ProcessHandle.current().pid()));
            case "deadline" -> quoted(Integer.toString(context.getRemainingTimeInMillis()));
            case "environment" ->
                    quoted(
                            System.getenv().entrySet().stream()
                                    .map(Map.Entry::toString)
                                    .sorted()
                                    .collect(Collectors.joining("|")));
            case "meet" -> meet();
            case "sleep" -> sleep();
            case "exit" -> {
                Runtime.getRuntime().halt(7);
                yield "";
            }
            case "fail" -> throw new IllegalStateException("told to fail");
            default -> event;
        };
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    /** Ends when two instances are here at once. */
    private static String meet() throws IOException {
        Path folder = Path.of(System.getenv("NOTES"));
        String pid = Long.toString(ProcessHandle.current().pid());
        Files.writeString(folder.resolve(pid), "");
        while (true) {
            try (var files = Files.list(folder)) {
                if (files.count() >= 2) {
                    return quoted(pid);
                }
            }
            Thread.onSpinWait();
        }
    }

    private static String sleep() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "";
    }

    /** Notes each event, dies of a message that says "exit", and reports those that say "fail". */
    private static String batch(String event) throws IOException {
        Files.writeString(
                Path.of(System.getenv("NOTES")).resolve("events"),
                event + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        if (event.contains("\"body\":\"exit\"")) {
            Runtime.getRuntime().halt(7);
        }
        return MESSAGE.matcher(event)
                .results()
                .filter(message -> message.group(2).equals("fail"))
                .map(message -> "{\"itemIdentifier\":\"" + message.group(1) + "\"}")
                .collect(Collectors.joining(",", "{\"batchItemFailures\":[", "]}"));
    }
}
