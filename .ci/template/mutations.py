"""Every way to break the template, by the rule that finds it: its name, what it changes, and for which parameters."""

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
    ApiAuth="api-key",
    ApiKeySecretArn=translation.KEYS_SECRET,
)
# The same with a secret that the stack makes, and rotates, and with workflows for callers.
CREATED = {
    **EVERYTHING,
    "ApiAuth": "github-oidc",
    "ApiKeySecretArn": "",
    "GitHubAudience": translation.OTHERS["GitHubAudience"],
    "GitHubRepositoryIds": translation.OTHERS["GitHubRepositoryIds"],
    "GitHubRefs": translation.OTHERS["GitHubRefs"],
    "DatabaseUrl": "",
    "DatabaseSecretArn": "",
    "AutoCreateCredentials": "true",
    "DatabaseClusterIdentifier": translation.CHOICES["DatabaseClusterIdentifier"][1],
    "S3RouteTableIds": translation.CHOICES["S3RouteTableIds"][1],
    "RotationDays": 31,
}
OF_INSTANCE = {
    **CREATED,
    "DatabaseClusterIdentifier": "",
    "DatabaseInstanceIdentifier": translation.CHOICES["DatabaseInstanceIdentifier"][1],
}
OF_NO_SCHEDULE = {**CREATED, "RotationDays": 0}
# The same with a secret that is given, and rotated.
ROTATED = {**EVERYTHING, "RotationDays": 31, "RotationMasterSecretArn": translation.MASTER_SECRET}
NO_CLUSTER_OPENED = {**ROTATED, "ClusterSecurityGroupId": ""}
TOKEN = translation.given(**NETWORK, DatabaseAuth="iam")
NOTHING = translation.given()
KEYS = translation.given(ApiAuth="api-key", ApiKeySecretArn=translation.KEYS_SECRET)
WORKFLOWS = translation.given(ApiAuth="github-oidc")


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


def within(path, old, new):
    """Changes part of a text."""

    def change(template):
        at = template["Resources"]
        *parents, last = path.split("/")
        for parent in parents:
            at = at[int(parent)] if isinstance(at, list) else at[parent]
        last = int(last) if isinstance(at, list) else last
        assert old in at[last]
        at[last] = at[last].replace(old, new)

    return change


def variable(name, value=None):
    return put(f"Globals/Function/Environment/Variables/{name}", value)


def allow(role, action, resource, effect="Allow", **more):
    def change(template):
        statements = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements.append({"Effect": effect, "Action": action, "Resource": resource, **more})

    return change


def resource(name, type_, **properties):
    return put(f"Resources/{name}", {"Type": type_, "Properties": properties})


def queue_for(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE}
    queues = [{"Ref": "MigrationQueue"}]
    return resource("More", "AWS::SQS::QueuePolicy", Queues=queues, PolicyDocument={"Statement": [statement]})


def iam(role, user):
    """Another user, or more of them, in the role's permission to connect."""
    return prop(f"{role}/Policies/0/PolicyDocument/Statement/3/Fn::If/1/Resource", {"Fn::Sub": USERS + user})


def goes_out(rule):
    return prop("FunctionSecurityGroup/SecurityGroupEgress/1", rule)


def logs_also(variable):
    """One more variable in the access log."""

    def change(template):
        form = template["Resources"]["ApiStage"]["Properties"]["AccessLogSettings"]["Format"]["Fn::Sub"]
        form[0] = form[0].replace("{", '{"more":"' + variable + '",', 1)

    return change


QUEUE = {"Fn::GetAtt": ["MigrationQueue", "Arn"]}
DEAD_LETTERS = {"Fn::GetAtt": ["MigrationDeadLetterQueue", "Arn"]}
ROUTER = {"Ref": "RouterFunction"}
WORKER = {"Ref": "WorkerFunction"}
OTHER_ACCOUNT = "arn:aws:iam::999999999999:root"
OLD_SECRET = {"Ref": "DatabaseSecretArn"}
OTHER_SECRET = {"Fn::Not": [{"Fn::Equals": [OLD_SECRET, ""]}]}
MASTER = {"Ref": "RotationMasterSecretArn"}
READ = "secretsmanager:GetSecretValue"
NETWORK_POLICY = {"Ref": "NetworkPolicy"}
ROUTER_ROLE = {"Fn::GetAtt": ["RouterRole", "Arn"]}
ALL_OF_IT = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
EVERYWHERE = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
ENDPOINT = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
CODE = {"CodeUri": "s3://packages/more.zip", "Handler": "more", "Runtime": "java25"}
WORKER_STATEMENTS = "WorkerRole/Policies/0/PolicyDocument/Statement"
TRUST = "RouterRole/AssumeRolePolicyDocument/Statement/0"
REFUSED_FUNCTION = "NetworkPolicy/PolicyDocument/Statement/1/Condition/ArnLike/lambda:SourceFunctionArn"
DASHBOARD = "Dashboard/Properties/DashboardBody/Fn::Sub/0"
ROTATION_WIDGETS = "Dashboard/Properties/DashboardBody/Fn::Sub/1/RotationWidgets/Fn::If/1/Fn::Sub"
CREDENTIALS_STATEMENTS = "CredentialsRole/Policies/0/PolicyDocument/Statement"
ROTATION_WAYS = "RotationFunction/Tags/network/Fn::Join/1"
ROTATION_STATEMENTS = "RotationRole/Policies/0/PolicyDocument/Statement"
SECRET = {"Fn::GetAtt": ["DatabaseCredentials", "SecretArn"]}
AUTHORIZER_STATEMENTS = "ApiKeyAuthorizerRole/Policies/0/PolicyDocument/Statement"
AUTHORIZER_VARIABLES = "ApiKeyAuthorizerFunction/Environment/Variables"
AUTHORIZER_WIDGETS = "Dashboard/Properties/DashboardBody/Fn::Sub/1/AuthorizerWidgets/Fn::If/1/Fn::Sub"
AUTHORISATION = "DefaultRoute/AuthorizationType/Fn::If"
OPEN_ROUTE = resource(
    "More",
    "AWS::ApiGatewayV2::Route",
    ApiId={"Ref": "HttpApi"},
    RouteKey="ANY /{path+}",
    AuthorizationType="NONE",
    Target={"Fn::Sub": "integrations/${RouterIntegration}"},
)
KEYS_FUNCTION = "ApiKeyAuthorizer/AuthorizerUri/Fn::Sub/1/Function"
KEYS_SOURCE = "ApiKeyAuthorizerPermission/Properties/SourceArn/Fn::Sub"
ROUTER_HANDLER = "dbmigrate.router.RouterHandler::handleRequest"
ROUTER_LOG = {"Ref": "RouterLogGroup"}
ROUTER_VARIABLES = "RouterFunction/Environment/Variables"
USERS = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:"

