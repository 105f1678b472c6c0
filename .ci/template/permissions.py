"""What a function's role may do: what its code calls, and what AWS does in its name; each action on its one resource."""

import json

import credentials
import network
from stack import ACCOUNT, PARTITION, REGION, arn, each, referred

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
# What SQS and Secrets Manager do in the name of whoever calls them, with a queue or a secret that has a key of one's own.
KEY_ACTIONS = {
    "sqs:SendMessage": {"kms:GenerateDataKey", "kms:Decrypt"},
    "sqs:ReceiveMessage": {"kms:Decrypt"},
    "secretsmanager:CreateSecret": {"kms:GenerateDataKey", "kms:Decrypt"},
    "secretsmanager:GetSecretValue": {"kms:Decrypt"},
    "secretsmanager:PutSecretValue": {"kms:GenerateDataKey", "kms:Decrypt"},
}
# Those about no resource, which AWS knows for "*" alone.
EVERYWHERE = {"secretsmanager:GetRandomPassword"}
SECRETS = f"arn:{PARTITION}:secretsmanager:{REGION}:{ACCOUNT}:secret:"
RDS = f"arn:{PARTITION}:rds:{REGION}:{ACCOUNT}:"
# What the code calls things on, which are not there (None) in every deployment.
RESOURCES = {
    "the queue": lambda stack: arn("MigrationQueue"),
    "the secret": lambda stack: stack.secret(),
    # Six random characters follow the name.
    "the secret of that name": lambda stack: f"{SECRETS}{credentials.SECRET_NAME}-??????",
    # As long as there is none.
    "the name": lambda stack: f"{SECRETS}{credentials.SECRET_NAME}",
    "the master's secret": lambda stack: stack.parameters["RotationMasterSecretArn"],
    "the keys": lambda stack: stack.parameters["ApiKeySecretArn"],
    "the cluster": lambda stack: of_rds("cluster", stack.parameters["DatabaseClusterIdentifier"]),
    "the instance": lambda stack: of_rds("db", stack.parameters["DatabaseInstanceIdentifier"]),
    "everything": lambda stack: "*",
}
READ = ("secretsmanager:GetSecretValue", "the secret")
# What the code itself calls, and on what; test_source.py holds it to the source.
CODE_ACTIONS = {
    "RouterFunction": {("sqs:SendMessage", "the queue"), READ},
    "ApiKeyAuthorizerFunction": {("secretsmanager:GetSecretValue", "the keys")},
    "WorkerFunction": {("sqs:ChangeMessageVisibility", "the queue"), READ},
    "DeadLetterFunction": {READ},
    "CredentialsFunction": {
        ("rds:DescribeDBClusters", "the cluster"),
        ("rds:ModifyDBCluster", "the cluster"),
        ("rds:DescribeDBInstances", "the instance"),
        ("rds:ModifyDBInstance", "the instance"),
        ("secretsmanager:CreateSecret", "the secret of that name"),
        ("secretsmanager:DeleteSecret", "the secret of that name"),
        ("secretsmanager:DescribeSecret", "the secret of that name"),
        ("secretsmanager:DescribeSecret", "the name"),
        ("secretsmanager:GetRandomPassword", "everything"),
        ("secretsmanager:GetSecretValue", "the secret of that name"),
        ("secretsmanager:ListSecretVersionIds", "the secret of that name"),
        ("secretsmanager:PutSecretValue", "the secret of that name"),
        ("secretsmanager:RestoreSecret", "the secret of that name"),
        ("secretsmanager:UpdateSecretVersionStage", "the secret of that name"),
    },
    "RotationFunction": {
        READ,
        ("secretsmanager:DescribeSecret", "the secret"),
        ("secretsmanager:GetRandomPassword", "everything"),
        ("secretsmanager:GetSecretValue", "the master's secret"),
        ("secretsmanager:PutSecretValue", "the secret"),
        ("secretsmanager:UpdateSecretVersionStage", "the secret"),
    },
}
# Those that log in with a token, which is made without a call.
CONNECTING = {"RouterFunction", "WorkerFunction", "DeadLetterFunction"}

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
# What Lambda may do in the role's name is refused to the function's code: whatever bears a function's ARN.
REFUSAL = {
    "Effect": "Deny",
    "Action": sorted(NETWORK_ACTIONS),
    "Resource": "*",
    "Condition": {"ArnLike": {"lambda:SourceFunctionArn": f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:function:*"}},
}


def roles_may_do_what_is_called_and_no_more(stack):
    for name, function in stack.of("AWS::Lambda::Function"):
        role = referred(function.get("Role"))
        if role not in stack.resources or function["Role"] != arn(role):
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
    code = {
        (action, key(RESOURCES[resource](stack)))
        for action, resource in CODE_ACTIONS.get(name, set())
        if RESOURCES[resource](stack)
    }
    mapped = {
        (action, key(arn(queue)))
        for _, _, queue, mapped_function in stack.mappings()
        if mapped_function == name
        for action in MAPPING_ACTIONS
    }
    log_group = referred(function.get("LoggingConfig", {}).get("LogGroup"))
    needed = code | mapped | {(action, key(arn(log_group))) for action in LOG_ACTIONS}
    if stack.parameters["DatabaseAuth"] == "iam" and name in CONNECTING:
        needed.add(("rds-db:connect", user(stack.parameters)))
    if stack.parameters["KmsKeyArn"]:
        for action, _ in code | mapped:
            needed |= {(of_key, stack.parameters["KmsKeyArn"]) for of_key in KEY_ACTIONS.get(action, set())}
    if stack.parameters["SubnetIds"] and name not in network.OUTSIDE:
        needed |= {(action, "*") for action in NETWORK_ACTIONS}
    return needed


def of_rds(kind, identifier):
    return f"{RDS}{kind}:{identifier}" if identifier else None


def user(given):
    """A user of PostgreSQL, as IAM calls him."""
    resource, name = given["DatabaseResourceId"], given["DatabaseUser"]
    return f"arn:{PARTITION}:rds-db:{REGION}:{ACCOUNT}:dbuser:{resource}/{name}"


def grants(stack, role):
    """What the role's policies allow, as pairs; and what is forbidden here, or cannot be told."""
    properties = stack.properties(role)
    problems = []
    if properties.get("AssumeRolePolicyDocument") != TRUST:
        problems.append(f"{role} trusts {properties.get('AssumeRolePolicyDocument')}")
    documents = [policy.get("PolicyDocument", {}) for policy in properties.get("Policies", [])]
    for managed in properties.get("ManagedPolicyArns", []):
        if stack.resources.get(referred(managed), {}).get("Type") == "AWS::IAM::ManagedPolicy":
            documents.append(stack.properties(referred(managed)).get("PolicyDocument", {}))
        else:
            problems.append(f"{role} has the policy {managed}, which is not this template's")
    problems += [f"{role} has a policy in an older language" for d in documents if d.get("Version") != TRUST["Version"]]
    granted, refused = set(), set()
    for statement in (statement for document in documents for statement in document.get("Statement", [])):
        actions, resources = each(statement.get("Action", [])), each(statement.get("Resource", []))
        pairs = {(action, key(resource)) for action in actions for resource in resources}
        if set(statement) == {"Effect", "Action", "Resource"} and statement["Effect"] == "Allow":
            granted |= pairs
        elif {**statement, "Action": sorted(actions)} == REFUSAL:
            refused |= pairs
        else:
            problems.append(f"{role} has neither a plain Allow nor the one refusal: {statement}")
    for action, resource in sorted(granted):
        if "*" in action:
            problems.append(f"{role} may {action}")
        if resource == "*" and action not in EVERYWHERE and (action, "*") not in refused:
            problems.append(f"{role} may {action} on *, and so may the function's code")
    return granted, problems


def key(resource):
    return resource if isinstance(resource, str) else json.dumps(resource, sort_keys=True)
