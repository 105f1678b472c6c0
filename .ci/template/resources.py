"""What is made at all: no resource, property or fate of one that these tables do not list, so that none is overlooked."""

from stack import plain

# Every resource that the template may make, with its type.
RESOURCES = {
    "HttpApi": "AWS::ApiGatewayV2::Api",
    "RouterIntegration": "AWS::ApiGatewayV2::Integration",
    "HealthRoute": "AWS::ApiGatewayV2::Route",
    "DefaultRoute": "AWS::ApiGatewayV2::Route",
    "GitHubAuthorizer": "AWS::ApiGatewayV2::Authorizer",
    "ApiKeyAuthorizer": "AWS::ApiGatewayV2::Authorizer",
    "ApiKeyAuthorizerPermission": "AWS::Lambda::Permission",
    "ApiKeyAuthorizerFunction": "AWS::Lambda::Function",
    "ApiKeyAuthorizerFunctionVersion": "AWS::Lambda::Version",
    "ApiKeyAuthorizerFunctionAliaslive": "AWS::Lambda::Alias",
    "ApiKeyAuthorizerRole": "AWS::IAM::Role",
    "ApiKeyAuthorizerLogGroup": "AWS::Logs::LogGroup",
    "ApiStage": "AWS::ApiGatewayV2::Stage",
    "RouterPermission": "AWS::Lambda::Permission",
    "RouterFunction": "AWS::Lambda::Function",
    "RouterFunctionVersion": "AWS::Lambda::Version",
    "RouterFunctionAliaslive": "AWS::Lambda::Alias",
    "RouterRole": "AWS::IAM::Role",
    "RouterLogGroup": "AWS::Logs::LogGroup",
    "WorkerFunction": "AWS::Lambda::Function",
    "WorkerFunctionVersion": "AWS::Lambda::Version",
    "WorkerFunctionAliaslive": "AWS::Lambda::Alias",
    "WorkerRole": "AWS::IAM::Role",
    "WorkerLogGroup": "AWS::Logs::LogGroup",
    "DeadLetterFunction": "AWS::Lambda::Function",
    "DeadLetterRole": "AWS::IAM::Role",
    "DeadLetterLogGroup": "AWS::Logs::LogGroup",
    "CredentialsFunction": "AWS::Lambda::Function",
    "CredentialsRole": "AWS::IAM::Role",
    "CredentialsLogGroup": "AWS::Logs::LogGroup",
    "DatabaseCredentials": "Custom::DatabaseCredentials",
    "RotationFunction": "AWS::Lambda::Function",
    "RotationRole": "AWS::IAM::Role",
    "RotationLogGroup": "AWS::Logs::LogGroup",
    "RotationPermission": "AWS::Lambda::Permission",
    "CredentialsRotation": "AWS::SecretsManager::RotationSchedule",
    "MigrationsLayer": "AWS::Lambda::LayerVersion",
    "MigrationMapping": "AWS::Lambda::EventSourceMapping",
    "DeadLetterMapping": "AWS::Lambda::EventSourceMapping",
    "MigrationQueue": "AWS::SQS::Queue",
    "MigrationDeadLetterQueue": "AWS::SQS::Queue",
    "NetworkPolicy": "AWS::IAM::ManagedPolicy",
    "FunctionSecurityGroup": "AWS::EC2::SecurityGroup",
    "ClusterIngress": "AWS::EC2::SecurityGroupIngress",
    "EndpointSecurityGroup": "AWS::EC2::SecurityGroup",
    "EndpointIngress": "AWS::EC2::SecurityGroupIngress",
    "SqsEndpoint": "AWS::EC2::VPCEndpoint",
    "SecretsManagerEndpoint": "AWS::EC2::VPCEndpoint",
    "RdsEndpoint": "AWS::EC2::VPCEndpoint",
    "S3Endpoint": "AWS::EC2::VPCEndpoint",
    "S3SecurityGroup": "AWS::EC2::SecurityGroup",
    "ApiLogGroup": "AWS::Logs::LogGroup",
    "DeadLetterAlarm": "AWS::CloudWatch::Alarm",
    "DeadLetterStuckAlarm": "AWS::CloudWatch::Alarm",
    "WorkerErrorAlarm": "AWS::CloudWatch::Alarm",
    "OldestMessageAlarm": "AWS::CloudWatch::Alarm",
    "LongRunAlarm": "AWS::CloudWatch::Alarm",
    "CredentialsErrorAlarm": "AWS::CloudWatch::Alarm",
    "RotationErrorAlarm": "AWS::CloudWatch::Alarm",
    "ApiKeyAuthorizerErrorAlarm": "AWS::CloudWatch::Alarm",
    "Dashboard": "AWS::CloudWatch::Dashboard",
}


