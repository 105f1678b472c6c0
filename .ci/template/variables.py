"""The functions' variables, and the password in one of them."""

import json

import translation
from stack import NAME, differences

# The parameter that each variable of every function has its value from; one without a value is left out if it is OPTIONAL.
VARIABLES = {
    "DATABASE_URL": "DatabaseUrl",
    "DATABASE_SECRET_ARN": "DatabaseSecretArn",
    "DB_TYPE": "DbType",
    "PROCESS_DATABASE": "ProcessDatabase",
    "ALLOWED_DATABASES": "AllowedDatabases",
    "CREATE_BY_GLOB": "CreateByGlob",
    "ALLOWED_PLACEHOLDERS": "AllowedPlaceholders",
}
OPTIONAL = {"DATABASE_SECRET_ARN"}
# Those of one function.
OF_FUNCTION = {
    "RouterFunction": {"MAX_WAITERS": "MaxWaiters"},
    "WorkerFunction": {
        "LOCK_TIMEOUT": "LockTimeout",
        "MAX_ATTEMPTS": "MaxAttempts",
        "PROCESS_RETENTION_DAYS": "ProcessRetentionDays",
    },
}


def variables_have_the_values_of_the_parameters(stack):
    """But for AWS_ENDPOINT_URL_…, at which network.py looks."""
    for name, function in stack.of("AWS::Lambda::Function"):
        named = {**VARIABLES, **OF_FUNCTION.get(name, {})}
        wanted = {variable: stack.parameters[parameter] for variable, parameter in named.items()}
        wanted = {variable: value for variable, value in wanted.items() if value or variable not in OPTIONAL}
        wanted |= {"STACK_NAME": NAME, "MIGRATION_QUEUE_URL": {"Ref": "MigrationQueue"}}
        made = function.get("Environment", {}).get("Variables", {})
        made = {variable: value for variable, value in made.items() if not variable.startswith("AWS_ENDPOINT_URL")}
        yield from differences(name, made, wanted)


def the_password_stands_in_one_variable(stack):
    parameter = stack.source["Parameters"]["DatabaseUrl"]
    if parameter.get("NoEcho") is not True:
        yield "DatabaseUrl is shown to whoever may see the stack"
    if "Default" in parameter:
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
