"""What permissions.py says that the code calls is what the source calls."""

import re

import botocore.session
import permissions
import pytest
import translation
import variables

MODULES = {"shared", "router", "worker"}
OF_MODULES = {"RouterFunction", "WorkerFunction", "DeadLetterFunction"}
PERMISSION_OF_WRAPPER = {
    "send": "sqs:SendMessage",
    "sendAgain": "sqs:SendMessage",
    "hide": "sqs:ChangeMessageVisibility",
}
QUEUE = "shared/src/main/java/dbmigrate/queue/MigrationQueue.java"
SECRET = "shared/src/main/java/dbmigrate/database/SecretReader.java"
AUTHORISER = "router/src/main/java/dbmigrate/router/ApiKeyAuthorizer.java"
# The action, and the class and the words in which the SDK is called.
SDK_CALLS = {
    "sqs:SendMessage": (QUEUE, "sqs.sendMessage("),
    "sqs:ChangeMessageVisibility": (QUEUE, "sqs.changeMessageVisibility("),
    "secretsmanager:GetSecretValue": (SECRET, "client.getSecretValue("),
}


def sources(module):
    return {
        str(path.relative_to(translation.PROJECT)): path.read_text()
        for path in (translation.PROJECT / module / "src/main/java").rglob("*.java")
    }


def test_each_action_of_the_table_is_called_by_the_class_that_it_names():
    for action, (path, words) in SDK_CALLS.items():
        assert words in (translation.PROJECT / path).read_text(), action
    assert set().union(*map(actions, OF_MODULES)) == set(SDK_CALLS)


def actions(function):
    """What the table lets a function's code call."""
    return {action for action, _ in permissions.CODE_ACTIONS[function]}


def called(texts):
    """The actions of AWS that sources call through the SDK."""
    found = set()
    aws = botocore.session.get_session()
    for source in texts:
        services = re.findall(r"import software\.amazon\.awssdk\.services\.(\w+)\.(\w+Client);", source)
        for service, client in services:
            for variable in re.findall(rf"\b{client} (\w+)[;,)]", source):
                for method in re.findall(rf"\b{variable}\s*\.(\w+)\(", source):
                    action = method[0].upper() + method[1:]
                    if action in aws.get_service_model(service).operation_names:
                        found.add(f"{service}:{action}")
    return found


def test_the_source_calls_nothing_else_of_aws():
    assert called(source for module in MODULES for source in sources(module).values()) == set(SDK_CALLS)


@pytest.mark.parametrize(
    "handler, function", [("CredentialsHandler", "CredentialsFunction"), ("RotationHandler", "RotationFunction")]
)
def test_a_function_of_the_credentials_calls_what_it_may(handler, function):
    """Both are in one module; what a handler reaches are the classes that it names, and those that they name."""
    classes = {path.rsplit("/", 1)[1].removesuffix(".java"): text for path, text in sources("credentials").items()}
    reached, names = set(), {handler}
    while names:
        reached |= names
        names = {word for name in names for word in re.findall(r"\w+", classes[name]) if word in classes} - reached
    assert called(classes[name] for name in reached) == actions(function)


@pytest.mark.parametrize("module, function", [("router", "RouterFunction"), ("worker", "WorkerFunction")])
def test_a_function_may_do_what_its_module_asks_the_queue_for(module, function):
    asked = set()
    for source in sources(module).values():
        asked |= {PERMISSION_OF_WRAPPER[name] for name in re.findall(r"\bqueue\s*\.(send|sendAgain|hide)\(", source)}
    assert asked == {action for action in actions(function) if action.startswith("sqs:")}


def test_the_queue_has_no_other_methods():
    source = (translation.PROJECT / QUEUE).read_text()
    public = set(re.findall(r"^    public (?!static)[\w<>]+ (\w+)\(", source, re.MULTILINE))
    # It lets go of the client, and asks AWS for nothing.
    assert public - {"close"} == set(PERMISSION_OF_WRAPPER)


def test_the_authoriser_reads_a_secret_and_asks_for_nothing_else():
    """It is in the router's package: what it reaches there are the classes that it names, and those that they name."""
    classes = {path.rsplit("/", 1)[1].removesuffix(".java"): text for path, text in sources("router").items()}
    reached, names = set(), {"ApiKeyAuthorizer"}
    while names:
        reached |= names
        names = {word for name in names for word in re.findall(r"\w+", classes[name]) if word in classes} - reached
    imported = {found for name in reached for found in re.findall(r"import dbmigrate\.([\w.]+);", classes[name])}
    assert {found for found in imported if found.startswith(("database.", "process.", "queue."))} == {
        "database.SecretArn",
        "database.SecretReader",
    }
    assert actions("ApiKeyAuthorizerFunction") == {"secretsmanager:GetSecretValue"}


def test_the_authoriser_takes_the_variable_and_the_header_of_the_template():
    source = (translation.PROJECT / AUTHORISER).read_text()
    template = translation.source()["Resources"]
    made = template["ApiKeyAuthorizerFunction"]["Properties"]["Environment"]["Variables"]
    (given,) = [name for name, value in made.items() if value != {"Ref": "AWS::NoValue"}]
    assert f'VARIABLE = "{given}"' in source
    (header,) = template["ApiKeyAuthorizer"]["Properties"]["IdentitySource"]
    assert f'HEADER = "{header.removeprefix("$request.header.")}"' in source


def test_the_router_takes_callers_in_the_ways_of_the_template():
    source = (translation.PROJECT / "router/src/main/java/dbmigrate/router/Authorization.java").read_text()
    ways = re.findall(r'case "([\w-]+)" ->', source)
    assert ways == [*translation.CALLERS["ApiAuth"], "none"]
    rules = (translation.PROJECT / "router/src/main/java/dbmigrate/router/GitHubRules.java").read_text()
    issuer = translation.source()["Resources"]["GitHubAuthorizer"]["Properties"]["JwtConfiguration"]["Issuer"]
    assert f'ISSUER = "{issuer}";' in rules
    assert set(re.findall(r'"(GITHUB_\w+)"', rules)) - set(variables.OF_WAY["github-oidc"]) == {"GITHUB_ISSUER"}


def test_the_dead_letters_function_asks_the_queue_for_nothing():
    assert actions("DeadLetterFunction") == {"secretsmanager:GetSecretValue"}
    handler = translation.PROJECT / "worker/src/main/java/dbmigrate/worker/DeadLetterHandler.java"
    assert "dbmigrate.queue" not in handler.read_text().replace("dbmigrate.queue.ProcessMessage", "")
