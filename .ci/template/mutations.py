"""Every way to break the template: the rule that finds it, its name, what it changes, and for which parameters."""

import translation

NETWORK = {
    "VpcId": translation.CHOICES["VpcId"][1],
    "SubnetIds": translation.CHOICES["SubnetIds"][1],
    "ClusterSecurityGroupId": translation.CHOICES["ClusterSecurityGroupId"][1],
    "CreateVpcEndpoints": "true",
}
EVERYTHING = translation.given(
    **NETWORK,
    DatabaseSecretArn=translation.SECRET,
    KmsKeyArn=translation.KEY,
    AlarmTopicArn=translation.TOPIC,
    RouterReservedConcurrency=10,
    SnapStart="on",
)
NOTHING = translation.given()


def put(path, value):
    def change(template):
        *parents, last = path.split("/")
        at = template
        for parent in parents:
            at = at[int(parent)] if isinstance(at, list) else at[parent]
        if value is None:
            del at[last]
        elif isinstance(at, list):
            at[int(last)] = value
        else:
            at[last] = value

    return change


def prop(path, value=None):
    name, rest = path.split("/", 1)
    return put(f"Resources/{name}/Properties/{rest}", value)


def allow(role, action, resource, effect="Allow"):
    def change(template):
        statements = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements.append({"Effect": effect, "Action": action, "Resource": resource})

    return change


def resource(name, type_, **properties):
    return put(f"Resources/{name}", {"Type": type_, "Properties": properties})


QUEUE = {"Fn::GetAtt": ["MigrationQueue", "Arn"]}
WORKER_STATEMENTS = "WorkerRole/Policies/0/PolicyDocument/Statement"

