package dbmigrate.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A request that goes over the wire as it is written, whatever an HTTP client would say to it. */
final class WireRequest {
    private static final int LIMIT_MILLIS = 60_000;

    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private String method = "GET";
    private String target = "/db-migrate";
    private String body = "";

    /** What came back. */
    record Got(int status, String body) {}

    static WireRequest get(String target) {
        return new WireRequest().target(target);
    }

    static WireRequest post(String body) {
        var request = new WireRequest().method("POST").body(body);
        return request.header("Content-Type", "application/json");
    }

    WireRequest method(String method) {
        this.method = method;
        return this;
    }

    WireRequest target(String target) {
        this.target = target;
        return this;
    }

    WireRequest body(String body) {
        this.body = body;
        return this;
    }

    /** One more header, also beside one of the same name. */
    WireRequest header(String name, String value) {
        headers.add(Map.entry(name, value));
        return this;
    }

    WireRequest without(String name) {
        headers.removeIf(header -> header.getKey().equalsIgnoreCase(name));
        return this;
    }

    /** The same header with another value. */
    WireRequest instead(String name, String value) {
        return without(name).header(name, value);
    }

    String method() {
        return method;
    }

    String target() {
        return target;
    }

    String body() {
        return body;
    }

    List<Map.Entry<String, String>> headers() {
        return List.copyOf(headers);
    }

    Got send(int port) {
        var text = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, target));
        if (headers.stream().noneMatch(h -> h.getKey().equalsIgnoreCase("host"))) {
            text.append("Host: 127.0.0.1:%d\r\n".formatted(port));
        }
        headers.forEach(h -> text.append(h.getKey()).append(": ").append(h.getValue() + "\r\n"));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        text.append("Content-Length: %d\r\nConnection: close\r\n\r\n".formatted(bytes.length));
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(bytes);
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = Integer.parseInt(answer.split(" ", 3)[1]);
            return new Got(status, answer.substring(answer.indexOf("\r\n\r\n") + 4));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
