"""``homeassistant``: blocking work goes to the executor of the loop (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Spawn,
    Threads,
    TypeModel,
)

_EXECUTE: tuple[Effect, ...] = (
    Spawn(Arg(0, "target"), Arguments(rest=1), Threads.POOL, handle="asyncio.Future", awaited=True),
)
_IN_LOOP: tuple[Effect, ...] = (Spawn(Arg(0, "target"), Arguments(rest=1), Threads.CALLER),)

TYPES: dict[str, TypeModel] = {
    "homeassistant.core.HomeAssistant": TypeModel(
        methods={
            "async_add_executor_job": _EXECUTE,
            "async_add_import_executor_job": _EXECUTE,
            "add_job": _IN_LOOP,
            "create_task": _IN_LOOP,
        }
    ),
}
