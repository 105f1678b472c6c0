"""The alarms: each watches what it is for, and tells the topic."""

from stack import differences


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
    "WorkerErrorAlarm": alarm(
        "AWS/Lambda", "Errors", "FunctionName", {"Ref": "WorkerFunction"}, "Sum", 300, AT_LEAST, 1
    ),
    "OldestMessageAlarm": alarm(
        "AWS/SQS", AGE, "QueueName", queue("MigrationQueue"), "Maximum", 60, MORE, "OldestMessageSeconds"
    ),
    "LongRunAlarm": alarm("db-migrate", "RunningTime", "Stack", "db-migrate", "Maximum", 60, MORE, "LongestRunSeconds"),
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
