"""A deployment as far as it goes without AWS: what the template makes is made in moto_server, and used.

What moto 5.2.1 cannot do, and what is done about it here:

- CloudFormation does not run the SAM transform: the template is translated before.
- CloudFormation has no API Gateway, alarms, dashboards or aliases of functions: those are made with their properties by
  calls of the services, but for the aliases.
- A FIFO queue without a name does not get one that ends with .fifo: both get the names that the local run knows.
- A security group of CloudFormation's has none of its rules for what goes out: network.py looks at those.
- An endpoint has no DnsEntries: the two variables with its name are left out.
- A custom resource's function would be run in an image of a registry: the secret is given, and not made; RDS and the calls of the
  credentials' function have their own tests, in that module. Nor is there a schedule of its rotation, for the same reason.
- Functions are run in images of a registry alone: the mappings are turned off, and local.jar runs the packaged functions
  and plays the mappings and the API.
- No policy is applied, nothing is encrypted or throttled, and there is no network.
"""

import json
import os
import signal
import subprocess
import urllib.request

import pytest
import translation
from moto_server import LIMIT, Moto, Recorder, until
from mutations import KEYS, WORKFLOWS

IN_SERVICES = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Lambda::Alias",
)
PACKAGES = ("router/target/router.zip", "worker/target/worker.zip", "worker/target/migrations.zip")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    moto = Moto(tmp_path_factory.mktemp("moto"))
    yield moto
    moto.close()


def of(resources, type_):
    return {n: r["Properties"] for n, r in resources.items() if r["Type"] == type_}


def made_api(moto, resources):
    """The API with its routes and the authoriser before them; its id."""
    gateway = moto.client("apigatewayv2")
    ((_, properties),) = of(resources, "AWS::ApiGatewayV2::Api").items()
    api = gateway.create_api(**properties)["ApiId"]
    ((name, properties),) = of(resources, "AWS::ApiGatewayV2::Integration").items()
    uri = "arn:aws:lambda:us-east-1:123456789012:function:router"
    integration = gateway.create_integration(**{**properties, "ApiId": api, "IntegrationUri": uri})["IntegrationId"]
    authorisers = {}
    for authoriser, properties in of(resources, "AWS::ApiGatewayV2::Authorizer").items():
        if "AuthorizerUri" in properties:
            path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function}/invocations"
            assert properties["AuthorizerUri"]["Fn::Sub"][0] == path
            properties = {**properties, "AuthorizerUri": path.replace("${Function}", uri)}
        authorisers[authoriser] = gateway.create_authorizer(**{**properties, "ApiId": api})["AuthorizerId"]
    for properties in of(resources, "AWS::ApiGatewayV2::Route").values():
        assert properties["Target"] == {"Fn::Sub": "integrations/${%s}" % name}
        if "AuthorizerId" in properties:
            properties = {**properties, "AuthorizerId": authorisers[properties["AuthorizerId"]["Ref"]]}
        gateway.create_route(**{**properties, "ApiId": api, "Target": "integrations/" + integration})
    for properties in of(resources, "AWS::ApiGatewayV2::Stage").values():
        log = {
            **properties["AccessLogSettings"],
            "DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:api",
        }
        gateway.create_stage(**{**properties, "ApiId": api, "AccessLogSettings": log})
    return api


