"""The functions: what runs in them, and when a change of theirs is a new version."""

import api
from stack import differences, plain, referred

# Handler, package, layers and time-out. An HTTP API gives up after 30 s, and an
# authoriser of its after 10; 900 s is Lambda's longest.
FUNCTIONS = {
    "RouterFunction": ("dbmigrate.router.RouterHandler::handleRequest", "router/target/router.zip", [], 30),
    "ApiKeyAuthorizerFunction": (
        "dbmigrate.router.ApiKeyAuthorizer::handleRequest",
        "router/target/router.zip",
        [],
        10,
    ),
    "WorkerFunction": (
        "dbmigrate.worker.WorkerHandler::handleRequest",
        "worker/target/worker.zip",
        ["MigrationsLayer"],
        900,
    ),
    "DeadLetterFunction": ("dbmigrate.worker.DeadLetterHandler::handleRequest", "worker/target/worker.zip", [], 60),
    "CredentialsFunction": (
        "dbmigrate.credentials.CredentialsHandler::handleRequest",
        "credentials/target/credentials.zip",
        [],
        300,
    ),
    "RotationFunction": (
        "dbmigrate.credentials.RotationHandler::handleRequest",
        "credentials/target/credentials.zip",
        [],
        300,
    ),
}
# The parameter with a function's reserved concurrency, -1 for none. Not the worker's: its mapping would read more than that.
RESERVED = {"RouterFunction": "RouterReservedConcurrency"}
SNAPSHOTS = {"RouterFunction", "ApiKeyAuthorizerFunction", "WorkerFunction"}


def functions_are_what_they_are_packaged_for(stack):
    for name, function in stack.of("AWS::Lambda::Function"):
        handler, package, layers, time_out = FUNCTIONS.get(name, (None, None, None, None))
        reserved = stack.parameters[RESERVED[name]] if name in RESERVED else -1
        wanted = {
            "Handler": handler,
            "Code": package,
            "Layers": layers,
            "Timeout": time_out,
            "Runtime": "java25",
            "Architectures": [stack.parameters["Architecture"]],
            "ReservedConcurrentExecutions": None if reserved == -1 else reserved,
        }
        made = {key: function.get(key) for key in wanted}
        if function.get("MemorySize", 128) < 512:
            yield f"{name} has {function.get('MemorySize')} MB, too little for Java and its share of a processor"
        made["Code"] = function.get("Code", {}).get("S3Key")
        made["Layers"] = [plain(str(referred(layer))) for layer in function.get("Layers", [])]
        yield from differences(name, made, wanted)
    for name, layer in stack.of("AWS::Lambda::LayerVersion"):
        package = layer["Content"].get("S3Key"), layer.get("CompatibleRuntimes")
        if package != ("worker/target/migrations.zip", ["java25"]):
            yield f"{name} is {package}"


def the_alias_is_called_with_snapshots_alone(stack):
    """SAM publishes no version for a parameter's new value: behind an alias the old one would stay."""
    on = stack.parameters["SnapStart"] == "on"
    for name, function in stack.of("AWS::Lambda::Function"):
        wanted = {"ApplyOn": "PublishedVersions"} if on and name in SNAPSHOTS else None
        if function.get("SnapStart") != wanted:
            yield f"{name} starts from snapshots by {function.get('SnapStart')}"
    calls = [(name, i.get("IntegrationUri")) for name, i in stack.of("AWS::ApiGatewayV2::Integration")]
    calls += [
        (name, api.called_by(a))
        for name, a in stack.of("AWS::ApiGatewayV2::Authorizer")
        if a.get("AuthorizerType") == "REQUEST"
    ]
    calls += [(name, p.get("FunctionName")) for name, p in stack.of("AWS::Lambda::Permission")]
    calls += [(name, m.get("FunctionName")) for name, m, _, _ in stack.mappings()]
    for name, called in calls:
        alias = stack.resources.get(referred(called), {}).get("Type") == "AWS::Lambda::Alias"
        if alias != (on and stack.function(called) in SNAPSHOTS):
            yield f"{name} calls {referred(called)}"


def a_release_is_a_new_version(stack):
    """What SAM makes of these properties is shown by test_translation.py; nothing of some is left when it is done."""
    release = stack.parameters["Release"]
    versions = {stack.function(v["FunctionName"]): (name, v) for name, v in stack.of("AWS::Lambda::Version")}
    aliases = {stack.function(a["FunctionName"]): a for _, a in stack.of("AWS::Lambda::Alias")}
    for name in sorted(SNAPSHOTS & set(stack.resources)):
        properties = stack.source["Resources"][name]["Properties"]
        if properties.get("AutoPublishAliasAllProperties") is not True:
            yield f"{name} publishes nothing when only its properties have changed"
        if stack.properties(name).get("Description") != release:
            yield f"{name} does not change with Release, and Lambda publishes nothing"
        version, described = versions.get(name, (None, {}))
        if described.get("Description") != release:
            yield f"{name} has no version that is replaced with Release"
        if aliases.get(name, {}).get("FunctionVersion") != {"Fn::GetAtt": [version, "Version"]}:
            yield f"the alias of {name} is not its version"
    for name, resource in stack.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            if resource["Properties"].get("PublishLambdaVersion") is not True:
                yield f"{name} is new, and the alias goes on with the old one"
