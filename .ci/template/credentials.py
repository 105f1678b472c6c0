"""The custom resource that makes user and password, and the schedule by which the password changes."""

from stack import NAME, arn, differences

SECRET_NAME = f"{NAME}/DatabaseCredentials"
# What must stand before the function is called and until it is not any more, and is in none of its properties.
WAYS = ("ClusterIngress", "EndpointIngress", "S3Endpoint")
# The same of the rotation's function, which answers nobody in S3.
WAYS_OF_ROTATION = ("ClusterIngress", "EndpointIngress")


def credentials_are_made_for_the_database_that_is_named(stack):
    given = stack.parameters
    for name, made in stack.of("Custom::DatabaseCredentials"):
        cluster, instance = given["DatabaseClusterIdentifier"], given["DatabaseInstanceIdentifier"]
        database = f"cluster {cluster}" if cluster else f"instance {instance}"
        wanted = {
            "ServiceToken": arn("CredentialsFunction"),
            # Three times the function's time-out, and the pauses between Lambda's own repetitions.
            "ServiceTimeout": 1200,
            # Else another database would keep its own password, also one of the other kind and the same name.
            "RotationId": f"{given['CredentialsRotationId']} of {database}",
            "DeleteSecret": given["DeleteSecret"],
            # Else the function would not be asked for the DatabaseUrl of another name.
            "DatabaseName": given["DatabaseName"],
            "Network": ways(stack, WAYS),
        }
        yield from differences(name, made, wanted)
        if "DependsOn" in stack.resources[name]:
            yield f"{name} depends on {stack.resources[name]['DependsOn']}, which a condition may leave out"
        if stack.properties("CredentialsFunction").get("FunctionName"):
            yield f"{name} may be led to another function, which CloudFormation refuses"


def the_schedule_rotates_the_secret_that_is_read(stack):
    for name, made in stack.of("AWS::SecretsManager::RotationSchedule"):
        wanted = {
            "SecretId": stack.secret(),
            "RotationLambdaARN": arn("RotationFunction"),
            "RotationRules": {"AutomaticallyAfterDays": stack.parameters["RotationDays"]},
            "RotateImmediatelyOnUpdate": True,
        }
        yield from differences(name, made, wanted)
        # Secrets Manager asks whether it may call the function before it takes the schedule.
        if stack.resources[name].get("DependsOn") != "RotationPermission":
            yield f"{name} may be made before its function may be called"
        # The first rotation is at once, and the schedule is made after the function and after what the function refers to.
        tags = {tag["Key"]: tag["Value"] for tag in stack.properties("RotationFunction").get("Tags", [])}
        made = ways_named(tags.get("network"))
        if made != ways(stack, WAYS_OF_ROTATION):
            yield f"{name} may rotate before there is a way to the database: its function waits for {made}"


def ways(stack, names):
    return [{"Ref": name} for name in names if name in stack.resources]


def ways_named(tag):
    """What a tag is joined of; without a way it is empty."""
    return tag["Fn::Join"][1] if isinstance(tag, dict) and "Fn::Join" in tag else [tag] if tag else []