def makes_endpoints(given):
    return given["CreateVpcEndpoints"] == "true"


def creates_credentials(given):
    return given["AutoCreateCredentials"] == "true"


def rotates(given):
    return given["RotationDays"] != 0


def takes_keys(given):
    return given["ApiAuth"] == "api-key"


# Those that are not always made: what must be given.
MADE_WITH = {
    "GitHubAuthorizer": lambda given: given["ApiAuth"] == "github-oidc",
    "ApiKeyAuthorizer": takes_keys,
    "ApiKeyAuthorizerPermission": takes_keys,
    "ApiKeyAuthorizerFunction": takes_keys,
    "ApiKeyAuthorizerFunctionVersion": takes_keys,
    "ApiKeyAuthorizerFunctionAliaslive": takes_keys,
    "ApiKeyAuthorizerRole": takes_keys,
    "ApiKeyAuthorizerLogGroup": takes_keys,
    "ApiKeyAuthorizerErrorAlarm": takes_keys,
    "NetworkPolicy": lambda given: given["SubnetIds"],
    "FunctionSecurityGroup": lambda given: given["SubnetIds"] and not given["SecurityGroupIds"],
    "ClusterIngress": lambda given: given["ClusterSecurityGroupId"],
    "EndpointSecurityGroup": makes_endpoints,
    "EndpointIngress": makes_endpoints,
    "SqsEndpoint": makes_endpoints,
    "SecretsManagerEndpoint": lambda given: (
        makes_endpoints(given) and (creates_credentials(given) or given["DatabaseSecretArn"])
    ),
    "RdsEndpoint": lambda given: makes_endpoints(given) and creates_credentials(given),
    "S3Endpoint": lambda given: given["S3RouteTableIds"],
    "S3SecurityGroup": lambda given: (
        makes_endpoints(given) and creates_credentials(given) and not given["SecurityGroupIds"]
    ),
    "CredentialsFunction": creates_credentials,
    "CredentialsRole": creates_credentials,
    "CredentialsLogGroup": creates_credentials,
    "CredentialsErrorAlarm": creates_credentials,
    "DatabaseCredentials": creates_credentials,
    "RotationFunction": rotates,
    "RotationRole": rotates,
    "RotationLogGroup": rotates,
    "RotationPermission": rotates,
    "RotationErrorAlarm": rotates,
    "CredentialsRotation": rotates,
}