class Deployment:
    """The stack in moto: its parameters, its resolved resources, and the ids that they have there."""

    def __init__(self, moto):
        self.moto = moto
        ec2 = moto.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        self.cluster = ec2.create_security_group(GroupName="cluster", Description="cluster", VpcId=self.vpc)["GroupId"]
        self.parameters = translation.given(
            VpcId=self.vpc,
            SubnetIds=subnet,
            ClusterSecurityGroupId=self.cluster,
            CreateVpcEndpoints="true",
            DatabaseSecretArn=translation.SECRET,
            AlarmTopicArn=translation.TOPIC,
        )
        self.upload()
        template = translation.translated(translation.source(), self.parameters)
        self.resources = translation.resolved(template, self.parameters)["Resources"]
        self.api = made_api(moto, self.resources)
        self.ids = self.make_stack()
        self.make_alarms()

    def upload(self):
        s3 = self.moto.client("s3")
        s3.create_bucket(Bucket="packages")
        for package in PACKAGES:
            s3.upload_file(translation.PROJECT / package, "packages", package)

    def of(self, type_):
        return of(self.resources, type_)

    def make_stack(self):
        resources = json.loads(
            json.dumps({n: r for n, r in self.resources.items() if r["Type"] not in IN_SERVICES})
            .replace('{"Ref": "HttpApi"}', json.dumps(self.api))
            .replace("${HttpApi}", self.api)
        )
        for name, resource in resources.items():
            if resource["Type"] == "AWS::SQS::Queue":
                resource["Properties"]["QueueName"] = name + ".fifo"
            if resource["Type"] == "AWS::Lambda::Function":
                for service in ("SQS", "SECRETS_MANAGER"):
                    del resource["Properties"]["Environment"]["Variables"]["AWS_ENDPOINT_URL_" + service]
        formation = self.moto.client("cloudformation")
        body = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
        formation.create_stack(StackName="db-migrate", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        (stack,) = formation.describe_stacks(StackName="db-migrate")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        made = formation.describe_stack_resources(StackName="db-migrate")["StackResources"]
        assert {resource["LogicalResourceId"] for resource in made} == set(resources)
        return {resource["LogicalResourceId"]: resource.get("PhysicalResourceId") for resource in made}

    def make_alarms(self):
        watch = self.moto.client("cloudwatch")
        for name, properties in self.of("AWS::CloudWatch::Alarm").items():
            dimensions = [{"Name": d["Name"], "Value": "any"} for d in properties["Dimensions"]]
            watch.put_metric_alarm(**{**properties, "AlarmName": name, "Dimensions": dimensions})
        for properties in self.of("AWS::CloudWatch::Dashboard").values():
            body = properties["DashboardBody"]["Fn::Sub"]
            assert json.loads(body)["widgets"]
            watch.put_dashboard(DashboardName=properties["DashboardName"], DashboardBody=body)


@pytest.fixture(scope="module")
def deployment(moto):
    return Deployment(moto)


def test_queues_have_the_templates_attributes(deployment, moto):
    sqs = moto.client("sqs")
    for name, wanted in deployment.of("AWS::SQS::Queue").items():
        url = sqs.get_queue_url(QueueName=name + ".fifo")["QueueUrl"]
        actual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for attribute in ("FifoQueue", "MessageRetentionPeriod", "SqsManagedSseEnabled", "VisibilityTimeout"):
            assert actual[attribute].lower() == str(wanted[attribute]).lower(), (name, attribute)
        if "RedrivePolicy" in wanted:
            policy = json.loads(actual["RedrivePolicy"])
            assert policy["deadLetterTargetArn"].endswith(":MigrationDeadLetterQueue.fifo")
            assert int(policy["maxReceiveCount"]) == 1000


def test_mappings_read_one_message_at_a_time_and_report_its_failure(deployment, moto):
    mappings = moto.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert sorted(m["EventSourceArn"].rsplit(":", 1)[1] for m in mappings) == [
        "MigrationDeadLetterQueue.fifo",
        "MigrationQueue.fifo",
    ]
    assert [m["BatchSize"] for m in mappings] == [1, 1]


def test_functions_have_the_bytes_of_the_packages(deployment, moto):
    functions = moto.client("lambda")
    sizes = {p: (translation.PROJECT / p).stat().st_size for p in PACKAGES}
    for name, package in (("RouterFunction", 0), ("WorkerFunction", 1), ("DeadLetterFunction", 1)):
        made = functions.get_function_configuration(FunctionName=deployment.ids[name])
        assert made["CodeSize"] == sizes[PACKAGES[package]]
        assert made["Runtime"] == "java25"
        assert made["Environment"]["Variables"]["DATABASE_URL"] == translation.DATABASE_URL
        assert made["Environment"]["Variables"]["MIGRATION_QUEUE_URL"].endswith("/MigrationQueue.fifo")


def test_security_groups_let_the_functions_to_the_database_and_nobody_else(deployment, moto):
    ec2 = moto.client("ec2")
    functions = deployment.ids["FunctionSecurityGroup"]
    endpoints = deployment.ids["EndpointSecurityGroup"]

    def rules(group, direction):
        (described,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return sorted(
            (
                rule.get("FromPort"),
                [p["GroupId"] for p in rule["UserIdGroupPairs"]],
                [r["CidrIp"] for r in rule["IpRanges"]],
            )
            for rule in described[direction]
        )

    assert rules(deployment.cluster, "IpPermissions") == [(5432, [functions], [])]
    assert rules(endpoints, "IpPermissions") == [(443, [functions], [])]
    assert rules(functions, "IpPermissions") == []


def test_logs_are_kept_for_a_time(deployment, moto):
    groups = moto.client("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert kept == {
        "/aws/vendedlogs/db-migrate/db-migrate/api": 90,
        "/db-migrate/db-migrate/dead-letters": 90,
        "/db-migrate/db-migrate/router": 90,
        "/db-migrate/db-migrate/worker": 90,
    }


def test_routes_of_the_api_are_signed_but_for_health(deployment, moto):
    routes = moto.client("apigatewayv2").get_routes(ApiId=deployment.api)["Items"]
    assert {r["RouteKey"]: r["AuthorizationType"] for r in routes} == {"GET /health": "NONE", "$default": "AWS_IAM"}


@pytest.mark.parametrize("way, kind, type_", [(KEYS, "CUSTOM", "REQUEST"), (WORKFLOWS, "JWT", "JWT")], ids=["keys", "tokens"])
def test_routes_of_another_way_have_its_one_authoriser_but_for_health(moto, way, kind, type_):
    template = translation.translated(translation.source(), way)
    api = made_api(moto, translation.resolved(template, way)["Resources"])
    gateway = moto.client("apigatewayv2")
    routes = {route["RouteKey"]: route for route in gateway.get_routes(ApiId=api)["Items"]}
    assert {key: route["AuthorizationType"] for key, route in routes.items()} == {"GET /health": "NONE", "$default": kind}
    assert "AuthorizerId" not in routes["GET /health"]
    authoriser = gateway.get_authorizer(ApiId=api, AuthorizerId=routes["$default"]["AuthorizerId"])
    assert authoriser["AuthorizerType"] == type_


def test_packaged_functions_migrate_through_the_queue_that_was_made(deployment, moto, tmp_path):
    functions = moto.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    (tmp_path / "V1__rehearsed.sql").write_text("create table rehearsed (id int primary key);\n")
    jdk = subprocess.run(
        ["bash", ".ci/newest-enough-jdk"], cwd=translation.PROJECT, text=True, capture_output=True, check=True
    )
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    recorder = Recorder(moto.url)
    environment["AWS_ENDPOINT_URL_SQS"] = recorder.url
    # What the template gave the function: AWS's own address of the queue, which the variable above leads elsewhere, as it
    # does in a VPC with an endpoint.
    router = functions.get_function_configuration(FunctionName=deployment.ids["RouterFunction"])
    environment["MIGRATION_QUEUE_URL"] = router["Environment"]["Variables"]["MIGRATION_QUEUE_URL"]
    assert environment["MIGRATION_QUEUE_URL"].startswith("https://sqs.us-east-1.amazonaws.com/")
    log = tmp_path / "local.log"
    command = [
        f"{jdk.stdout.strip()}/bin/java",
        "-jar",
        "local/target/local.jar",
        "--port=0",
        f"--migrations={tmp_path}",
        "--watch-parent",
    ]
    with open(log, "w") as output:
        local = subprocess.Popen(
            command, cwd=translation.PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:

        def listening():
            assert local.poll() is None, log.read_text()
            return [
                line.split()[-1]
                for line in log.read_text().splitlines()
                if line.startswith("db-migrate is listening on")
            ]

        (url,) = until("local.jar listens", listening)
        with urllib.request.urlopen(urllib.request.Request(url + "/db-migrate", method="POST")) as answer:
            assert answer.status == 202
            process = json.load(answer)["processId"]

        def ended():
            with urllib.request.urlopen(f"{url}/db-migrate/{process}") as answer:
                shown = json.load(answer)
            return shown if shown["state"] not in ("QUEUED", "RUNNING") else None

        shown = until("the process has ended", ended)
        assert (shown["state"], shown["progress"]["applied"]) == ("COMPLETED", 1), shown
        sqs = moto.client("sqs")
        queue = sqs.get_queue_url(QueueName="MigrationQueue.fifo")["QueueUrl"]

        def empty():
            counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
            return counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"

        until("the message has been deleted", empty)
        # The router's, the worker's and the mapping's; GetQueueUrl is local.jar's own.
        assert set(recorder.calls) - {"AmazonSQS.GetQueueUrl"} == {
            "AmazonSQS." + action
            for action in ("SendMessage", "ChangeMessageVisibility", "ReceiveMessage", "DeleteMessage")
        }
        assert recorder.calls.count("AmazonSQS.SendMessage") == 1
    finally:
        local.send_signal(signal.SIGTERM)
        local.wait(LIMIT)
        recorder.server.shutdown()


def test_nothing_is_left_of_a_deleted_stack(deployment, moto):
    moto.client("cloudformation").delete_stack(StackName="db-migrate")
    assert moto.client("sqs").list_queues().get("QueueUrls", []) == []
    assert moto.client("logs").describe_log_groups()["logGroups"] == []
    assert moto.client("lambda").list_functions()["Functions"] == []
    roles = [role["RoleName"] for role in moto.client("iam").list_roles()["Roles"]]
    assert [name for name in roles if name.startswith("db-migrate-")] == []
