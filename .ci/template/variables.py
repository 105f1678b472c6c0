"""The functions' variables, and the password in one of them."""

import json

import credentials
import translation
from stack import NAME, STACK_ID, differences

# The parameter that each variable of every function has its value from.
VARIABLES = {
    "DATABASE_AUTH": "DatabaseAuth",
    "DATABASE_OWNER_ROLE": "DatabaseOwnerRole",
    "DB_TYPE": "DbType",
    "PROCESS_DATABASE": "ProcessDatabase",
    "ALLOWED_DATABASES": "AllowedDatabases",
    "CREATE_BY_GLOB": "CreateByGlob",
    "ALLOWED_PLACEHOLDERS": "AllowedPlaceholders",
}
# Those of one function.
OF_FUNCTION = {
    "RouterFunction": {"MAX_WAITERS": "MaxWaiters", "API_AUTH": "ApiAuth", "PERMISSIONS": "Permissions"},
    "ApiKeyAuthorizerFunction": {"API_KEY_SECRET_ARN": "ApiKeySecretArn"},
    "WorkerFunction": {
        "FAIL_ON_WARNING": "FailOnWarning",
        "LOCK_TIMEOUT": "LockTimeout",
        "MAX_ATTEMPTS": "MaxAttempts",
        "PROCESS_RETENTION_DAYS": "ProcessRetentionDays",
        "REHEARSAL_LIMIT": "RehearsalLimit",
    },
    "CredentialsFunction": {
        "DATABASE_CLUSTER_IDENTIFIER": "DatabaseClusterIdentifier",
        "DATABASE_INSTANCE_IDENTIFIER": "DatabaseInstanceIdentifier",
        "DATABASE_NAME": "DatabaseName",
        "SECRET_KMS_KEY_ARN": "KmsKeyArn",
    },
    "RotationFunction": {"ROTATION_MASTER_SECRET_ARN": "RotationMasterSecretArn"},
}
# Those of the router with a way of authorising. Not GITHUB_ISSUER, which is GitHub's own where there is none.
OF_WAY = {
    "github-oidc": {
        "GITHUB_REPOSITORY_IDS": "GitHubRepositoryIds",
        "GITHUB_REFS": "GitHubRefs",
        "GITHUB_ENVIRONMENTS": "GitHubEnvironments",
    },
}
# Whoever only compares keys has nothing to know of the database, and may not see its password.
OF_NO_DATABASE = {"ApiKeyAuthorizerFunction"}


def variables_have_the_values_of_the_parameters(stack):
    """But for AWS_ENDPOINT_URL_…, at which network.py looks."""
    for name, function in stack.of("AWS::Lambda::Function"):
        named = {**({} if name in OF_NO_DATABASE else VARIABLES), **OF_FUNCTION.get(name, {})}
        if name == "RouterFunction":
            named |= OF_WAY.get(stack.parameters["ApiAuth"], {})
        wanted = {variable: stack.parameters[parameter] for variable, parameter in named.items()}
        if name not in OF_NO_DATABASE:
            wanted |= {"STACK_NAME": NAME, "MIGRATION_QUEUE_URL": {"Ref": "MigrationQueue"}}
        if name == "CredentialsFunction":
            wanted["SECRET_NAME"] = credentials.SECRET_NAME
            wanted["STACK_ID"] = STACK_ID
        elif name not in OF_NO_DATABASE:
            wanted |= database(stack)
        made = function.get("Environment", {}).get("Variables", {})
        made = {variable: value for variable, value in made.items() if not variable.startswith("AWS_ENDPOINT_URL")}
        yield from differences(name, made, wanted)


def database(stack):
    """Where it is and who may log in: what is given, and what the custom resource answers where nothing is."""
    url, secret = stack.parameters["DatabaseUrl"], stack.secret()
    variables = {"DATABASE_URL": url or {"Fn::GetAtt": ["DatabaseCredentials", "DatabaseUrl"]}}
    return {**variables, "DATABASE_SECRET_ARN": secret} if secret else variables


def the_password_stands_in_one_variable(stack):
    parameter = stack.source["Parameters"]["DatabaseUrl"]
    if parameter.get("NoEcho") is not True:
        yield "DatabaseUrl is shown to whoever may see the stack"
    if parameter.get("Default"):
        yield "DatabaseUrl has a default, which stands in the template"
    for name, resource in {**stack.resources, **stack.outputs}.items():
        text = json.dumps(resource)
        variable = resource.get("Properties", {}).get("Environment", {}).get("Variables", {}).get("DATABASE_URL")
        if text.count(translation.PASSWORD) > (1 if variable else 0):
            yield f"{name} holds the password"
        if "{{resolve:" in text:
            yield f"{name} reads a secret when it is deployed"
    for name, function in stack.of("AWS::Lambda::Function"):
        if function.get("KmsKeyArn", "") != stack.parameters["KmsKeyArn"]:
            yield f"{name} keeps its variables under the key {function.get('KmsKeyArn')}"
