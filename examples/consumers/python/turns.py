"""Prints one line for every turn that has ended: the conversation, how it ended, its tokens."""

import json
import os
import signal
import sys
from threading import Event

from confluent_kafka import Consumer, KafkaException

TOPIC = os.environ.get("TOPIC", "parley.conversation.events.v1")

# Every turn has exactly one event of one of these types.
ENDINGS = {
    "parley.turn.completed.v1": "completed",
    "parley.turn.failed.v1": "failed",
    "parley.turn.cancelled.v1": "cancelled",
    "parley.turn.incomplete.v1": "incomplete",
}

# Events are sent again after a fault. The last 10,000 ids are enough, since repeats come soon.
seen = {}


def is_new(event_id):
    if event_id in seen:
        return False
    seen[event_id] = True
    if len(seen) > 10_000:
        seen.pop(next(iter(seen)))
    return True


def text(raw):
    return (raw or b"").decode("utf-8", "replace")


def header(message, name):
    return text(dict(message.headers() or []).get(name))


def sequence(message):
    digits = header(message, "ce_sequence")
    return int(digits) if digits.isdigit() else 0


def handle(message):
    """The work: whatever you do with an event. It may see an event again after a crash, so it must not mind."""
    status = ENDINGS.get(header(message, "ce_type"))
    if status is None:
        return
    # JSON of proto3 leaves out what is 0, "" or empty.
    usage = json.loads(text(message.value())).get("usage", {})
    tokens = f"{usage.get('inputTokens', 0)}+{usage.get('outputTokens', 0)} tokens"
    print(text(message.key()), status, tokens, flush=True)


def handle_batch(messages):
    for message in sorted(messages, key=lambda message: (text(message.key()), sequence(message))):
        try:
            if is_new(header(message, "ce_id")):
                handle(message)
        except Exception as error:
            # An event that cannot be read now cannot be read later either: say so and go on.
            print("skipped", header(message, "ce_type"), header(message, "ce_id"), error, file=sys.stderr)


def main():
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "localhost:9092"),
            "group.id": os.environ.get("GROUP", "turns-example"),
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            # How long the group waits for a member that died without a word.
            "session.timeout.ms": 10_000,
        }
    )
    consumer.subscribe([TOPIC])
    while not stopping.is_set():
        messages = [each for each in consumer.consume(500, timeout=1.0) if each.error() is None]
        handle_batch(messages)
        try:
            # Only now, after the work: what a crash interrupts comes again.
            if messages:
                consumer.commit(asynchronous=False)
        except KafkaException as error:
            # Another member of the group has the partition now, and sees these events again.
            print("not committed:", error, file=sys.stderr)
    consumer.close()


main()
