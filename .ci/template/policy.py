"""What must hold of a deployment, whatever its parameters: each rule yields a sentence for each place where it does not."""

import json
import re

import translation
from network import endpoints_are_for_the_functions_alone, functions_are_in_the_vpc_that_was_given, nothing_is_public
from permissions import roles_may_do_what_is_called_and_no_more
from stack import referred

TAGGED = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::VPCEndpoint",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
}


# ---- The API


def every_route_but_health_has_an_authoriser(stack):
    for name, api in stack.of("AWS::ApiGatewayV2::Api"):
        if "Body" in api or "BodyS3Location" in api or "Target" in api:
            yield f"{name} has routes that are no resources"
    for name, route in stack.of("AWS::ApiGatewayV2::Route"):
        wanted = "NONE" if route["RouteKey"] == "GET /health" else "AWS_IAM"
        if route.get("AuthorizationType", "NONE") != wanted:
            yield f"{name} ({route['RouteKey']}) is authorised by {route.get('AuthorizationType', 'NONE')}"
    if "$default" not in [route["RouteKey"] for _, route in stack.of("AWS::ApiGatewayV2::Route")]:
        yield "there is no default route"


def the_stage_is_throttled_and_logged(stack):
    stages = stack.of("AWS::ApiGatewayV2::Stage")
    if not stages:
        yield "there is no stage"
    for name, stage in stages:
        throttling = stage.get("DefaultRouteSettings", {})
        for setting in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            if not throttling.get(setting):
                yield f"{name} has no {setting}"
        log = stage.get("AccessLogSettings", {})
        if stack.resources.get(referred(log.get("DestinationArn")), {}).get("Type") != "AWS::Logs::LogGroup":
            yield f"{name} has no access log"
        if not isinstance(json.loads(log.get("Format", '""')), dict):
            yield f"{name} does not log as JSON"
        for secret in ("header", "querystring", "path", "authorizer"):
            if re.search(rf"\$context\.\w*\.?{secret}", log.get("Format", ""), re.IGNORECASE):
                yield f"{name} logs the {secret}"


# ---- The queues


def visibility_is_at_least_the_time_out(stack):
    for name, _, queue, function in stack.mappings():
        visibility = stack.properties(queue).get("VisibilityTimeout", 30)
        if visibility < stack.properties(function).get("Timeout", 3):
            yield f"{name}: {queue} hides a message for {visibility} s, less than {function} may take"


def one_message_at_a_time(stack):
    for name, mapping, _, _ in stack.mappings():
        if mapping.get("BatchSize") != 1:
            yield f"{name} reads batches of {mapping.get('BatchSize', 10)}"
        if "MaximumBatchingWindowInSeconds" in mapping:
            yield f"{name} has a batching window, which a FIFO queue refuses"
        if not mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield f"{name} has no bound on its concurrency"


def failures_are_reported_by_message(stack):
    for name, mapping, _, _ in stack.mappings():
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} loses what its function says of the message"


