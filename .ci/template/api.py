"""The API: who may call it, how often, and what it logs."""

import re

from stack import ACCOUNT, NAME, PARTITION, REGION, arn, differences, is_json_object, referred

# How callers may prove who they are. Not "none", which the local run has and the router takes.
WAYS = ["iam", "github-oidc", "api-key"]
# What stands before every route but one, by ApiAuth: the kind, and the resource of those that are one.
AUTHORISERS = {
    "iam": {"AuthorizationType": "AWS_IAM"},
    "github-oidc": {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "GitHubAuthorizer"}},
    "api-key": {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "ApiKeyAuthorizer"}},
}
OPEN = {"AuthorizationType": "NONE"}
ROUTES = {"HealthRoute": "GET /health", "DefaultRoute": "$default"}
# By ApiAuth, what the access log says of the caller: whom AWS, GitHub or the function named, and so nothing that he wrote.
CALLER = {
    "iam": "identity.userArn",
    "github-oidc": "authorizer.claims.repository_id",
    "api-key": "authorizer.identity",
}
LOGGED = {
    "authorizer.error",
    "error.message",
    "httpMethod",
    "integrationErrorMessage",
    "requestId",
    "requestTime",
    "responseLatency",
    "routeKey",
    "status",
}
# Whoever may call a function without a policy of his own: the function, the service, and on whose behalf.
CALLERS = {
    "RouterPermission": (
        "RouterFunction",
        "apigateway.amazonaws.com",
        {"SourceArn": {"Fn::Sub": f"arn:{PARTITION}:execute-api:{REGION}:{ACCOUNT}:" + "${HttpApi}/*"}},
    ),
    "ApiKeyAuthorizerPermission": (
        "ApiKeyAuthorizerFunction",
        "apigateway.amazonaws.com",
        {
            "SourceArn": {
                "Fn::Sub": f"arn:{PARTITION}:execute-api:{REGION}:{ACCOUNT}:" + "${HttpApi}/authorizers/${ApiKeyAuthorizer}"
            }
        },
    ),
    "RotationPermission": ("RotationFunction", "secretsmanager.amazonaws.com", {"SourceAccount": ACCOUNT}),
}


def every_route_but_health_has_an_authoriser(stack):
    for name, route in stack.of("AWS::ApiGatewayV2::Route"):
        authoriser = OPEN if name == "HealthRoute" else AUTHORISERS[stack.parameters["ApiAuth"]]
        wanted = {
            "ApiId": {"Ref": "HttpApi"},
            "RouteKey": ROUTES.get(name),
            **authoriser,
            "Target": {"Fn::Sub": "integrations/${RouterIntegration}"},
        }
        yield from differences(name, route, wanted)


def nobody_can_choose_that_nobody_is_asked(stack):
    """The router takes "none" as well: it must reach it neither by the parameter nor past it."""
    parameter = stack.source["Parameters"]["ApiAuth"]
    if (parameter.get("AllowedValues"), parameter.get("Default")) != (WAYS, "iam"):
        yield f"ApiAuth may be {parameter.get('AllowedValues')}, and is {parameter.get('Default')} where nobody says"
    for name, function in stack.of("AWS::Lambda::Function"):
        way = function.get("Environment", {}).get("Variables", {}).get("API_AUTH")
        if way != (stack.parameters["ApiAuth"] if name == "RouterFunction" else None):
            yield f"{name} takes callers by {way}"


def authorisers_prove_what_the_router_trusts(stack):
    for name, authoriser in stack.of("AWS::ApiGatewayV2::Authorizer"):
        wanted = {"ApiId": {"Ref": "HttpApi"}}
        if name == "GitHubAuthorizer":
            wanted |= {
                "Name": "github-oidc",
                "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": {
                    "Issuer": "https://token.actions.githubusercontent.com",
                    "Audience": [stack.parameters["GitHubAudience"]],
                },
            }
        if name == "ApiKeyAuthorizer":
            wanted |= {
                "Name": "api-key",
                "AuthorizerType": "REQUEST",
                "AuthorizerPayloadFormatVersion": "2.0",
                "EnableSimpleResponses": True,
                "IdentitySource": ["$request.header.x-api-key"],
                # API Gateway would keep an answer for a key that was taken away, and give it to another route.
                "AuthorizerResultTtlInSeconds": 0,
                "AuthorizerUri": "ApiKeyAuthorizerFunction",
            }
            authoriser = {**authoriser, "AuthorizerUri": stack.function(called_by(authoriser))}
        yield from differences(name, authoriser, wanted)


def called_by(authoriser):
    """The reference to the function in an authoriser's address, which has no other form; None for another."""
    form = f"arn:{PARTITION}:apigateway:{REGION}:lambda:path/2015-03-31/functions/" + "${Function}/invocations"
    match authoriser.get("AuthorizerUri"):
        case {"Fn::Sub": [address, {"Function": function}]} if address == form and referred(function):
            return function
    return None


def the_router_answers_every_request(stack):
    for name, api in stack.of("AWS::ApiGatewayV2::Api"):
        wanted = {"Name": NAME, "ProtocolType": "HTTP"}
        yield from differences(name, {key: value for key, value in api.items() if key != "Tags"}, wanted)
    for name, integration in stack.of("AWS::ApiGatewayV2::Integration"):
        wanted = {
            "ApiId": {"Ref": "HttpApi"},
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": "RouterFunction",
            "PayloadFormatVersion": "2.0",
        }
        called = stack.function(integration.get("IntegrationUri"))
        yield from differences(name, {**integration, "IntegrationUri": called}, wanted)


def functions_are_called_by_whom_they_are_there_for(stack):
    for name, permission in stack.of("AWS::Lambda::Permission"):
        function, service, source = CALLERS.get(name, (None, None, {}))
        wanted = {
            "Action": "lambda:InvokeFunction",
            "FunctionName": function,
            "Principal": service,
            **source,
        }
        called = stack.function(permission.get("FunctionName"))
        yield from differences(name, {**permission, "FunctionName": called}, wanted)


def the_stage_is_throttled_and_logged(stack):
    for name, stage in stack.of("AWS::ApiGatewayV2::Stage"):
        log = stage.get("AccessLogSettings", {})
        wanted = {
            "ApiId": {"Ref": "HttpApi"},
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": throttling(stack.parameters["ThrottlingRate"], stack.parameters["ThrottlingBurst"]),
            # Anybody may call it, and no setting of a route takes the place of the parameters.
            "RouteSettings": {"GET /health": throttling(5, 10)},
            "AccessLogSettings": {"DestinationArn": arn("ApiLogGroup"), "Format": log.get("Format")},
        }
        yield from differences(name, {key: value for key, value in stage.items() if key != "Tags"}, wanted)
        # RouteSettings must name a route that is there.
        if not set(ROUTES) <= set(stack.resources[name].get("DependsOn", [])):
            yield f"{name} may be made before its routes"
        if not is_json_object(log.get("Format", "")):
            yield f"{name} does not log as JSON"
        caller = CALLER[stack.parameters["ApiAuth"]]
        logged = set(re.findall(r"\$(?:context\.)?([\w.]+)", log.get("Format", "")))
        for variable in sorted(logged - LOGGED - {caller}):
            yield f"{name} logs {variable}"
        if caller not in logged:
            yield f"{name} does not log who called"


def throttling(rate, burst):
    return {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}
