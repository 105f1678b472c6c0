package dbmigrate.local;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An HTTP request as API Gateway's HTTP API sees it.
 *
 * @param target as it stands in the request's line
 * @param headers by any spelling of their names
 */
record GatewayRequest(
        String method,
        URI target,
        Map<String, List<String>> headers,
        String sourceIp,
        byte[] body) {

    GatewayRequest {
        var lowered = new TreeMap<String, List<String>>();
        headers.forEach((name, values) -> lowered.put(name.toLowerCase(Locale.ROOT), values));
        headers = lowered;
    }

    /**
     * The first route that takes it: a literal one before $default. Method and path count to the
     * letter: what a route leaves open is nothing else.
     *
     * <p>Templates here have no path variables.
     */
    Optional<Template.Route> route(List<Template.Route> routes) {
        return Stream.of(method + " " + path(), "ANY " + path(), "$default")
                .flatMap(key -> routes.stream().filter(route -> route.key().equals(key)))
                .findFirst();
    }

    /** Percent-decoded, as an HTTP API gives it (a function URL and a REST API do not). */
    String path() {
        return Optional.ofNullable(target.getPath()).filter(p -> !p.isEmpty()).orElse("/");
    }

    /** The values of a header, each line's own. */
    List<String> values(String name) {
        return headers.getOrDefault(name, List.of());
    }

    /** The values of a header in one text; empty text where it is missing. */
    String header(String name) {
        return String.join(",", values(name));
    }
}
