"""``sched``: actions run in the thread that calls ``run`` (catalogue 1.1, 1.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Field,
    Invoke,
    Keep,
    Make,
    TypeModel,
)

_ENTER: tuple[Effect, ...] = (
    Keep("<action>", Arg(2, "action")),
    Keep("<argument>", Arg(3, "argument")),
    Keep("<kwargs>", Arg(4, "kwargs")),
    Make("sched.Event"),
)

TYPES: dict[str, TypeModel] = {
    "sched.scheduler": TypeModel(
        methods={
            "enter": _ENTER,
            "enterabs": _ENTER,
            "run": (
                Invoke(Field("<action>"), Arguments(unpacked=Field("<argument>"), named=Field("<kwargs>"))),
            ),
        }
    ),
    "sched.Event": TypeModel(),
}
