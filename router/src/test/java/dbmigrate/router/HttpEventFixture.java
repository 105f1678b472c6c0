package dbmigrate.router;

/**
 * HTTP events of payload format 2.0.
 *
 * @param authorizer the member of this name, as JSON
 */
record HttpEventFixture(
        String routeKey, String method, String path, String authorizer, String body) {
    /** A request by the route that has an authoriser. */
    static HttpEventFixture of(String method, String path, String authorizer) {
        return new HttpEventFixture("$default", method, path, authorizer, "");
    }

    HttpEventFixture by(String route) {
        return new HttpEventFixture(route, method, path, authorizer, body);
    }

    HttpEventFixture with(String text) {
        return new HttpEventFixture(routeKey, method, path, authorizer, text);
    }

    String json() {
        return """
        {"version": "2.0", "routeKey": "%1$s", "rawPath": "%3$s", "rawQueryString": "",
         "headers": {"content-type": "application/json"}, "body": "%5$s", "isBase64Encoded": false,
         "requestContext": {"authorizer": %4$s, "requestId": "request", "routeKey": "%1$s",
             "stage": "$default", "http": {"method": "%2$s", "path": "%3$s"}}}
        """
                .formatted(routeKey, method, path, authorizer, body.replace("\"", "\\\""));
    }
}
