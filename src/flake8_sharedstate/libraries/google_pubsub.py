"""``google.cloud.pubsub_v1``: messages are handled by a pool of threads (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Exclusion,
    LockModel,
    Spawn,
    Threads,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "google.cloud.pubsub_v1.SubscriberClient": TypeModel(
        methods={
            "subscribe": (
                Spawn(
                    Arg(1, "callback"),
                    threads=Threads.POOL,
                    handle="concurrent.futures.Future",
                    repeated=True,
                ),
            )
        },
        lock=LockModel(Exclusion.NOTHING),
    ),
}
