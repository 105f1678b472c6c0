"""What must hold of a deployment, whatever its parameters: each rule yields a sentence for each place where it does not.

A rule sees a Stack: a translated template of which one combination of parameters has been resolved.
"""

import json
import re

import translation

# What Lambda does in the name of a function's role for its event source mapping, its logs and its network interfaces.
MAPPING_ACTIONS = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
LOG_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}
NETWORK_ACTIONS = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
# What SQS does in the name of whoever calls it, with a queue that has a key of one's own.
KEY_ACTIONS = {
    "sqs:SendMessage": {"kms:GenerateDataKey", "kms:Decrypt"},
    "sqs:ReceiveMessage": {"kms:Decrypt"},
}
# What the code itself calls, and on what; test_source.py holds it to the source.
CODE_ACTIONS = {
    "RouterFunction": {("sqs:SendMessage", "MigrationQueue")},
    "WorkerFunction": {("sqs:ChangeMessageVisibility", "MigrationQueue")},
    "DeadLetterFunction": set(),
}
CODE_ACTIONS_WITH_SECRET = "secretsmanager:GetSecretValue"

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


class Stack:
    def __init__(self, template, parameters):
        self.parameters = parameters
        sections = translation.resolved(template, parameters)
        self.resources = sections["Resources"]
        self.outputs = sections["Outputs"]
        self.template = template

    def of(self, *types):
        """The resources of these types: logical id and properties."""
        return [
            (name, resource.get("Properties", {}))
            for name, resource in self.resources.items()
            if resource["Type"] in types
        ]

    def properties(self, name):
        return self.resources.get(name, {}).get("Properties", {})

    def function(self, reference):
        """The function that a reference to it, to a version or to an alias of it means."""
        name = referred(reference)
        while name in self.resources and self.resources[name]["Type"] != "AWS::Lambda::Function":
            name = referred(self.properties(name).get("FunctionName"))
        return name

    def mappings(self):
        """Each event source mapping with the ids of its queue and its function."""
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping"):
            yield name, mapping, referred(mapping["EventSourceArn"]), self.function(mapping["FunctionName"])


def referred(value):
    """The logical id of the resource that a Ref or Fn::GetAtt means."""
    if isinstance(value, dict) and len(value) == 1:
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
    return None


def each(value):
    return value if isinstance(value, list) else [value]


# ---- Roles


def roles_may_do_what_is_called_and_no_more(stack):
    for name, function in stack.of("AWS::Lambda::Function"):
        role = referred(function.get("Role"))
        if stack.resources.get(role, {}).get("Type") != "AWS::IAM::Role":
            yield f"{name} has no role of this template's"
            continue
        granted, problems = grants(stack, role)
        yield from problems
        needed = needs(stack, name, function)
        for action, resource in sorted(granted - needed, key=str):
            yield f"{role} may {action} on {resource}, which {name} does not call"
        for action, resource in sorted(needed - granted, key=str):
            yield f"{role} may not {action} on {resource}, which {name} needs"


def needs(stack, name, function):
    """Pairs of an action and its one resource."""
    code = {(action, arn(queue)) for action, queue in CODE_ACTIONS.get(name, set())}
    mapped = {
        (action, arn(queue))
        for _, _, queue, mapped_function in stack.mappings()
        if mapped_function == name
        for action in MAPPING_ACTIONS
    }
    log_group = referred(function.get("LoggingConfig", {}).get("LogGroup"))
    needed = code | mapped | {(action, arn(log_group)) for action in LOG_ACTIONS}
    if stack.parameters.get("DatabaseSecretArn"):
        needed.add((CODE_ACTIONS_WITH_SECRET, stack.parameters["DatabaseSecretArn"]))
    if stack.parameters.get("KmsKeyArn"):
        for action, _ in code | mapped:
            needed |= {(of_key, stack.parameters["KmsKeyArn"]) for of_key in KEY_ACTIONS.get(action, set())}
    if stack.parameters.get("SubnetIds"):
        needed |= {(action, "*") for action in NETWORK_ACTIONS}
    return needed


