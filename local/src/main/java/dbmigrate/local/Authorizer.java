package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/** Decides who may pass a route that is not open, as API Gateway does before any function runs. */
interface Authorizer {

    /** What becomes of a request. */
    sealed interface Verdict {
        /**
         * It goes on to the function.
         *
         * @param identity members of the event's requestContext.authorizer; empty where nobody was
         *     asked
         */
        record Admitted(Map<String, JsonNode> identity) implements Verdict {}

        /** The caller gets this answer, and no function the request. */
        record Refused(GatewayAnswer answer) implements Verdict {}
    }

    /** Judges one request, which has arrived at {@code now}. */
    Verdict judge(GatewayRequest request, Template.Route route, Instant now)
            throws InterruptedException;
}
