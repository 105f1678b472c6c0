"""What a function's role may do: what its code calls, and what AWS does in its name; each action on its one resource."""

import json

from stack import each, referred

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
            pairs = {
                (a, key(r)) for a in each(statement.get("Action", "*")) for r in each(statement.get("Resource", "*"))
            }
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