def grants(stack, role):
    """What the role's policies allow, as pairs; and what cannot be told, or is forbidden here."""
    properties = stack.properties(role)
    documents, problems = [], []
    for policy in properties.get("Policies", []):
        documents.append(policy["PolicyDocument"])
    for managed in properties.get("ManagedPolicyArns", []):
        if stack.resources.get(referred(managed), {}).get("Type") == "AWS::IAM::ManagedPolicy":
            documents.append(stack.properties(referred(managed))["PolicyDocument"])
        else:
            problems.append(f"{role} has the policy {managed}, which is not this template's")
    for name, policy in stack.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
        if role in map(referred, policy.get("Roles", []) + [policy.get("RoleName")]):
            problems.append(f"{name} is attached to {role}, and goes before the functions when the stack is deleted")
            documents.append(policy["PolicyDocument"])
    trusted = [s.get("Principal") for s in properties["AssumeRolePolicyDocument"]["Statement"]]
    if trusted != [{"Service": "lambda.amazonaws.com"}]:
        problems.append(f"{role} trusts {trusted}")
    granted, denied = set(), set()
    for document in documents:
        for statement in document["Statement"]:
            for not_ in ("NotAction", "NotResource", "NotPrincipal"):
                if not_ in statement:
                    problems.append(f"{role} has {not_}")
            pairs = {(a, key(r)) for a in each(statement.get("Action", "*")) for r in each(statement.get("Resource", "*"))}
            if statement["Effect"] == "Allow":
                granted |= pairs
            elif list(statement.get("Condition", {}).get("ArnLike", {})) == ["lambda:SourceFunctionArn"]:
                denied |= pairs
    for action, resource in sorted(granted):
        if "*" in action:
            problems.append(f"{role} may {action}")
        if resource == "*" and (action, "*") not in denied:
            problems.append(f"{role} may {action} on *, and so may the function's code")
    return granted, problems


def arn(name):
    return key({"Fn::GetAtt": [name, "Arn"]})


def key(resource):
    return resource if isinstance(resource, str) else json.dumps(resource, sort_keys=True)


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


# ---- The network


def nothing_is_public(stack):
    for name, _ in stack.of("AWS::Lambda::Url"):
        yield f"{name} is a function URL"
    for name, permission in stack.of("AWS::Lambda::Permission"):
        if permission["Principal"] != "apigateway.amazonaws.com" or "SourceArn" not in permission:
            yield f"{name} lets {permission['Principal']} call {permission['FunctionName']}"
    for name, resource in stack.resources.items():
        if re.search(r'"(Principal|AWS)": (\["\*"\]|"\*")', json.dumps(resource)):
            yield f"{name} is for everybody"
        rules = resource.get("Properties", {}).get("SecurityGroupIngress", [])
        if resource["Type"] == "AWS::EC2::SecurityGroupIngress":
            rules = [resource["Properties"]]
        for rule in rules:
            if "SourceSecurityGroupId" not in rule:
                yield f"{name} admits {rule.get('CidrIp', rule.get('CidrIpv6'))}"
            if rule.get("FromPort") != rule.get("ToPort") or rule.get("IpProtocol") != "tcp":
                yield f"{name} admits more than one port"


def endpoints_are_for_the_functions_alone(stack):
    wanted = []
    if stack.parameters.get("CreateVpcEndpoints") == "true":
        wanted = ["SQS"] + (["SECRETS_MANAGER"] if stack.parameters.get("DatabaseSecretArn") else [])
    endpoints = stack.of("AWS::EC2::VPCEndpoint")
    if len(endpoints) != len(wanted):
        yield f"there are endpoints {[name for name, _ in endpoints]}, and {wanted} are needed"
    for name, endpoint in endpoints:
        if endpoint.get("PrivateDnsEnabled") is not False:
            yield f"{name} takes the calls of everybody in the VPC"
    for name, function in stack.of("AWS::Lambda::Function"):
        variables = function.get("Environment", {}).get("Variables", {})
        named = [v.removeprefix("AWS_ENDPOINT_URL_") for v in variables if v.startswith("AWS_ENDPOINT_URL")]
        if sorted(named) != sorted(wanted):
            yield f"{name} calls the endpoints {named}, and there are {wanted}"


def functions_are_in_the_vpc_that_was_given(stack):
    subnets = stack.parameters.get("SubnetIds")
    for name, function in stack.of("AWS::Lambda::Function"):
        vpc = function.get("VpcConfig", {})
        if vpc.get("SubnetIds", []) != (subnets.split(",") if subnets else []):
            yield f"{name} is in the subnets {vpc.get('SubnetIds')}"
        if subnets and not vpc.get("SecurityGroupIds"):
            yield f"{name} has no security group"
    opened = stack.of("AWS::EC2::SecurityGroupIngress")
    cluster = stack.parameters.get("ClusterSecurityGroupId")
    if cluster and cluster not in [rule.get("GroupId") for _, rule in opened]:
        yield "the cluster's security group admits nobody"
    for name, group in stack.of("AWS::EC2::SecurityGroup"):
        if not group.get("SecurityGroupEgress"):
            yield f"{name} lets everything out"
        for rule in group.get("SecurityGroupEgress", []):
            port, nowhere = rule.get("ToPort"), rule.get("CidrIp") == "127.0.0.1/32"
            if not nowhere and (port not in (5432, 443) or rule.get("FromPort") != port):
                yield f"{name} lets out more than the database and AWS need"
            known = cluster if port == 5432 else stack.parameters.get("CreateVpcEndpoints") == "true"
            if known and not nowhere and "DestinationSecurityGroupId" not in rule:
                yield f"{name} lets out to more than the group that is known for port {port}"


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
