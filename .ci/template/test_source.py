"""What permissions.py says that the code calls is what the source calls."""

import re

import botocore.session
import permissions
import pytest
import translation

MODULES = {"shared", "router", "worker"}
PERMISSION_OF_WRAPPER = {
    "send": "sqs:SendMessage",
    "sendAgain": "sqs:SendMessage",
    "hide": "sqs:ChangeMessageVisibility",
}
QUEUE = "shared/src/main/java/dbmigrate/queue/MigrationQueue.java"
SECRET = "shared/src/main/java/dbmigrate/database/SecretStore.java"
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
    of_the_code = {action for actions in permissions.CODE_ACTIONS.values() for action, _ in actions}
    assert of_the_code | {permissions.CODE_ACTIONS_WITH_SECRET} == set(SDK_CALLS)


def test_the_source_calls_nothing_else_of_aws():
    called = set()
    aws = botocore.session.get_session()
    for module in MODULES:
        for source in sources(module).values():
            services = re.findall(r"import software\.amazon\.awssdk\.services\.(\w+)\.(\w+Client);", source)
            for service, client in services:
                for variable in re.findall(rf"\b{client} (\w+)[;,)]", source):
                    for method in re.findall(rf"\b{variable}\s*\.(\w+)\(", source):
                        action = method[0].upper() + method[1:]
                        if action in aws.get_service_model(service).operation_names:
                            called.add(f"{service}:{action}")
    assert called == set(SDK_CALLS)


@pytest.mark.parametrize("module, function", [("router", "RouterFunction"), ("worker", "WorkerFunction")])
def test_a_function_may_do_what_its_module_asks_the_queue_for(module, function):
    asked = set()
    for source in sources(module).values():
        asked |= {PERMISSION_OF_WRAPPER[name] for name in re.findall(r"\bqueue\s*\.(send|sendAgain|hide)\(", source)}
    assert asked == {action for action, _ in permissions.CODE_ACTIONS[function]}


def test_the_queue_has_no_other_methods():
    source = (translation.PROJECT / QUEUE).read_text()
    public = set(re.findall(r"^    public (?!static)[\w<>]+ (\w+)\(", source, re.MULTILINE))
    assert public == set(PERMISSION_OF_WRAPPER)


def test_the_dead_letters_function_asks_the_queue_for_nothing():
    assert permissions.CODE_ACTIONS["DeadLetterFunction"] == set()
    handler = translation.PROJECT / "worker/src/main/java/dbmigrate/worker/DeadLetterHandler.java"
    assert "dbmigrate.queue" not in handler.read_text().replace("dbmigrate.queue.ProcessMessage", "")
