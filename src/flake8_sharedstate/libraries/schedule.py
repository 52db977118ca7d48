"""``schedule``: jobs run in the thread that calls ``run_pending`` (catalogue 1.4, 1.6)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Effect,
    Give,
    Make,
    Receiver,
    Register,
    Spawn,
    TypeModel,
)

_JOB = "schedule.Job"
_EVERY: tuple[Effect, ...] = (Make(_JOB),)
_RUN: tuple[Effect, ...] = (Begin("schedule", on=None, here=True),)
_SELF: tuple[Effect, ...] = (Give(Receiver()),)
_UNITS = (
    *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks"),
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)

TYPES: dict[str, TypeModel] = {
    "schedule.Scheduler": TypeModel(methods={"every": _EVERY, "run_pending": _RUN, "run_all": _RUN}),
    _JOB: TypeModel(
        methods={
            "do": (
                Register(Spawn(Arg(0, "job_func"), Arguments(rest=1)), "schedule", on=None),
                Give(Receiver()),
            ),
            "at": _SELF,
            "to": _SELF,
            "tag": _SELF,
            "until": _SELF,
        },
        attributes=dict.fromkeys(_UNITS, _JOB),
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "schedule.every": _EVERY,
    "schedule.run_pending": _RUN,
    "schedule.run_all": _RUN,
}