def queues_are_fifo_and_dead_letters_have_a_reader(stack):
    read = {queue for _, _, queue, _ in stack.mappings()}
    for name, queue in stack.of("AWS::SQS::Queue"):
        if queue.get("FifoQueue") is not True:
            yield f"{name} is no FIFO queue"
        if queue.get("MessageRetentionPeriod") != 1209600:
            yield f"{name} forgets a message before 14 days are over"
        if name not in read:
            yield f"nobody reads {name}"
        dead = referred(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        if dead is None and not any(
            referred(other.get("RedrivePolicy", {}).get("deadLetterTargetArn")) == name
            for _, other in stack.of("AWS::SQS::Queue")
        ):
            yield f"{name} has no queue for its dead letters"


def queues_are_encrypted(stack):
    own = stack.parameters.get("KmsKeyArn")
    for name, queue in stack.of("AWS::SQS::Queue"):
        if own and queue.get("KmsMasterKeyId") != own or not own and queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"


# ---- Logs and variables


def logs_are_kept_for_a_time_and_encrypted(stack):
    for name, group in stack.of("AWS::Logs::LogGroup"):
        if not group.get("RetentionInDays"):
            yield f"{name} is kept for ever"
        if stack.parameters.get("KmsKeyArn") and group.get("KmsKeyId") != stack.parameters["KmsKeyArn"]:
            yield f"{name} is not encrypted with the key that was given"
    for name, function in stack.of("AWS::Lambda::Function"):
        logging = function.get("LoggingConfig", {})
        if logging.get("LogFormat") != "JSON":
            yield f"{name} does not log as JSON"
        if stack.resources.get(referred(logging.get("LogGroup")), {}).get("Type") != "AWS::Logs::LogGroup":
            yield f"{name} logs into a group that is not this template's"


def the_password_stands_in_one_variable(stack):
    if stack.template["Parameters"]["DatabaseUrl"].get("NoEcho") is not True:
        yield "DatabaseUrl is shown to whoever may see the stack"
    for name, resource in {**stack.resources, **stack.outputs}.items():
        text = json.dumps(resource)
        variable = resource.get("Properties", {}).get("Environment", {}).get("Variables", {}).get("DATABASE_URL")
        if text.count(translation.PASSWORD) > (1 if variable else 0):
            yield f"{name} holds the password"
        if "{{resolve:" in text:
            yield f"{name} reads a secret when it is deployed"
    if stack.parameters.get("KmsKeyArn"):
        for name, function in stack.of("AWS::Lambda::Function"):
            if function.get("KmsKeyArn") != stack.parameters["KmsKeyArn"]:
                yield f"{name} keeps its variables under another key than was given"


# ---- Functions


def the_alias_is_called_with_snapshots_alone(stack):
    """SAM publishes no version for a parameter's new value: behind an alias the old one would stay."""
    on = stack.parameters.get("SnapStart") == "on"
    calls = [(name, i.get("IntegrationUri")) for name, i in stack.of("AWS::ApiGatewayV2::Integration")]
    calls += [(name, p["FunctionName"]) for name, p in stack.of("AWS::Lambda::Permission")]
    calls += [(name, m["FunctionName"]) for name, m, _, _ in stack.mappings()]
    for name, called in calls:
        function = stack.function(called)
        snapshots = stack.properties(function).get("SnapStart", {}).get("ApplyOn") == "PublishedVersions"
        alias = stack.resources.get(referred(called), {}).get("Type") == "AWS::Lambda::Alias"
        if snapshots and not on:
            yield f"{function} starts from snapshots that nobody asked for"
        if alias != snapshots:
            yield f"{name} calls {referred(called)}"
    if on and not any(f.get("SnapStart") for _, f in stack.of("AWS::Lambda::Function")):
        yield "no function starts from snapshots"


def functions_are_what_they_are_packaged_for(stack):
    for name, function in stack.of("AWS::Lambda::Function"):
        if function.get("Runtime") != "java25":
            yield f"{name} runs on {function.get('Runtime')}"
        if function.get("Architectures") != [stack.parameters.get("Architecture", "arm64")]:
            yield f"{name} runs on {function.get('Architectures')}"
    router = stack.properties("RouterFunction")
    wanted = stack.parameters.get("RouterReservedConcurrency", -1)
    if router.get("ReservedConcurrentExecutions", -1) != wanted:
        yield f"RouterFunction reserves {router.get('ReservedConcurrentExecutions')}"
    if stack.properties("WorkerFunction").get("ReservedConcurrentExecutions") is not None:
        yield "WorkerFunction reserves concurrency, and its mapping reads more than that"


# ---- Alarms and tags


def alarms_tell_the_topic(stack):
    wanted = [stack.parameters["AlarmTopicArn"]] if stack.parameters.get("AlarmTopicArn") else None
    alarms = stack.of("AWS::CloudWatch::Alarm")
    for name, alarm in alarms:
        if alarm.get("AlarmActions") != wanted:
            yield f"{name} tells {alarm.get('AlarmActions')}"
        if alarm.get("TreatMissingData") != "notBreaching":
            yield f"{name} has no state while nothing happens"
    watched = {(a["MetricName"], referred(d["Value"])) for _, a in alarms for d in a["Dimensions"]}
    for metric in (
        ("Invocations", "DeadLetterFunction"),
        ("ApproximateAgeOfOldestMessage", "MigrationDeadLetterQueue"),
        ("Errors", "WorkerFunction"),
        ("ApproximateAgeOfOldestMessage", "MigrationQueue"),
        ("RunningTime", None),
    ):
        if metric not in watched:
            yield f"no alarm watches {metric}"


def everything_is_tagged(stack):
    for name, resource in stack.resources.items():
        if resource["Type"] in TAGGED:
            tags = resource["Properties"].get("Tags", [])
            tags = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
            if tags.get("application") != "db-migrate":
                yield f"{name} has no tag"


RULES = [
    roles_may_do_what_is_called_and_no_more,
    every_route_but_health_has_an_authoriser,
    the_stage_is_throttled_and_logged,
    visibility_is_at_least_the_time_out,
    one_message_at_a_time,
    failures_are_reported_by_message,
    queues_are_fifo_and_dead_letters_have_a_reader,
    queues_are_encrypted,
    logs_are_kept_for_a_time_and_encrypted,
    the_password_stands_in_one_variable,
    nothing_is_public,
    endpoints_are_for_the_functions_alone,
    functions_are_in_the_vpc_that_was_given,
    the_alias_is_called_with_snapshots_alone,
    functions_are_what_they_are_packaged_for,
    alarms_tell_the_topic,
    everything_is_tagged,
]
