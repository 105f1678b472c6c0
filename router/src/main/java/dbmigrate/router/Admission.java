package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import dbmigrate.process.Grants;
import dbmigrate.process.Identity;

/**
 * Who comes in. Nothing is open but {@code GET /health}: every other method and path needs an
 * identity, whatever route of API Gateway the request came by. And what came by the open route gets
 * nothing else.
 */
record Admission(Authorization authorization, Permissions permissions) {
    /** The one route that no authoriser stands before. */
    private static final String OPEN_ROUTE = "GET /health";

    /**
     * Who sent a request.
     *
     * @throws ProblemException 401 for one of whom no authoriser said who sent it, 403 for one of
     *     somebody who may do nothing here, 404 where the open route led elsewhere
     */
    Caller admit(APIGatewayV2HTTPEvent event) {
        if (isHealth(event)) {
            return Caller.NOBODY;
        }
        if (OPEN_ROUTE.equals(event.getRouteKey())) {
            throw new ProblemException(Problem.notFound("this route leads to GET /health alone"));
        }
        Identity identity =
                authorization
                        .identity(event.getRequestContext().getAuthorizer())
                        .orElseThrow(() ->
                                new ProblemException(
                                        Problem.unauthenticated(authorization.challenge())));
        Grants grants = permissions.of(identity);
        if (grants.isEmpty()) {
            throw new ProblemException(
                    Problem.identityNotAllowed(
                            "no rule of PERMISSIONS stands for " + identity.text()));
        }
        return new Caller(identity, grants);
    }

    private static boolean isHealth(APIGatewayV2HTTPEvent event) {
        return HttpRequest.path(event).equals("/health")
                && event.getRequestContext().getHttp().getMethod().equals("GET");
    }
}
