"""The queues, and the mappings that read them."""

from stack import arn, differences

# Queue, function, and how many at once: a number, or the parameter that says it.
MAPPINGS = {
    "MigrationMapping": ("MigrationQueue", "WorkerFunction", "WorkerConcurrency"),
    "DeadLetterMapping": ("MigrationDeadLetterQueue", "DeadLetterFunction", 2),
}
DEAD_LETTERS = {"MigrationQueue": "MigrationDeadLetterQueue"}


def visibility_is_at_least_the_time_out(stack):
    for name, _, queue, function in stack.mappings():
        visibility = stack.properties(queue).get("VisibilityTimeout", 30)
        if visibility < stack.properties(function).get("Timeout", 3):
            yield f"{name}: {queue} hides a message for {visibility} s, less than {function} may take"


def each_mapping_reads_its_queue_a_message_at_a_time(stack):
    for name, mapping, _, function in stack.mappings():
        wanted_queue, wanted_function, concurrency = MAPPINGS.get(name, (None, None, None))
        wanted = {
            "EventSourceArn": arn(wanted_queue),
            "FunctionName": wanted_function,
            "BatchSize": 1,
            # Without it a failure of the message is lost.
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": stack.parameters.get(concurrency, concurrency)},
        }
        made = {**mapping, "FunctionName": function}
        yield from differences(name, {key: value for key, value in made.items() if key != "Tags"}, wanted)


def queues_are_fifo_and_dead_letters_have_a_reader(stack):
    read = {queue for _, _, queue, _ in stack.mappings()}
    for name, queue in stack.of("AWS::SQS::Queue"):
        if queue.get("FifoQueue") is not True:
            yield f"{name} is no FIFO queue"
        if queue.get("MessageRetentionPeriod") != 1209600:
            yield f"{name} forgets a message before 14 days are over"
        if name not in read:
            yield f"nobody reads {name}"
        redrive = None
        if name in DEAD_LETTERS:
            # A message that waits for its turn is received often: failures are counted in the row.
            redrive = {"deadLetterTargetArn": arn(DEAD_LETTERS[name]), "maxReceiveCount": 1000}
        if queue.get("RedrivePolicy") != redrive:
            yield f"{name} gives its dead letters up by {queue.get('RedrivePolicy')}"


def queues_are_encrypted(stack):
    own = stack.parameters["KmsKeyArn"]
    for name, queue in stack.of("AWS::SQS::Queue"):
        encryption = (queue.get("KmsMasterKeyId"), queue.get("SqsManagedSseEnabled"))
        if encryption != ((own, None) if own else (None, True)):
            yield f"{name} is encrypted by {encryption}"