BROKEN = {
    "what_is_listed_is_made_and_nothing_else": [
        ("a function URL", prop("RouterFunction/FunctionUrlConfig", {"AuthType": "NONE"}), NOTHING),
        (
            "an event of SAM's",
            prop("RouterFunction/Events", {"A": {"Type": "HttpApi", "Properties": {"Path": "/a", "Method": "GET"}}}),
            NOTHING,
        ),
        ("one more function", resource("More", "AWS::Serverless::Function", **CODE), NOTHING),
        ("anybody sends", queue_for("*"), NOTHING),
        ("anybody of a list sends", queue_for({"AWS": [OTHER_ACCOUNT, "*"]}), NOTHING),
        ("another account sends", queue_for({"AWS": OTHER_ACCOUNT}), NOTHING),
        (
            "anybody reads the logs",
            resource(
                "More",
                "AWS::Logs::ResourcePolicy",
                PolicyName="more",
                PolicyDocument='{"Statement":[{"Effect":"Allow","Principal":"*","Action":"logs:*","Resource":"*"}]}',
            ),
            NOTHING,
        ),
        ("another macro", put("Transform", ["AWS::Serverless-2016-10-31", "More"]), NOTHING),
        ("hooks", put("Hooks", {"More": {"Type": "AWS::CodeDeploy::BlueGreen"}}), NOTHING),
        ("a bucket", resource("More", "AWS::S3::Bucket"), NOTHING),
        (
            "everything goes out by a rule beside the group",
            resource("More", "AWS::EC2::SecurityGroupEgress", GroupId={"Ref": "FunctionSecurityGroup"}, **EVERYWHERE),
            EVERYTHING,
        ),
        (
            "one more authoriser",
            resource(
                "More",
                "AWS::ApiGatewayV2::Authorizer",
                ApiId={"Ref": "HttpApi"},
                AuthorizerType="JWT",
                IdentitySource=["$request.header.Authorization"],
                JwtConfiguration={"Issuer": "https://issuer.example", "Audience": ["more"]},
                Name="more",
            ),
            WORKFLOWS,
        ),
        ("keys that nobody asked for", put("Resources/ApiKeyAuthorizerLogGroup/Condition", "ReadsSecret"), CREATED),
        ("tokens that nobody asked for", put("Resources/GitHubAuthorizer/Condition", "CalledByKey"), KEYS),
        ("nobody is told that nobody comes in", put("Resources/ApiKeyAuthorizerErrorAlarm", None), KEYS),
        (
            "the secret with the keys, which would be in the template",
            resource("More", "AWS::SecretsManager::Secret", SecretString='{"ci": "0"}'),
            KEYS,
        ),
        (
            "an API calls the worker",
            resource(
                "More",
                "AWS::Lambda::Permission",
                Action="lambda:InvokeFunction",
                FunctionName=WORKER,
                Principal="apigateway.amazonaws.com",
                SourceArn="arn:aws:execute-api:us-east-1:123456789012:other/*",
            ),
            NOTHING,
        ),
        (
            "an open method of another kind of API",
            resource("More", "AWS::ApiGateway::Method", AuthorizationType="NONE", HttpMethod="GET", RestApiId="other"),
            NOTHING,
        ),
        ("another kind of API", resource("More", "AWS::Serverless::Api", StageName="more"), NOTHING),
        (
            "a policy beside the role",
            resource(
                "More", "AWS::IAM::Policy", PolicyName="m", Roles=[{"Ref": "RouterRole"}], PolicyDocument=ALL_OF_IT
            ),
            NOTHING,
        ),
        (
            "a user's policy",
            resource("More", "AWS::IAM::UserPolicy", PolicyName="m", UserName="more", PolicyDocument=ALL_OF_IT),
            NOTHING,
        ),
        ("nobody reads the dead letters", put("Resources/DeadLetterMapping", None), NOTHING),
        ("no alarm", put("Resources/LongRunAlarm", None), NOTHING),
        ("no refusal of unsigned requests", put("Resources/DefaultRoute", None), NOTHING),
        ("the cluster stays closed", put("Resources/ClusterIngress", None), EVERYTHING),
        ("the endpoints stay closed", put("Resources/EndpointIngress", None), EVERYTHING),
        ("no endpoint for secrets", put("Resources/SecretsManagerEndpoint/Condition", "TellsNobody"), EVERYTHING),
        ("no endpoint for a secret that is made", put("Conditions/MakesSecretsEndpoint/Fn::And/1", OTHER_SECRET), CREATED),
        ("a route to S3 for nobody", put("Resources/S3Endpoint/Condition", "MakesEndpoints"), EVERYTHING),
        ("no route to S3", put("Resources/S3Endpoint", None), CREATED),
        ("nobody is told of the rotation", put("Resources/RotationErrorAlarm/Condition", "TellsNobody"), CREATED),
        ("credentials that nobody asked for", put("Resources/DatabaseCredentials/Condition", "ReadsSecret"), EVERYTHING),
        ("a rotation that nobody asked for", put("Resources/CredentialsRotation/Condition", "ReadsSecret"), EVERYTHING),
        ("a role that nobody needs", put("Resources/RotationRole/Condition", "CreatesCredentials"), OF_NO_SCHEDULE),
        (
            "the secret itself, which would have its password in the template",
            resource("More", "AWS::SecretsManager::Secret", SecretString="{}"),
            CREATED,
        ),
        (
            "whoever may read the secret beside the roles",
            resource(
                "More",
                "AWS::SecretsManager::ResourcePolicy",
                SecretId=SECRET,
                ResourcePolicy={"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]},
            ),
            CREATED,
        ),
    ],
    "no_property_is_overlooked": [
        ("the mapping is off", prop("MigrationMapping/Enabled", False), NOTHING),
        ("messages are left out", prop("MigrationMapping/FilterCriteria", {"Filters": [{"Pattern": "{}"}]}), NOTHING),
        ("a window, which a FIFO queue refuses", prop("MigrationMapping/MaximumBatchingWindowInSeconds", 1), NOTHING),
        ("a boundary", prop("RouterRole/PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"), NOTHING),
        ("somebody else's policy", prop("NetworkPolicy/Users", ["more"]), EVERYTHING),
        ("the alarm is off", prop("WorkerErrorAlarm/ActionsEnabled", False), NOTHING),
        ("the API is off", prop("HttpApi/DisableExecuteApiEndpoint", True), NOTHING),
        ("a key of API Gateway's own, which HTTP APIs do not look at", prop("DefaultRoute/ApiKeyRequired", True), KEYS),
        ("scopes, which GitHub's tokens have not", prop("DefaultRoute/AuthorizationScopes", ["migrate"]), WORKFLOWS),
        ("a role for the call", prop("ApiKeyAuthorizer/AuthorizerCredentialsArn", OTHER_ACCOUNT), KEYS),
        ("a form of keys", prop("ApiKeyAuthorizer/IdentityValidationExpression", ".+"), KEYS),
        ("every web site calls", prop("HttpApi/CorsConfiguration", {"AllowOrigins": ["*"]}), NOTHING),
        ("equal messages are one", prop("MigrationQueue/ContentBasedDeduplication", True), NOTHING),
        ("messages are late", prop("MigrationQueue/DelaySeconds", 900), NOTHING),
        (
            "updates of Java wait",
            prop("RouterFunction/RuntimeManagementConfig", {"UpdateRuntimeOn": "Manual"}),
            NOTHING,
        ),
        (
            "another route for failures",
            prop("WorkerFunction/DeadLetterQueue", {"Type": "SQS", "TargetArn": "a"}),
            NOTHING,
        ),
        (
            "the internet comes in",
            prop("FunctionSecurityGroup/SecurityGroupIngress", [{**ENDPOINT, "CidrIp": "0.0.0.0/0"}]),
            EVERYTHING,
        ),
        (
            "the internet and the functions come in",
            prop("EndpointIngress/CidrIp", "0.0.0.0/0"),
            EVERYTHING,
        ),
        ("a schedule beside the days", prop("CredentialsRotation/HostedRotationLambda", {"RotationType": "a"}), CREATED),
        ("a policy for S3", prop("S3Endpoint/PolicyDocument", ALL_OF_IT), CREATED),
        ("more for the function", prop("DatabaseCredentials/Password", "more"), CREATED),
        ("what is updated otherwise", put("Resources/WorkerRole/UpdatePolicy", {"more": True}), NOTHING),
    ],
    "everything_goes_with_the_stack": [
        ("logs of a name stay", put("Resources/RouterLogGroup/DeletionPolicy", "Retain"), NOTHING),
        ("older logs go", put("Resources/RouterLogGroup/UpdateReplacePolicy", None), NOTHING),
        ("a queue stays", put("Resources/MigrationQueue/DeletionPolicy", "Retain"), NOTHING),
        ("a layer stays", prop("MigrationsLayer/RetentionPolicy", "Retain"), NOTHING),
        ("the credentials stay", put("Resources/DatabaseCredentials/DeletionPolicy", "Retain"), CREATED),
        ("the schedule stays", put("Resources/CredentialsRotation/DeletionPolicy", "Retain"), CREATED),
        ("a role stays", put("Resources/WorkerRole/DeletionPolicy", "Retain"), NOTHING),
    ],
    "everything_is_tagged": [
        ("a queue", prop("MigrationQueue/Tags"), NOTHING),
        ("the functions", put("Globals/Function/Tags", None), NOTHING),
    ],
    "roles_may_do_what_is_called_and_no_more": [
        ("worker sends", allow("WorkerRole", "sqs:SendMessage", QUEUE), NOTHING),
        ("router receives", allow("RouterRole", "sqs:ReceiveMessage", QUEUE), NOTHING),
        ("any action of SQS", allow("RouterRole", "sqs:*", QUEUE), NOTHING),
        ("any queue", allow("RouterRole", "sqs:SendMessage", "*"), NOTHING),
        ("another queue", prop(WORKER_STATEMENTS + "/0/Resource", DEAD_LETTERS), NOTHING),
        ("any log group", prop(WORKER_STATEMENTS + "/1/Resource", "*"), NOTHING),
        ("an action is missing", prop(WORKER_STATEMENTS + "/0/Action", "sqs:ReceiveMessage"), NOTHING),
        (
            "everything but",
            prop(WORKER_STATEMENTS + "/0", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            NOTHING,
        ),
        ("refused again", allow("WorkerRole", "sqs:ReceiveMessage", QUEUE, effect="Deny"), NOTHING),
        ("everything is refused", allow("WorkerRole", "*", "*", effect="Deny"), NOTHING),
        (
            "allowed to nobody",
            prop(WORKER_STATEMENTS + "/0/Condition", {"StringEquals": {"aws:SourceVpc": "vpc-0"}}),
            NOTHING,
        ),
        (
            "more under a condition",
            allow("RouterRole", "sqs:DeleteMessage", QUEUE, Condition={"Bool": {"aws:SecureTransport": "true"}}),
            NOTHING,
        ),
        (
            "AWS's own policy",
            prop(
                "RouterRole/ManagedPolicyArns", ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]
            ),
            NOTHING,
        ),
        ("SAM makes the role", prop("RouterFunction/Role"), NOTHING),
        ("a role's name", prop("RouterFunction/Role", {"Ref": "RouterRole"}), NOTHING),
        ("another's role", prop("RouterFunction/Role", {"Fn::GetAtt": ["WorkerRole", "Arn"]}), NOTHING),
        ("an older language", prop("RouterRole/Policies/0/PolicyDocument/Version", "2008-10-17"), NOTHING),
        ("everybody's role", prop(TRUST + "/Principal", {"AWS": "*"}), NOTHING),
        ("nobody's role", prop(TRUST + "/Effect", "Deny"), NOTHING),
        ("any action of STS", prop(TRUST + "/Action", "sts:*"), NOTHING),
        ("a role under a condition", prop(TRUST + "/Condition", {"StringEquals": {"aws:SourceAccount": "9"}}), NOTHING),
        ("code makes interfaces", prop("NetworkPolicy/PolicyDocument/Statement/1/Effect", "Allow"), EVERYTHING),
        (
            "only another function is refused",
            prop(REFUSED_FUNCTION, "arn:aws:lambda:us-east-1:123456789012:function:more"),
            EVERYTHING,
        ),
        ("nobody is refused", prop(REFUSED_FUNCTION, "arn:aws:lambda:us-east-1:999999999999:function:*"), EVERYTHING),
        ("more of EC2", prop("NetworkPolicy/PolicyDocument/Statement/0/Action", ["ec2:*"]), EVERYTHING),
        ("any secret", prop(WORKER_STATEMENTS + "/2/Fn::If/1/Resource", "*"), EVERYTHING),
        (
            "the worker encrypts",
            prop(WORKER_STATEMENTS + "/4/Fn::If/1/Action", ["kms:Decrypt", "kms:GenerateDataKey"]),
            EVERYTHING,
        ),
        (
            "the router cannot encrypt",
            prop("RouterRole/Policies/0/PolicyDocument/Statement/4/Fn::If/1/Action", "kms:Decrypt"),
            EVERYTHING,
        ),
        ("the secret that is made is not read", prop(WORKER_STATEMENTS + "/2/Fn::If/1/Resource", OLD_SECRET), CREATED),
        ("every user", iam("WorkerRole", "${DatabaseResourceId}/*"), TOKEN),
        ("every database", iam("RouterRole", "*/${DatabaseUser}"), TOKEN),
        ("one user", iam("DeadLetterRole", "${DatabaseResourceId}/app_user"), TOKEN),
        ("a token without being asked", put("Conditions/ConnectsByIam", {"Fn::Equals": ["a", "a"]}), NOTHING),
        ("no token", prop(WORKER_STATEMENTS + "/3", {"Ref": "AWS::NoValue"}), TOKEN),
        ("every secret is made", prop(CREDENTIALS_STATEMENTS + "/0/Resource", "*"), CREATED),
        (
            "secrets whose names begin alike",
            within("CredentialsRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource/Fn::Sub", "-??????", "*"),
            CREATED,
        ),
        ("every password of RDS", prop(CREDENTIALS_STATEMENTS + "/3/Fn::If/1/Resource", "*"), CREATED),
        ("every instance's password", prop(CREDENTIALS_STATEMENTS + "/4/Fn::If/1/Resource", "*"), OF_INSTANCE),
        (
            "an instance that is not named",
            prop(CREDENTIALS_STATEMENTS + "/4/Fn::If/0", "CreatesCredentials"),
            CREATED,
        ),
        (
            "the cluster is deleted",
            prop(CREDENTIALS_STATEMENTS + "/3/Fn::If/1/Action", ["rds:DeleteDBCluster", "rds:ModifyDBCluster"]),
            CREATED,
        ),
        (
            "more about no resource",
            prop(CREDENTIALS_STATEMENTS + "/2/Action", ["secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"]),
            CREATED,
        ),
        ("the credentials are not encrypted", prop(CREDENTIALS_STATEMENTS + "/6", {"Ref": "AWS::NoValue"}), CREATED),
        ("the rotation of every secret", prop(ROTATION_STATEMENTS + "/0/Resource", "*"), ROTATED),
        ("the rotation of another secret", prop(ROTATION_STATEMENTS + "/0/Resource", OLD_SECRET), CREATED),
        ("the rotation changes the master", allow("RotationRole", "secretsmanager:PutSecretValue", MASTER), ROTATED),
        ("the rotation sets the master's password", allow("RotationRole", "rds:ModifyDBCluster", "*"), CREATED),
        ("the master's secret is not read", prop(ROTATION_STATEMENTS + "/1", {"Ref": "AWS::NoValue"}), ROTATED),
        ("the rotation asks nobody for a password", prop(ROTATION_STATEMENTS + "/2/Action", []), ROTATED),
        ("every secret's keys", prop(AUTHORIZER_STATEMENTS + "/0/Resource", "*"), KEYS),
        ("the database's secret", prop(AUTHORIZER_STATEMENTS + "/0/Resource", OLD_SECRET), EVERYTHING),
        ("the database's secret beside the keys", allow("ApiKeyAuthorizerRole", READ, OLD_SECRET), EVERYTHING),
        ("keys are written", prop(AUTHORIZER_STATEMENTS + "/0/Action", [READ, "secretsmanager:PutSecretValue"]), KEYS),
        ("keys are not read", prop(AUTHORIZER_STATEMENTS + "/0/Action", []), KEYS),
        ("keys are not decrypted", prop(AUTHORIZER_STATEMENTS + "/2", {"Ref": "AWS::NoValue"}), EVERYTHING),
        (
            "the authoriser encrypts",
            prop(AUTHORIZER_STATEMENTS + "/2/Fn::If/1/Action", ["kms:Decrypt", "kms:GenerateDataKey"]),
            EVERYTHING,
        ),
        ("the authoriser sends", allow("ApiKeyAuthorizerRole", "sqs:SendMessage", QUEUE), KEYS),
        ("the authoriser has an interface", prop("ApiKeyAuthorizerRole/ManagedPolicyArns", [NETWORK_POLICY]), EVERYTHING),
        ("the authoriser has the router's role", prop("ApiKeyAuthorizerFunction/Role", ROUTER_ROLE), KEYS),
        ("the router reads the keys", allow("RouterRole", READ, {"Ref": "ApiKeySecretArn"}), KEYS),
        ("the worker makes passwords", allow("WorkerRole", "secretsmanager:GetRandomPassword", "*"), CREATED),
    ],
    "every_route_but_health_has_an_authoriser": [
        ("unsigned", prop("DefaultRoute/AuthorizationType", "NONE"), NOTHING),
        ("no authoriser", prop("DefaultRoute/AuthorizationType"), NOTHING),
        ("open where keys are asked for", prop(AUTHORISATION + "/2/Fn::If/1", "NONE"), KEYS),
        ("open where tokens are asked for", prop(AUTHORISATION + "/1", "NONE"), WORKFLOWS),
        ("open to whom IAM lets in", prop(AUTHORISATION + "/2/Fn::If/2", "NONE"), NOTHING),
        ("whoever IAM lets in needs no key", prop("DefaultRoute/AuthorizationType", "AWS_IAM"), KEYS),
        ("whoever IAM lets in needs no token", prop("DefaultRoute/AuthorizationType", "AWS_IAM"), WORKFLOWS),
        ("the kind without the authoriser", prop("DefaultRoute/AuthorizerId"), KEYS),
        ("another authoriser", prop("DefaultRoute/AuthorizerId", "more"), WORKFLOWS),
        ("an authoriser beside IAM", prop("DefaultRoute/AuthorizerId", "more"), NOTHING),
        ("keys where tokens are asked for", put("Conditions/CalledByGitHub", {"Fn::Equals": ["a", "b"]}), WORKFLOWS),
        ("IAM where keys are asked for", put("Conditions/CalledByKey", {"Fn::Equals": ["a", "b"]}), KEYS),
        ("health is asked who it is", prop("HealthRoute/AuthorizationType", "AWS_IAM"), NOTHING),
        ("a second open route", OPEN_ROUTE, WORKFLOWS),
        ("a second open route beside keys", OPEN_ROUTE, KEYS),
        ("the open route is for everything", prop("HealthRoute/RouteKey", "ANY /{path+}"), NOTHING),
        ("an open route leads elsewhere", prop("HealthRoute/Target", "integrations/more"), NOTHING),
        (
            "one more route",
            resource("More", "AWS::ApiGatewayV2::Route", ApiId={"Ref": "HttpApi"}, RouteKey="GET /db-migrate"),
            NOTHING,
        ),
    ],
    "nobody_can_choose_that_nobody_is_asked": [
        ("it may be chosen", put("Parameters/ApiAuth/AllowedValues", ["iam", "github-oidc", "api-key", "none"]), NOTHING),
        ("anything may be chosen", put("Parameters/ApiAuth/AllowedValues", None), NOTHING),
        ("where nobody says", put("Parameters/ApiAuth/Default", "none"), NOTHING),
        ("it is not chosen and taken", prop("RouterFunction/Environment/Variables/API_AUTH", "none"), NOTHING),
        ("for every function", variable("API_AUTH", "none"), NOTHING),
        ("with a key", prop("RouterFunction/Environment/Variables/API_AUTH", "none"), KEYS),
        ("with a token", prop("RouterFunction/Environment/Variables/API_AUTH", "iam"), WORKFLOWS),
        ("nothing is said", prop("RouterFunction/Environment/Variables/API_AUTH"), KEYS),
    ],
    "authorisers_prove_what_the_router_trusts": [
        ("another issuer", prop("GitHubAuthorizer/JwtConfiguration/Issuer", "https://token.example"), WORKFLOWS),
        (
            "an issuer that begins alike",
            prop("GitHubAuthorizer/JwtConfiguration/Issuer", "https://token.actions.githubusercontent.com.example"),
            WORKFLOWS,
        ),
        ("a constant audience", prop("GitHubAuthorizer/JwtConfiguration/Audience", ["sts.amazonaws.com"]), WORKFLOWS),
        (
            "one audience more",
            prop("GitHubAuthorizer/JwtConfiguration/Audience", [{"Ref": "GitHubAudience"}, "sts.amazonaws.com"]),
            WORKFLOWS,
        ),
        ("the token in the query", prop("GitHubAuthorizer/IdentitySource", ["$request.querystring.token"]), WORKFLOWS),
        ("another API's tokens", prop("GitHubAuthorizer/ApiId", "more"), WORKFLOWS),
        ("a function for the token", prop("GitHubAuthorizer/AuthorizerType", "REQUEST"), WORKFLOWS),
        ("answers are kept", prop("ApiKeyAuthorizer/AuthorizerResultTtlInSeconds", 300), KEYS),
        ("answers are kept unless it is said", prop("ApiKeyAuthorizer/AuthorizerResultTtlInSeconds"), KEYS),
        ("an event of the older form", prop("ApiKeyAuthorizer/AuthorizerPayloadFormatVersion", "1.0"), KEYS),
        ("an answer of the older form", prop("ApiKeyAuthorizer/EnableSimpleResponses"), KEYS),
        ("the key in the query", prop("ApiKeyAuthorizer/IdentitySource", ["$request.querystring.key"]), KEYS),
        ("another header", prop("ApiKeyAuthorizer/IdentitySource", ["$request.header.Authorization"]), KEYS),
        ("the function is called without a key", prop("ApiKeyAuthorizer/IdentitySource"), KEYS),
        (
            "another function says who comes in",
            prop("ApiKeyAuthorizer/AuthorizerUri/Fn::Sub/1/Function", {"Fn::GetAtt": ["WorkerFunction", "Arn"]}),
            KEYS,
        ),
        (
            "another account's function says who comes in",
            prop("ApiKeyAuthorizer/AuthorizerUri", "arn:aws:lambda:us-east-1:999999999999:function:more"),
            KEYS,
        ),
        (
            "one region's function",
            within("ApiKeyAuthorizer/Properties/AuthorizerUri/Fn::Sub/0", "${AWS::Region}", "us-east-1"),
            KEYS,
        ),
    ],
    "the_router_answers_every_request": [
        ("the worker answers", prop("RouterIntegration/IntegrationUri", WORKER), NOTHING),
        ("another server answers", prop("RouterIntegration/IntegrationType", "HTTP_PROXY"), NOTHING),
        ("another kind of API", prop("HttpApi/ProtocolType", "WEBSOCKET"), NOTHING),
        ("events of the older form", prop("RouterIntegration/PayloadFormatVersion", "1.0"), NOTHING),
    ],
    "functions_are_called_by_whom_they_are_there_for": [
        ("anybody calls", prop("RouterPermission/Principal", "*"), NOTHING),
        ("another service calls", prop("RouterPermission/Principal", "events.amazonaws.com"), NOTHING),
        ("any API calls", prop("RouterPermission/SourceArn"), NOTHING),
        (
            "another API calls",
            prop("RouterPermission/SourceArn", "arn:aws:execute-api:us-east-1:123456789012:other/*"),
            NOTHING,
        ),
        ("the API calls another function", prop("RouterPermission/FunctionName", WORKER), NOTHING),
        ("the API changes the function", prop("RouterPermission/Action", "lambda:*"), NOTHING),
        ("another account's secret is rotated", prop("RotationPermission/SourceAccount"), CREATED),
        ("one account's secret is rotated", prop("RotationPermission/SourceAccount", "123456789012"), CREATED),
        ("a schedule calls the worker", prop("RotationPermission/FunctionName", WORKER), CREATED),
        ("every authoriser of the API's calls", within(KEYS_SOURCE, "${ApiKeyAuthorizer}", "*"), KEYS),
        ("routes call the authoriser", within(KEYS_SOURCE, "/authorizers/${ApiKeyAuthorizer}", "/*"), KEYS),
        ("any API calls the authoriser", prop("ApiKeyAuthorizerPermission/SourceArn"), KEYS),
        ("anybody calls the authoriser", prop("ApiKeyAuthorizerPermission/Principal", "*"), KEYS),
        ("the authoriser's permission is for the router", prop("ApiKeyAuthorizerPermission/FunctionName", ROUTER), KEYS),
        ("everybody rotates", prop("RotationPermission/Principal", "*"), CREATED),
    ],
    "the_stage_is_throttled_and_logged": [
        ("no throttling", prop("ApiStage/DefaultRouteSettings"), NOTHING),
        ("a constant rate", prop("ApiStage/DefaultRouteSettings/ThrottlingRateLimit", 50), NOTHING),
        ("a constant burst", prop("ApiStage/DefaultRouteSettings/ThrottlingBurstLimit", 100), NOTHING),
        ("the open route is as the others", prop("ApiStage/RouteSettings"), NOTHING),
        ("a route without bound", prop("ApiStage/RouteSettings/$default", {"ThrottlingRateLimit": 10000}), NOTHING),
        ("made before its routes", put("Resources/ApiStage/DependsOn", ["HealthRoute"]), NOTHING),
        ("nothing is deployed", prop("ApiStage/AutoDeploy", False), NOTHING),
        ("another path", prop("ApiStage/StageName", "live"), NOTHING),
        ("no access log", prop("ApiStage/AccessLogSettings"), NOTHING),
        (
            "another's log",
            prop("ApiStage/AccessLogSettings/DestinationArn", {"Fn::GetAtt": ["RouterLogGroup", "Arn"]}),
            NOTHING,
        ),
        ("text is logged", prop("ApiStage/AccessLogSettings/Format", "$context.requestId"), NOTHING),
        ("the path is logged", logs_also("$context.path"), NOTHING),
        ("a header is logged", logs_also("$request.header.x-api-key"), KEYS),
        ("the token's names are logged", logs_also("$context.authorizer.claims.ref"), WORKFLOWS),
        ("whoever has a key is not told", prop("ApiStage/AccessLogSettings/Format/Fn::Sub/1/Caller", "nobody"), KEYS),
        (
            "whoever signs is not told",
            prop("ApiStage/AccessLogSettings/Format/Fn::Sub/1/Caller/Fn::If/2", "$context.authorizer.identity"),
            NOTHING,
        ),
    ],
    "visibility_is_at_least_the_time_out": [
        ("seen too soon", prop("MigrationQueue/VisibilityTimeout", 899), NOTHING),
        ("seen too soon under an alias", prop("MigrationQueue/VisibilityTimeout", 899), EVERYTHING),
        ("SQS's own visibility", prop("MigrationDeadLetterQueue/VisibilityTimeout"), NOTHING),
        ("a longer time-out", prop("DeadLetterFunction/Timeout", 61), NOTHING),
    ],
    "each_mapping_reads_its_queue_a_message_at_a_time": [
        ("two messages", prop("MigrationMapping/BatchSize", 2), NOTHING),
        ("Lambda's own batches", prop("DeadLetterMapping/BatchSize"), NOTHING),
        ("no bound", prop("MigrationMapping/ScalingConfig"), NOTHING),
        ("a constant bound", prop("MigrationMapping/ScalingConfig/MaximumConcurrency", 10), NOTHING),
        ("no report", prop("MigrationMapping/FunctionResponseTypes"), NOTHING),
        ("another function reads", prop("MigrationMapping/FunctionName", {"Ref": "DeadLetterFunction"}), NOTHING),
        ("another queue is read", prop("MigrationMapping/EventSourceArn", DEAD_LETTERS), NOTHING),
    ],
    "queues_are_fifo_and_dead_letters_have_a_reader": [
        ("no FIFO", prop("MigrationQueue/FifoQueue"), NOTHING),
        ("dead letters are lost", prop("MigrationQueue/RedrivePolicy"), NOTHING),
        ("dead at once", prop("MigrationQueue/RedrivePolicy/maxReceiveCount", 1), NOTHING),
        ("dead letters come back", prop("MigrationQueue/RedrivePolicy/deadLetterTargetArn", QUEUE), NOTHING),
        ("nobody reads", put("Resources/DeadLetterMapping", None), NOTHING),
        ("forgotten", prop("MigrationQueue/MessageRetentionPeriod", 60), NOTHING),
    ],
    "queues_are_encrypted": [
        ("plain", prop("MigrationQueue/SqsManagedSseEnabled", False), NOTHING),
        ("another key", prop("MigrationDeadLetterQueue/KmsMasterKeyId", "alias/aws/sqs"), EVERYTHING),
    ],
    "logs_are_kept_for_a_time_and_encrypted": [
        ("for ever", prop("ApiLogGroup/RetentionInDays"), NOTHING),
        ("for a constant time", prop("WorkerLogGroup/RetentionInDays", 90), NOTHING),
        ("plain", prop("RouterLogGroup/KmsKeyId"), EVERYTHING),
        ("what is logged of keys is plain", prop("ApiKeyAuthorizerLogGroup/KmsKeyId"), EVERYTHING),
        ("what is logged of passwords is plain", prop("CredentialsLogGroup/KmsKeyId"), CREATED),
        ("one stack's group", prop("RouterLogGroup/LogGroupName", "/db-migrate/db-migrate/router"), NOTHING),
        ("a name that no key's policy knows", prop("RouterLogGroup/LogGroupName", "/aws/lambda/router"), NOTHING),
    ],
    "functions_log_everything_as_json": [
        ("text", prop("WorkerFunction/LoggingConfig/LogFormat", "Text"), NOTHING),
        ("Lambda's group", prop("WorkerFunction/LoggingConfig/LogGroup"), NOTHING),
        ("another's group", prop("WorkerFunction/LoggingConfig/LogGroup", {"Ref": "RouterLogGroup"}), NOTHING),
        ("keys in the router's group", prop("ApiKeyAuthorizerFunction/LoggingConfig/LogGroup", ROUTER_LOG), KEYS),
        ("next to nothing", prop("WorkerFunction/LoggingConfig/ApplicationLogLevel", "FATAL"), NOTHING),
        ("no reports", prop("RouterFunction/LoggingConfig/SystemLogLevel", "WARN"), NOTHING),
    ],
    "variables_have_the_values_of_the_parameters": [
        ("no database", variable("DATABASE_URL"), NOTHING),
        ("no secret", variable("DATABASE_SECRET_ARN"), EVERYTHING),
        ("an empty secret", variable("DATABASE_SECRET_ARN", {"Ref": "DatabaseSecretArn"}), NOTHING),
        ("not the secret that is made", variable("DATABASE_SECRET_ARN", {"Ref": "DatabaseSecretArn"}), CREATED),
        ("no database but what is given", variable("DATABASE_URL", {"Ref": "DatabaseUrl"}), CREATED),
        (
            "not the database that is given",
            variable("DATABASE_URL", {"Fn::GetAtt": ["DatabaseCredentials", "DatabaseUrl"]}),
            {**CREATED, "DatabaseUrl": translation.DATABASE_URL},
        ),
        ("always a password", variable("DATABASE_AUTH"), TOKEN),
        ("each owns its own", variable("DATABASE_OWNER_ROLE"), NOTHING),
        (
            "what is made is needed to make it",
            prop("CredentialsFunction/Environment/Variables/DATABASE_SECRET_ARN"),
            CREATED,
        ),
        (
            "its maker gets the password",
            prop("CredentialsFunction/Environment/Variables/DATABASE_URL"),
            {**CREATED, "DatabaseUrl": translation.DATABASE_URL},
        ),
        (
            "one stack's secret",
            prop("CredentialsFunction/Environment/Variables/SECRET_NAME", "db-migrate/DatabaseCredentials"),
            CREATED,
        ),
        ("every stack's events", prop("CredentialsFunction/Environment/Variables/STACK_ID"), CREATED),
        ("no cluster", prop("CredentialsFunction/Environment/Variables/DATABASE_CLUSTER_IDENTIFIER"), CREATED),
        ("no master", prop("RotationFunction/Environment/Variables/ROTATION_MASTER_SECRET_ARN"), ROTATED),
        ("no keys", prop(AUTHORIZER_VARIABLES + "/API_KEY_SECRET_ARN"), KEYS),
        ("passwords for keys", prop(AUTHORIZER_VARIABLES + "/API_KEY_SECRET_ARN", OLD_SECRET), EVERYTHING),
        ("the authoriser gets the password", prop(AUTHORIZER_VARIABLES + "/DATABASE_URL"), KEYS),
        ("the authoriser gets the secret", prop(AUTHORIZER_VARIABLES + "/DATABASE_SECRET_ARN"), EVERYTHING),
        ("the authoriser gets the queue", prop(AUTHORIZER_VARIABLES + "/MIGRATION_QUEUE_URL"), KEYS),
        ("every repository", prop(ROUTER_VARIABLES + "/GITHUB_REPOSITORY_IDS"), WORKFLOWS),
        ("every ref", prop(ROUTER_VARIABLES + "/GITHUB_REFS", "*"), WORKFLOWS),
        ("every environment", prop(ROUTER_VARIABLES + "/GITHUB_ENVIRONMENTS"), WORKFLOWS),
        ("refs for repositories", prop(ROUTER_VARIABLES + "/GITHUB_REPOSITORY_IDS", {"Ref": "GitHubRefs"}), WORKFLOWS),
        ("another issuer for the router", prop(ROUTER_VARIABLES + "/GITHUB_ISSUER", "https://token.example"), WORKFLOWS),
        ("workflows without tokens", prop(ROUTER_VARIABLES + "/GITHUB_REFS", {"Ref": "GitHubRefs"}), NOTHING),
        ("everybody may do the most", prop(ROUTER_VARIABLES + "/PERMISSIONS"), NOTHING),
        ("a constant permission", prop(ROUTER_VARIABLES + "/PERMISSIONS", "*: *"), KEYS),
        ("the worker reads permissions", variable("PERMISSIONS", {"Ref": "Permissions"}), NOTHING),
        ("another queue", variable("MIGRATION_QUEUE_URL", {"Ref": "MigrationDeadLetterQueue"}), NOTHING),
        ("every stack's processes", variable("STACK_NAME"), NOTHING),
        ("one stack's processes", variable("STACK_NAME", "db-migrate"), NOTHING),
        ("a constant", variable("PROCESS_DATABASE", "postgres"), NOTHING),
        ("a constant of one function", prop("WorkerFunction/Environment/Variables/MAX_ATTEMPTS", 5), NOTHING),
        (
            "another's parameter",
            prop("RouterFunction/Environment/Variables/MAX_WAITERS", {"Ref": "MaxAttempts"}),
            NOTHING,
        ),
        ("options of Java", variable("JAVA_TOOL_OPTIONS", "-Xmx64m"), NOTHING),
    ],
    "the_password_stands_in_one_variable": [
        ("shown", put("Parameters/DatabaseUrl/NoEcho", None), NOTHING),
        ("in the template", put("Parameters/DatabaseUrl/Default", translation.DATABASE_URL), NOTHING),
        ("an output", put("Outputs/Url", {"Value": {"Ref": "DatabaseUrl"}}), NOTHING),
        ("inside an output", put("Outputs/Url", {"Value": {"Fn::Sub": "is ${DatabaseUrl}"}}), NOTHING),
        ("another variable", prop("RouterFunction/Environment/Variables/URL", {"Ref": "DatabaseUrl"}), NOTHING),
        (
            "read when deployed",
            variable("DATABASE_URL", "{{resolve:secretsmanager:app:SecretString:password}}"),
            NOTHING,
        ),
        ("another key", put("Globals/Function/KmsKeyArn", None), EVERYTHING),
        ("whoever compares keys has it", prop(AUTHORIZER_VARIABLES + "/MORE", {"Ref": "DatabaseUrl"}), KEYS),
    ],
    "credentials_are_made_for_the_database_that_is_named": [
        ("by another function", prop("DatabaseCredentials/ServiceToken", WORKER), CREATED),
        ("an hour's wait", prop("DatabaseCredentials/ServiceTimeout"), CREATED),
        ("given up before the function is", prop("DatabaseCredentials/ServiceTimeout", 300), CREATED),
        ("for ever the same password", prop("DatabaseCredentials/RotationId"), CREATED),
        (
            "another cluster keeps its own password",
            prop("DatabaseCredentials/RotationId", {"Ref": "CredentialsRotationId"}),
            CREATED,
        ),
        (
            "another instance keeps its own password",
            prop("DatabaseCredentials/RotationId/Fn::If/2/Fn::Sub", "${CredentialsRotationId} of instance"),
            OF_INSTANCE,
        ),
        (
            "an instance of the cluster's name keeps its own password",
            within("DatabaseCredentials/Properties/RotationId/Fn::If/2/Fn::Sub", "instance ", "cluster "),
            OF_INSTANCE,
        ),
        ("the secret always goes", prop("DatabaseCredentials/DeleteSecret", "false"), CREATED),
        ("for ever the same database", prop("DatabaseCredentials/DatabaseName"), CREATED),
        ("one database", prop("DatabaseCredentials/DatabaseName", "app"), CREATED),
        ("called before the cluster is open", prop("DatabaseCredentials/Network/0", {"Ref": "AWS::NoValue"}), CREATED),
        ("called before there is a way to S3", prop("DatabaseCredentials/Network/2", {"Ref": "AWS::NoValue"}), CREATED),
        (
            "depends on what is not made",
            put("Resources/DatabaseCredentials/DependsOn", ["ClusterIngress"]),
            CREATED,
        ),
        ("a function of a name", prop("CredentialsFunction/FunctionName", "credentials"), CREATED),
    ],
    "the_schedule_rotates_the_secret_that_is_read": [
        ("another secret", prop("CredentialsRotation/SecretId", OLD_SECRET), CREATED),
        ("no secret that is given", prop("CredentialsRotation/SecretId", "app"), ROTATED),
        ("a constant number of days", prop("CredentialsRotation/RotationRules/AutomaticallyAfterDays", 30), ROTATED),
        ("at some time", prop("CredentialsRotation/RotateImmediatelyOnUpdate"), ROTATED),
        ("by another function", prop("CredentialsRotation/RotationLambdaARN", WORKER), ROTATED),
        ("before it may be called", put("Resources/CredentialsRotation/DependsOn", None), ROTATED),
        ("before there is a way", prop("RotationFunction/Tags"), ROTATED),
        ("before the cluster is open", prop(ROTATION_WAYS + "/0", {"Ref": "AWS::NoValue"}), ROTATED),
        ("before the endpoints are open", prop(ROTATION_WAYS + "/1", {"Ref": "AWS::NoValue"}), CREATED),
        ("after what is not made", prop(ROTATION_WAYS + "/0", {"Ref": "ClusterIngress"}), NO_CLUSTER_OPENED),
    ],
    "only_the_functions_come_in": [
        ("all ports of the cluster", prop("ClusterIngress/ToPort", 65535), EVERYTHING),
        ("another group comes in", prop("ClusterIngress/SourceSecurityGroupId", "sg-0123456789abcdef9"), EVERYTHING),
        ("another port", prop("ClusterIngress/FromPort", 22), EVERYTHING),
        ("a constant port", prop("ClusterIngress/FromPort", 5432), EVERYTHING),
        ("another group is opened", prop("ClusterIngress/GroupId", "sg-0123456789abcdef9"), EVERYTHING),
        ("a group and the internet", prop("ClusterIngress/CidrIp", "0.0.0.0/0"), EVERYTHING),
        ("the endpoints open to a network", prop("EndpointIngress/CidrIpv6", "::/0"), EVERYTHING),
        ("any protocol", prop("EndpointIngress/IpProtocol", "-1"), EVERYTHING),
    ],
    "the_functions_go_out_to_the_database_and_aws_alone": [
        ("everything goes out", prop("FunctionSecurityGroup/SecurityGroupEgress"), EVERYTHING),
        ("every port goes out", goes_out(EVERYWHERE), EVERYTHING),
        (
            "a group and everywhere",
            goes_out({**ENDPOINT, "DestinationSecurityGroupId": "sg-0", "CidrIp": "0.0.0.0/0"}),
            EVERYTHING,
        ),
        ("nothing goes to the endpoints", goes_out({**ENDPOINT, "DestinationSecurityGroupId": "sg-0"}), EVERYTHING),
        ("nothing goes to the database", prop("FunctionSecurityGroup/SecurityGroupEgress", [EVERYWHERE]), EVERYTHING),
        ("a constant port", prop("FunctionSecurityGroup/SecurityGroupEgress/0/Fn::If/1/ToPort", 5432), EVERYTHING),
        ("any server", prop("FunctionSecurityGroup/SecurityGroupEgress/0/Fn::If/0", "TellsNobody"), EVERYTHING),
        ("the endpoints call", prop("EndpointSecurityGroup/SecurityGroupEgress", [EVERYWHERE]), EVERYTHING),
        ("another VPC", prop("EndpointSecurityGroup/VpcId", "vpc-0123456789abcdef9"), EVERYTHING),
        ("every port to S3", prop("S3SecurityGroup/SecurityGroupEgress", [EVERYWHERE]), CREATED),
    ],
    "endpoints_are_for_the_functions_alone": [
        ("private DNS", prop("SqsEndpoint/PrivateDnsEnabled", True), EVERYTHING),
        (
            "another service",
            prop("SqsEndpoint/ServiceName", {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"}),
            EVERYTHING,
        ),
        ("another region's service", prop("SqsEndpoint/ServiceName", "com.amazonaws.us-east-1.sqs"), EVERYTHING),
        ("the VPC's own group", prop("SqsEndpoint/SecurityGroupIds"), EVERYTHING),
        ("another group", prop("SqsEndpoint/SecurityGroupIds", [{"Ref": "FunctionSecurityGroup"}]), EVERYTHING),
        ("another VPC", prop("SqsEndpoint/VpcId", "vpc-0123456789abcdef9"), EVERYTHING),
        ("in no subnet", prop("SecretsManagerEndpoint/SubnetIds"), EVERYTHING),
        ("not called", variable("AWS_ENDPOINT_URL_SQS"), EVERYTHING),
        ("a foreign address", variable("AWS_ENDPOINT_URL_SQS", "https://sqs.example"), EVERYTHING),
        ("a foreign address without endpoints", variable("AWS_ENDPOINT_URL", "https://aws.example"), NOTHING),
        (
            "the authoriser is led where it cannot get",
            prop(AUTHORIZER_VARIABLES + "/AWS_ENDPOINT_URL_SECRETS_MANAGER"),
            EVERYTHING,
        ),
        ("none for secrets", put("Resources/SecretsManagerEndpoint/Condition", "TellsNobody"), EVERYTHING),
        ("RDS is not called", prop("CredentialsFunction/Environment/Variables/AWS_ENDPOINT_URL_RDS"), CREATED),
        (
            "the worker is led to RDS",
            prop("WorkerFunction/Environment/Variables/AWS_ENDPOINT_URL_RDS", "https://rds.example"),
            CREATED,
        ),
        ("an interface for S3, which costs", prop("S3Endpoint/VpcEndpointType", "Interface"), CREATED),
        ("no table", prop("S3Endpoint/RouteTableIds"), CREATED),
        ("one table", prop("S3Endpoint/RouteTableIds", ["rtb-0123456789abcdef9"]), CREATED),
    ],
    "functions_are_in_the_vpc_that_was_given": [
        ("in none", put("Globals/Function/VpcConfig", None), EVERYTHING),
        (
            "in a foreign group",
            put("Globals/Function/VpcConfig/Fn::If/1/SecurityGroupIds", ["sg-0123456789abcdef9"]),
            EVERYTHING,
        ),
        (
            "in a group beside those that were given",
            put("Globals/Function/VpcConfig/Fn::If/1/SecurityGroupIds/Fn::If/1", ["sg-0123456789abcdef9"]),
            {**EVERYTHING, "SecurityGroupIds": translation.CHOICES["SecurityGroupIds"][1]},
        ),
        (
            "the answer to CloudFormation does not get out",
            prop("CredentialsFunction/VpcConfig/Fn::If/1/SecurityGroupIds/Fn::If/2", [{"Ref": "FunctionSecurityGroup"}]),
            CREATED,
        ),
        ("the authoriser where it may not get to its keys", prop("ApiKeyAuthorizerFunction/VpcConfig"), EVERYTHING),
        ("the credentials in none", prop("CredentialsFunction/VpcConfig", {"Ref": "AWS::NoValue"}), CREATED),
        (
            "everybody gets out to S3",
            put(
                "Globals/Function/VpcConfig/Fn::If/1/SecurityGroupIds/Fn::If/2",
                [{"Ref": "FunctionSecurityGroup"}, {"Ref": "S3SecurityGroup"}],
            ),
            CREATED,
        ),
        (
            "with addresses of another kind",
            put("Globals/Function/VpcConfig/Fn::If/1/Ipv6AllowedForDualStack", True),
            EVERYTHING,
        ),
    ],
    "functions_are_what_they_are_packaged_for": [
        ("an older Java", put("Globals/Function/Runtime", "java21"), NOTHING),
        ("one processor", put("Globals/Function/Architectures", ["arm64"]), NOTHING),
        ("a reserved worker", prop("WorkerFunction/ReservedConcurrentExecutions", 1), NOTHING),
        ("dead letters are stopped", prop("DeadLetterFunction/ReservedConcurrentExecutions", 0), NOTHING),
        ("the router is not reserved", prop("RouterFunction/ReservedConcurrentExecutions"), EVERYTHING),
        ("another's handler", prop("RouterFunction/Handler", "dbmigrate.worker.WorkerHandler::handleRequest"), NOTHING),
        ("another's package", prop("RouterFunction/CodeUri", "worker/target/worker.zip"), NOTHING),
        ("no SQL", prop("WorkerFunction/Layers"), NOTHING),
        ("another's SQL", prop("MigrationsLayer/ContentUri", "router/target/router.zip"), NOTHING),
        (
            "a foreign layer",
            prop("RouterFunction/Layers", ["arn:aws:lambda:us-east-1:999999999999:layer:more:1"]),
            NOTHING,
        ),
        ("a layer beside ours", prop("RouterFunction/Layers", [{"Ref": "MigrationsLayer"}]), NOTHING),
        ("no time", prop("WorkerFunction/Timeout", 3), NOTHING),
        ("no memory", prop("WorkerFunction/MemorySize"), NOTHING),
        (
            "the schedule calls the custom resource",
            prop("RotationFunction/Handler", "dbmigrate.credentials.CredentialsHandler::handleRequest"),
            CREATED,
        ),
        ("no time for the keys", prop("ApiKeyAuthorizerFunction/Timeout", 3), KEYS),
        ("more time than API Gateway has", prop("ApiKeyAuthorizerFunction/Timeout", 30), KEYS),
        ("the router says who comes in", prop("ApiKeyAuthorizerFunction/Handler", ROUTER_HANDLER), KEYS),
        ("the worker's package", prop("ApiKeyAuthorizerFunction/CodeUri", "worker/target/worker.zip"), KEYS),
        ("no time for RDS", prop("CredentialsFunction/Timeout", 30), CREATED),
    ],
    "the_alias_is_called_with_snapshots_alone": [
        ("always the alias", prop("RouterIntegration/IntegrationUri", {"Ref": "RouterFunction.Alias"}), NOTHING),
        ("never the alias", prop("MigrationMapping/FunctionName", WORKER), EVERYTHING),
        ("the alias may not be called", prop("RouterPermission/FunctionName", ROUTER), EVERYTHING),
        ("always snapshots", prop("WorkerFunction/SnapStart", {"ApplyOn": "PublishedVersions"}), NOTHING),
        ("never the authoriser's alias", prop(KEYS_FUNCTION, {"Fn::GetAtt": ["ApiKeyAuthorizerFunction", "Arn"]}), EVERYTHING),
        ("always the authoriser's alias", prop(KEYS_FUNCTION, {"Ref": "ApiKeyAuthorizerFunction.Alias"}), KEYS),
        (
            "the authoriser's alias may not be called",
            prop("ApiKeyAuthorizerPermission/FunctionName", {"Ref": "ApiKeyAuthorizerFunction"}),
            EVERYTHING,
        ),
        ("never snapshots of the authoriser", prop("ApiKeyAuthorizerFunction/SnapStart"), EVERYTHING),
        ("never snapshots", prop("RouterFunction/SnapStart"), EVERYTHING),
    ],
    "a_release_is_a_new_version": [
        ("of a constant description", prop("RouterFunction/VersionDescription", "live"), EVERYTHING),
        ("of no description", prop("WorkerFunction/VersionDescription"), EVERYTHING),
        ("of a function that does not change", prop("WorkerFunction/Description"), EVERYTHING),
        ("of code alone", prop("RouterFunction/AutoPublishAliasAllProperties"), EVERYTHING),
        ("of all but SQL", prop("MigrationsLayer/PublishLambdaVersion"), EVERYTHING),
        ("of an authoriser that does not change", prop("ApiKeyAuthorizerFunction/Description"), EVERYTHING),
        ("of an authoriser's code alone", prop("ApiKeyAuthorizerFunction/AutoPublishAliasAllProperties"), EVERYTHING),
        ("of none", prop("RouterFunction/AutoPublishAlias"), NOTHING),
    ],
    "alarms_watch_what_they_are_for": [
        ("the good", prop("WorkerErrorAlarm/ComparisonOperator", "LessThanThreshold"), NOTHING),
        ("another namespace", prop("DeadLetterAlarm/Namespace", "AWS/SQS"), NOTHING),
        ("another metric", prop("DeadLetterAlarm/MetricName", "Errors"), NOTHING),
        ("a constant age", prop("OldestMessageAlarm/Threshold", 1800), NOTHING),
        ("a constant duration", prop("LongRunAlarm/Threshold", 3600), NOTHING),
        ("another number", prop("WorkerErrorAlarm/Threshold", 1000), NOTHING),
        ("another stack", prop("LongRunAlarm/Dimensions/0/Value", "other"), NOTHING),
        (
            "another queue",
            prop("OldestMessageAlarm/Dimensions/0/Value", {"Fn::GetAtt": ["MigrationDeadLetterQueue", "QueueName"]}),
            NOTHING,
        ),
        ("the least", prop("OldestMessageAlarm/Statistic", "Minimum"), NOTHING),
        ("a day", prop("DeadLetterStuckAlarm/EvaluationPeriods", 288), NOTHING),
        ("nothing while nothing happens", prop("WorkerErrorAlarm/TreatMissingData"), NOTHING),
        ("another's rotation", prop("RotationErrorAlarm/Dimensions/0/Value", WORKER), CREATED),
        ("another's keys", prop("ApiKeyAuthorizerErrorAlarm/Dimensions/0/Value", ROUTER), KEYS),
        ("calls and not errors", prop("RotationErrorAlarm/MetricName", "Invocations"), CREATED),
    ],
    "alarms_tell_the_topic": [
        ("tells nobody", prop("WorkerErrorAlarm/AlarmActions"), EVERYTHING),
        ("tells another", prop("WorkerErrorAlarm/AlarmActions", ["arn:aws:sns:us-east-1:999999999999:more"]), NOTHING),
        ("tells nothing", prop("WorkerErrorAlarm/AlarmDescription"), NOTHING),
    ],
    "the_dashboard_shows_all_parts": [
        ("one region", within(DASHBOARD, "${AWS::Region}", "us-east-1"), NOTHING),
        ("one stack", within(DASHBOARD, "${AWS::StackName}", "db-migrate"), NOTHING),
        ("a part is not shown", within(DASHBOARD, "${DeadLetterFunction}", "more"), NOTHING),
        ("the rotation is not shown", within(ROTATION_WIDGETS, "${RotationFunction}", "more"), CREATED),
        ("the keys are not shown", within(AUTHORIZER_WIDGETS, "${ApiKeyAuthorizerFunction}", "more"), KEYS),
        ("a comma too few of keys", within(AUTHORIZER_WIDGETS, "limit 20\"}},", "limit 20\"}}"), KEYS),
        ("a comma too few", within(ROTATION_WIDGETS, "limit 20\"}},", "limit 20\"}}"), CREATED),
        ("no widget", prop("Dashboard/DashboardBody", {"Fn::Sub": '{"widgets": []}'}), NOTHING),
        ("no JSON", prop("Dashboard/DashboardBody", {"Fn::Sub": "widgets"}), NOTHING),
        ("one name in all regions", prop("Dashboard/DashboardName", {"Ref": "AWS::StackName"}), NOTHING),
    ],
}

MUTATIONS = [(rule, *mutation) for rule, mutations in BROKEN.items() for mutation in mutations]
