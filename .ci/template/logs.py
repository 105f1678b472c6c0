"""The logs: where, in which form and for how long."""

from stack import NAME, differences

GROUPS = {
    "RouterFunction": "RouterLogGroup",
    "ApiKeyAuthorizerFunction": "ApiKeyAuthorizerLogGroup",
    "WorkerFunction": "WorkerLogGroup",
    "DeadLetterFunction": "DeadLetterLogGroup",
    "CredentialsFunction": "CredentialsLogGroup",
    "RotationFunction": "RotationLogGroup",
}
# What a key's policy can name; the second keeps the API's out of the account's resource policy for deliveries.
PREFIXES = (f"/db-migrate/{NAME}/", f"/aws/vendedlogs/db-migrate/{NAME}/")


def logs_are_kept_for_a_time_and_encrypted(stack):
    for name, group in stack.of("AWS::Logs::LogGroup"):
        if group.get("RetentionInDays") != stack.parameters["LogRetentionDays"]:
            yield f"{name} is kept for {group.get('RetentionInDays')} days"
        if group.get("KmsKeyId", "") != stack.parameters["KmsKeyArn"]:
            yield f"{name} is encrypted with {group.get('KmsKeyId')}"
        if not str(group.get("LogGroupName")).startswith(PREFIXES):
            yield f"{name} is called {group.get('LogGroupName')}"


def functions_log_everything_as_json(stack):
    for name, function in stack.of("AWS::Lambda::Function"):
        # No level: Lambda would leave out what is below it.
        wanted = {"LogGroup": {"Ref": GROUPS.get(name)}, "LogFormat": "JSON"}
        yield from differences(f"LoggingConfig of {name}", function.get("LoggingConfig", {}), wanted)
