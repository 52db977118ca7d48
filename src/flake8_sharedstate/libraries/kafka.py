"""``kafka`` (kafka-python): callbacks of what was sent run in the producer's own thread (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Give,
    Make,
    Receiver,
    Spawn,
    Threads,
    TypeModel,
)

_PRODUCER = "kafka.KafkaProducer"
_FUTURE = "kafka.<sent>"
_ADD: tuple[Effect, ...] = (
    Spawn(Arg(0), Arguments(rest=1), Threads.SERIAL, thread="sender", common=True),
    Give(Receiver()),
)

TYPES: dict[str, TypeModel] = {
    _PRODUCER: TypeModel(methods={"send": (Make(_FUTURE),)}),
    _FUTURE: TypeModel(methods={"add_callback": _ADD, "add_errback": _ADD, "add_both": _ADD}),
}

ALIASES: dict[str, str] = {"kafka.producer.KafkaProducer": _PRODUCER}
