"""``opentelemetry``: observers run in the reader's thread (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Each,
    Effect,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

_METER = "opentelemetry.metrics.Meter"
_GET_METER: tuple[Effect, ...] = (Make(_METER),)
_OBSERVE: tuple[Effect, ...] = (
    Spawn(Each(Arg(1, "callbacks")), threads=Threads.SERIAL, thread="reader", common=True),
)

TYPES: dict[str, TypeModel] = {
    _METER: TypeModel(
        methods={
            "create_observable_counter": _OBSERVE,
            "create_observable_gauge": _OBSERVE,
            "create_observable_up_down_counter": _OBSERVE,
        }
    ),
    "opentelemetry.sdk.metrics.MeterProvider": TypeModel(methods={"get_meter": _GET_METER}),
    "opentelemetry.sdk.trace.TracerProvider": TypeModel(
        methods={
            "add_span_processor": (
                Spawn(
                    Arg(0, "span_processor"),
                    threads=Threads.ANY,
                    runs=("on_start", "on_end"),
                    repeated=True,
                ),
            )
        }
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"opentelemetry.metrics.get_meter": _GET_METER}
