"""The alarms, each of which watches what it is for and tells the topic, and the dashboard."""

import json
import re

from stack import NAME, REGION, differences, is_json_object


def alarm(namespace, metric, dimension, value, statistic, period, comparison, threshold):
    """What an alarm must have; its threshold is a number, or the parameter that says it."""
    return {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": value}],
        "Statistic": statistic,
        "Period": period,
        "EvaluationPeriods": 1,
        "ComparisonOperator": comparison,
        "Threshold": threshold,
        # Without it an alarm has no state while nothing happens.
        "TreatMissingData": "notBreaching",
    }


def queue(name):
    return {"Fn::GetAtt": [name, "QueueName"]}


def errors_of(function):
    return alarm("AWS/Lambda", "Errors", "FunctionName", {"Ref": function}, "Sum", 300, AT_LEAST, 1)


AT_LEAST = "GreaterThanOrEqualToThreshold"
MORE = "GreaterThanThreshold"
AGE = "ApproximateAgeOfOldestMessage"
ALARMS = {
    "DeadLetterAlarm": alarm(
        "AWS/Lambda", "Invocations", "FunctionName", {"Ref": "DeadLetterFunction"}, "Sum", 60, AT_LEAST, 1
    ),
    "DeadLetterStuckAlarm": alarm(
        "AWS/SQS", AGE, "QueueName", queue("MigrationDeadLetterQueue"), "Maximum", 300, MORE, 600
    ),
    "WorkerErrorAlarm": errors_of("WorkerFunction"),
    "OldestMessageAlarm": alarm(
        "AWS/SQS", AGE, "QueueName", queue("MigrationQueue"), "Maximum", 60, MORE, "OldestMessageSeconds"
    ),
    "CredentialsErrorAlarm": errors_of("CredentialsFunction"),
    "RotationErrorAlarm": errors_of("RotationFunction"),
    "ApiKeyAuthorizerErrorAlarm": errors_of("ApiKeyAuthorizerFunction"),
    "LongRunAlarm": alarm("db-migrate", "RunningTime", "Stack", NAME, "Maximum", 60, MORE, "LongestRunSeconds"),
}


SHOWN = {
    "HttpApi",
    "MigrationQueue.QueueName",
    "RouterFunction",
    "WorkerFunction",
    "DeadLetterFunction",
    "RouterLogGroup",
    "WorkerLogGroup",
    "DeadLetterLogGroup",
    "CredentialsFunction",
    "CredentialsLogGroup",
    "RotationFunction",
    "RotationLogGroup",
    "ApiKeyAuthorizerFunction",
    "ApiKeyAuthorizerLogGroup",
}


def alarms_watch_what_they_are_for(stack):
    for name, made in stack.of("AWS::CloudWatch::Alarm"):
        wanted = dict(ALARMS.get(name, {}))
        wanted["Threshold"] = stack.parameters.get(wanted.get("Threshold"), wanted.get("Threshold"))
        said_elsewhere = ("AlarmActions", "AlarmDescription", "Tags")
        yield from differences(name, {key: value for key, value in made.items() if key not in said_elsewhere}, wanted)


def alarms_tell_the_topic(stack):
    topic = stack.parameters["AlarmTopicArn"]
    for name, made in stack.of("AWS::CloudWatch::Alarm"):
        if made.get("AlarmActions") != ([topic] if topic else None):
            yield f"{name} tells {made.get('AlarmActions')}"
        if not made.get("AlarmDescription"):
            yield f"{name} does not say what has happened"


def the_dashboard_shows_all_parts(stack):
    for name, dashboard in stack.of("AWS::CloudWatch::Dashboard"):
        # A dashboard's name is the account's, and not the region's.
        if dashboard.get("DashboardName") != f"{NAME}-{REGION}":
            yield f"{name} is called {dashboard.get('DashboardName')}"
        body = text(dashboard.get("DashboardBody", ""))
        made = {part for part in SHOWN if part.split(".")[0] in stack.resources}
        for part in sorted(made - set(re.findall(r"\$\{([\w.]+)\}", body))):
            yield f"{name} does not show {part}"
        if not is_json_object(body):
            yield f"{name} is no JSON"
            continue
        for widget in json.loads(body)["widgets"]:
            if widget["properties"]["region"] != REGION:
                yield f"{name} shows {widget['properties']['title']} of another region"
            for metric in widget["properties"].get("metrics", []):
                if "Stack" in metric and metric[metric.index("Stack") + 1] != NAME:
                    yield f"{name} shows {metric} of another stack"


def text(body):
    """A text with all that Fn::Sub puts into it but for the resources' names."""
    if isinstance(body, str):
        return body
    within, own = body["Fn::Sub"] if isinstance(body["Fn::Sub"], list) else (body["Fn::Sub"], {})
    for name, value in own.items():
        within = within.replace("${%s}" % name, text(value))
    return within