MUTATIONS = [
    ("roles_may_do_what_is_called_and_no_more", "worker sends", allow("WorkerRole", "sqs:SendMessage", QUEUE), NOTHING),
    (
        "roles_may_do_what_is_called_and_no_more",
        "router receives",
        allow("RouterRole", "sqs:ReceiveMessage", QUEUE),
        NOTHING,
    ),
    ("roles_may_do_what_is_called_and_no_more", "any action of SQS", allow("RouterRole", "sqs:*", QUEUE), NOTHING),
    ("roles_may_do_what_is_called_and_no_more", "any queue", allow("RouterRole", "sqs:SendMessage", "*"), NOTHING),
    (
        "roles_may_do_what_is_called_and_no_more",
        "another queue",
        prop(WORKER_STATEMENTS + "/0/Resource", {"Fn::GetAtt": ["MigrationDeadLetterQueue", "Arn"]}),
        NOTHING,
    ),
    ("roles_may_do_what_is_called_and_no_more", "any log group", prop(WORKER_STATEMENTS + "/1/Resource", "*"), NOTHING),
    (
        "roles_may_do_what_is_called_and_no_more",
        "an action is missing",
        prop(WORKER_STATEMENTS + "/0/Action", "sqs:ReceiveMessage"),
        NOTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "everything but",
        prop(WORKER_STATEMENTS + "/0", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        NOTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "AWS's own policy",
        prop("RouterRole/ManagedPolicyArns", ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]),
        NOTHING,
    ),
    ("roles_may_do_what_is_called_and_no_more", "SAM makes the role", prop("RouterFunction/Role"), NOTHING),
    (
        "roles_may_do_what_is_called_and_no_more",
        "another's role",
        prop("RouterFunction/Role", {"Fn::GetAtt": ["WorkerRole", "Arn"]}),
        NOTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "everybody's role",
        prop("RouterRole/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "*"}),
        NOTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "a policy beside the role",
        resource(
            "More",
            "AWS::IAM::Policy",
            PolicyName="more",
            Roles=[{"Ref": "RouterRole"}],
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "rds:*", "Resource": "*"}],
            },
        ),
        NOTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "code makes interfaces",
        prop("NetworkPolicy/PolicyDocument/Statement/1/Effect", "Allow"),
        EVERYTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "more of EC2",
        prop("NetworkPolicy/PolicyDocument/Statement/0/Action", ["ec2:*"]),
        EVERYTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "any secret",
        prop(WORKER_STATEMENTS + "/2/Fn::If/1/Resource", "*"),
        EVERYTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "the worker encrypts",
        prop(WORKER_STATEMENTS + "/3/Fn::If/1/Action", ["kms:Decrypt", "kms:GenerateDataKey"]),
        EVERYTHING,
    ),
    (
        "roles_may_do_what_is_called_and_no_more",
        "the router cannot encrypt",
        prop("RouterRole/Policies/0/PolicyDocument/Statement/3/Fn::If/1/Action", "kms:Decrypt"),
        EVERYTHING,
    ),
    ("every_route_but_health_has_an_authoriser", "unsigned", prop("DefaultRoute/AuthorizationType", "NONE"), NOTHING),
    ("every_route_but_health_has_an_authoriser", "no authoriser", prop("DefaultRoute/AuthorizationType"), NOTHING),
    (
        "every_route_but_health_has_an_authoriser",
        "one more route",
        resource("More", "AWS::ApiGatewayV2::Route", ApiId={"Ref": "HttpApi"}, RouteKey="GET /db-migrate"),
        NOTHING,
    ),
    (
        "every_route_but_health_has_an_authoriser",
        "an event of SAM's",
        prop("RouterFunction/Events", {"More": {"Type": "HttpApi", "Properties": {"Path": "/more", "Method": "GET"}}}),
        NOTHING,
    ),
    ("the_stage_is_throttled_and_logged", "no throttling", prop("ApiStage/DefaultRouteSettings"), NOTHING),
    ("the_stage_is_throttled_and_logged", "no access log", prop("ApiStage/AccessLogSettings"), NOTHING),
    (
        "the_stage_is_throttled_and_logged",
        "the path is logged",
        prop("ApiStage/AccessLogSettings/Format", '{"p":"$context.path"}'),
        NOTHING,
    ),
    ("visibility_is_at_least_the_time_out", "seen too soon", prop("MigrationQueue/VisibilityTimeout", 899), NOTHING),
    (
        "visibility_is_at_least_the_time_out",
        "seen too soon under an alias",
        prop("MigrationQueue/VisibilityTimeout", 899),
        EVERYTHING,
    ),
    (
        "visibility_is_at_least_the_time_out",
        "SQS's own visibility",
        prop("MigrationDeadLetterQueue/VisibilityTimeout"),
        NOTHING,
    ),
    ("visibility_is_at_least_the_time_out", "a longer time-out", prop("DeadLetterFunction/Timeout", 61), NOTHING),
    ("one_message_at_a_time", "two messages", prop("MigrationMapping/BatchSize", 2), NOTHING),
    ("one_message_at_a_time", "Lambda's own batches", prop("DeadLetterMapping/BatchSize"), NOTHING),
    ("one_message_at_a_time", "a window", prop("MigrationMapping/MaximumBatchingWindowInSeconds", 1), NOTHING),
    ("one_message_at_a_time", "no bound", prop("MigrationMapping/ScalingConfig"), NOTHING),
    ("failures_are_reported_by_message", "no report", prop("MigrationMapping/FunctionResponseTypes"), NOTHING),
    ("queues_are_fifo_and_dead_letters_have_a_reader", "no FIFO", prop("MigrationQueue/FifoQueue"), NOTHING),
    (
        "queues_are_fifo_and_dead_letters_have_a_reader",
        "dead letters are lost",
        prop("MigrationQueue/RedrivePolicy"),
        NOTHING,
    ),
    (
        "queues_are_fifo_and_dead_letters_have_a_reader",
        "nobody reads",
        put("Resources/DeadLetterMapping", None),
        NOTHING,
    ),
    (
        "queues_are_fifo_and_dead_letters_have_a_reader",
        "forgotten",
        prop("MigrationQueue/MessageRetentionPeriod", 60),
        NOTHING,
    ),
    ("queues_are_encrypted", "plain", prop("MigrationQueue/SqsManagedSseEnabled", False), NOTHING),
    (
        "queues_are_encrypted",
        "another key",
        prop("MigrationDeadLetterQueue/KmsMasterKeyId", "alias/aws/sqs"),
        EVERYTHING,
    ),
    ("logs_are_kept_for_a_time_and_encrypted", "for ever", prop("ApiLogGroup/RetentionInDays"), NOTHING),
    ("logs_are_kept_for_a_time_and_encrypted", "plain", prop("RouterLogGroup/KmsKeyId"), EVERYTHING),
    ("logs_are_kept_for_a_time_and_encrypted", "text", prop("WorkerFunction/LoggingConfig/LogFormat", "Text"), NOTHING),
    (
        "logs_are_kept_for_a_time_and_encrypted",
        "Lambda's group",
        prop("WorkerFunction/LoggingConfig/LogGroup"),
        NOTHING,
    ),
    ("the_password_stands_in_one_variable", "shown", put("Parameters/DatabaseUrl/NoEcho", None), NOTHING),
    (
        "the_password_stands_in_one_variable",
        "an output",
        put("Outputs/Url", {"Value": {"Ref": "DatabaseUrl"}}),
        NOTHING,
    ),
    (
        "the_password_stands_in_one_variable",
        "inside an output",
        put("Outputs/Url", {"Value": {"Fn::Sub": "is ${DatabaseUrl}"}}),
        NOTHING,
    ),
    (
        "the_password_stands_in_one_variable",
        "another variable",
        prop("RouterFunction/Environment/Variables/URL", {"Ref": "DatabaseUrl"}),
        NOTHING,
    ),
    (
        "the_password_stands_in_one_variable",
        "read when deployed",
        put(
            "Globals/Function/Environment/Variables/DATABASE_URL",
            "{{resolve:secretsmanager:app:SecretString:password}}",
        ),
        NOTHING,
    ),
    ("the_password_stands_in_one_variable", "another key", put("Globals/Function/KmsKeyArn", None), EVERYTHING),
    ("nothing_is_public", "a function URL", prop("RouterFunction/FunctionUrlConfig", {"AuthType": "NONE"}), NOTHING),
    ("nothing_is_public", "anybody calls", prop("RouterPermission/Principal", "*"), NOTHING),
    ("nothing_is_public", "any API calls", prop("RouterPermission/SourceArn"), NOTHING),
    (
        "nothing_is_public",
        "anybody sends",
        resource(
            "More",
            "AWS::SQS::QueuePolicy",
            Queues=[{"Ref": "MigrationQueue"}],
            PolicyDocument={"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE}]},
        ),
        NOTHING,
    ),
    (
        "nothing_is_public",
        "the internet comes in",
        prop(
            "FunctionSecurityGroup/SecurityGroupIngress",
            [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}],
        ),
        EVERYTHING,
    ),
    ("nothing_is_public", "all ports of the cluster", prop("ClusterIngress/ToPort", 65535), EVERYTHING),
    ("endpoints_are_for_the_functions_alone", "private DNS", prop("SqsEndpoint/PrivateDnsEnabled", True), EVERYTHING),
    (
        "endpoints_are_for_the_functions_alone",
        "not called",
        put("Globals/Function/Environment/Variables/AWS_ENDPOINT_URL_SQS", None),
        EVERYTHING,
    ),
    (
        "endpoints_are_for_the_functions_alone",
        "none for secrets",
        put("Resources/SecretsManagerEndpoint/Condition", "TellsNobody"),
        EVERYTHING,
    ),
    ("functions_are_in_the_vpc_that_was_given", "in none", put("Globals/Function/VpcConfig", None), EVERYTHING),
    (
        "functions_are_in_the_vpc_that_was_given",
        "the cluster stays closed",
        put("Resources/ClusterIngress", None),
        EVERYTHING,
    ),
    (
        "functions_are_in_the_vpc_that_was_given",
        "everything goes out",
        prop("FunctionSecurityGroup/SecurityGroupEgress"),
        EVERYTHING,
    ),
    (
        "functions_are_in_the_vpc_that_was_given",
        "every port goes out",
        prop("FunctionSecurityGroup/SecurityGroupEgress/1", {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}),
        EVERYTHING,
    ),
    (
        "functions_are_in_the_vpc_that_was_given",
        "any server",
        prop("FunctionSecurityGroup/SecurityGroupEgress/0/Fn::If/0", "TellsNobody"),
        EVERYTHING,
    ),
    (
        "the_alias_is_called_with_snapshots_alone",
        "always the alias",
        prop("RouterIntegration/IntegrationUri", {"Ref": "RouterFunction.Alias"}),
        NOTHING,
    ),
    (
        "the_alias_is_called_with_snapshots_alone",
        "never the alias",
        prop("MigrationMapping/FunctionName", {"Ref": "WorkerFunction"}),
        EVERYTHING,
    ),
    (
        "the_alias_is_called_with_snapshots_alone",
        "always snapshots",
        prop("WorkerFunction/SnapStart", {"ApplyOn": "PublishedVersions"}),
        NOTHING,
    ),
    ("functions_are_what_they_are_packaged_for", "an older Java", put("Globals/Function/Runtime", "java21"), NOTHING),
    (
        "functions_are_what_they_are_packaged_for",
        "one processor",
        put("Globals/Function/Architectures", ["x86_64"]),
        NOTHING,
    ),
    (
        "functions_are_what_they_are_packaged_for",
        "a reserved worker",
        prop("WorkerFunction/ReservedConcurrentExecutions", 1),
        NOTHING,
    ),
    ("alarms_tell_the_topic", "tells nobody", prop("WorkerErrorAlarm/AlarmActions"), EVERYTHING),
    ("alarms_tell_the_topic", "no alarm", put("Resources/LongRunAlarm", None), NOTHING),
    ("everything_is_tagged", "a queue", prop("MigrationQueue/Tags"), NOTHING),
    ("everything_is_tagged", "the functions", put("Globals/Function/Tags", None), NOTHING),
]