# The properties that a type may have. One that is missing here, such as Enabled of a mapping, PermissionsBoundary of a role
# or RoutingConfig of an alias, has no rule that looks at it.
PROPERTIES = {
    "AWS::ApiGatewayV2::Api": "Name ProtocolType Tags",
    "AWS::ApiGatewayV2::Authorizer": "ApiId AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType"
    " AuthorizerUri EnableSimpleResponses IdentitySource JwtConfiguration Name",
    "AWS::ApiGatewayV2::Integration": "ApiId IntegrationType IntegrationUri PayloadFormatVersion",
    "AWS::ApiGatewayV2::Route": "ApiId AuthorizationType AuthorizerId RouteKey Target",
    "AWS::ApiGatewayV2::Stage": "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings RouteSettings StageName Tags",
    "AWS::CloudWatch::Alarm": "AlarmActions AlarmDescription ComparisonOperator Dimensions EvaluationPeriods MetricName"
    " Namespace Period Statistic Tags Threshold TreatMissingData",
    "AWS::CloudWatch::Dashboard": "DashboardBody DashboardName",
    "AWS::EC2::SecurityGroup": "GroupDescription SecurityGroupEgress Tags VpcId",
    "AWS::EC2::SecurityGroupIngress": "Description FromPort GroupId IpProtocol SourceSecurityGroupId ToPort",
    "AWS::EC2::VPCEndpoint": "PrivateDnsEnabled RouteTableIds SecurityGroupIds ServiceName SubnetIds Tags VpcEndpointType VpcId",
    # Not Roles: attached from here it would go before the functions when the stack is deleted.
    "AWS::IAM::ManagedPolicy": "Description PolicyDocument",
    "AWS::IAM::Role": "AssumeRolePolicyDocument ManagedPolicyArns Policies Tags",
    "AWS::Lambda::Alias": "FunctionName FunctionVersion Name",
    "AWS::Lambda::EventSourceMapping": "BatchSize EventSourceArn FunctionName FunctionResponseTypes ScalingConfig Tags",
    "AWS::Lambda::Function": "Architectures Code Description Environment Handler KmsKeyArn Layers LoggingConfig MemorySize"
    " ReservedConcurrentExecutions Role Runtime SnapStart Tags Timeout VpcConfig",
    "AWS::Lambda::LayerVersion": "CompatibleRuntimes Content LayerName",
    "AWS::Lambda::Permission": "Action FunctionName Principal SourceAccount SourceArn",
    "AWS::Lambda::Version": "Description FunctionName",
    "AWS::Logs::LogGroup": "KmsKeyId LogGroupName RetentionInDays Tags",
    "AWS::SecretsManager::RotationSchedule": "RotateImmediatelyOnUpdate RotationLambdaARN RotationRules SecretId",
    "AWS::SQS::Queue": "FifoQueue KmsMasterKeyId MessageRetentionPeriod RedrivePolicy SqsManagedSseEnabled Tags"
    " VisibilityTimeout",
    "Custom::DatabaseCredentials": "DatabaseName DeleteSecret Network RotationId ServiceTimeout ServiceToken",
}

# DeletionPolicy and UpdateReplacePolicy, where there are any.
FATES = {
    "AWS::Logs::LogGroup": ("Delete", "Retain"),
    "AWS::SQS::Queue": ("Delete", "Delete"),
    "AWS::Lambda::LayerVersion": ("Delete", None),
    # SAM's own: an older version stays, for whoever still calls it.
    "AWS::Lambda::Version": ("Retain", None),
}
SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}
ATTRIBUTES = {"Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"}


def what_is_listed_is_made_and_nothing_else(stack):
    wanted = {
        (name, type_) for name, type_ in RESOURCES.items() if name not in MADE_WITH or MADE_WITH[name](stack.parameters)
    }
    for section in sorted(set(stack.source) - SECTIONS):
        yield f"there is a section {section}"
    # Another macro may change all that is made.
    if stack.source["Transform"] != "AWS::Serverless-2016-10-31":
        yield f"{stack.source['Transform']} makes the template"
    made = {(plain(name), resource["Type"]) for name, resource in stack.resources.items()}
    for name, type_ in sorted(made - wanted):
        yield f"{name} ({type_}) is made"
    for name, type_ in sorted(wanted - made):
        yield f"{name} ({type_}) is not made"


def no_property_is_overlooked(stack):
    for name, resource in stack.resources.items():
        known = set(PROPERTIES.get(resource["Type"], "").split())
        for property_ in sorted(set(resource.get("Properties", {})) - known):
            yield f"{name} has {property_}, at which no rule looks"
        for attribute in sorted(set(resource) - ATTRIBUTES):
            yield f"{name} has the attribute {attribute}"


def everything_goes_with_the_stack(stack):
    """What is kept when it is replaced would stand in the way of nothing; what is kept when the stack goes would."""
    for name, resource in stack.resources.items():
        fate = (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        if fate != FATES.get(resource["Type"], (None, None)):
            yield f"{name} has DeletionPolicy and UpdateReplacePolicy {fate}"


def everything_is_tagged(stack):
    for name, resource in stack.resources.items():
        if "Tags" in PROPERTIES.get(resource["Type"], "").split():
            tags = resource.get("Properties", {}).get("Tags", [])
            tags = tags if isinstance(tags, dict) else {tag.get("Key"): tag.get("Value") for tag in tags}
            if tags.get("application") != "db-migrate":
                yield f"{name} has no tag"
