"""``prometheus_client``: collectors run in the threads that scrape, unlocked (catalogue 1.4, 1.5).

``start_http_server`` is a threading server, and ``CollectorRegistry.collect`` calls the collectors
without its lock. The metrics themselves are safe to use from any thread.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Begin,
    Effect,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_COLLECT: tuple[Effect, ...] = (
    Register(
        Spawn(Arg(0, "collector"), threads=Threads.POOL, runs=("collect", "describe"), repeated=True),
        "prometheus_client",
        on=None,
        served=True,
    ),
)
_SCRAPE: tuple[Effect, ...] = (Begin("prometheus_client", on=None),)
_MANAGER: tuple[Effect, ...] = (Make("contextlib.<manager>"),)

TYPES: dict[str, TypeModel] = {
    "prometheus_client.CollectorRegistry": TypeModel(methods={"register": _COLLECT}),
    "prometheus_client.Counter": TypeModel(methods={"count_exceptions": _MANAGER}),
    "prometheus_client.Histogram": TypeModel(methods={"time": _MANAGER}),
    "prometheus_client.Summary": TypeModel(methods={"time": _MANAGER}),
    "prometheus_client.Gauge": TypeModel(
        methods={
            "set_function": (
                Register(
                    Spawn(Arg(0, "f"), threads=Threads.POOL, repeated=True),
                    "prometheus_client",
                    on=None,
                    served=True,
                ),
            ),
            "time": _MANAGER,
            "track_inprogress": _MANAGER,
        }
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "prometheus_client.REGISTRY.register": _COLLECT,
    "prometheus_client.start_http_server": _SCRAPE,
    "prometheus_client.start_wsgi_server": _SCRAPE,
}

ALIASES: dict[str, str] = {
    **{f"prometheus_client.metrics.{n}": f"prometheus_client.{n}" for n in ("Counter", "Gauge", "Histogram")},
    "prometheus_client.core.REGISTRY.register": "prometheus_client.REGISTRY.register",
    "prometheus_client.registry.REGISTRY.register": "prometheus_client.REGISTRY.register",
    "prometheus_client.core.CollectorRegistry": "prometheus_client.CollectorRegistry",
    "prometheus_client.registry.CollectorRegistry": "prometheus_client.CollectorRegistry",
}
