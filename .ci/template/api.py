"""The API: who may call it, how often, and what it logs."""

import re

from stack import ACCOUNT, NAME, PARTITION, REGION, arn, differences, is_json_object

ROUTES = {"HealthRoute": ("GET /health", "NONE"), "DefaultRoute": ("$default", "AWS_IAM")}
# Whoever may call a function without a policy of his own: the function, the service, and on whose behalf.
CALLERS = {
    "RouterPermission": (
        "RouterFunction",
        "apigateway.amazonaws.com",
        {"SourceArn": {"Fn::Sub": f"arn:{PARTITION}:execute-api:{REGION}:{ACCOUNT}:" + "${HttpApi}/*"}},
    ),
    "RotationPermission": ("RotationFunction", "secretsmanager.amazonaws.com", {"SourceAccount": ACCOUNT}),
}


def every_route_but_health_has_an_authoriser(stack):
    for name, route in stack.of("AWS::ApiGatewayV2::Route"):
        key, authorisation = ROUTES.get(name, (None, "AWS_IAM"))
        wanted = {
            "ApiId": {"Ref": "HttpApi"},
            "RouteKey": key,
            "AuthorizationType": authorisation,
            "Target": {"Fn::Sub": "integrations/${RouterIntegration}"},
        }
        yield from differences(name, route, wanted)


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
        for secret in ("header", "querystring", "path", "authorizer"):
            if re.search(rf"\$context\.\w*\.?{secret}", log.get("Format", ""), re.IGNORECASE):
                yield f"{name} logs the {secret}"


def throttling(rate, burst):
    return {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}
