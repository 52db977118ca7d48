"""``oslo_concurrency``: locks by name, one for the process (catalogue 2.3).

Two places that name the same lock hold the same one; which name it is, is not followed: what is
entered is believed to guard.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Side,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "oslo_concurrency.lockutils.ReaderWriterLock": TypeModel(
        methods={
            "read_lock": (Side("fasteners.<read lock>"),),
            "write_lock": (Side("fasteners.<write lock>"),),
        }
    ),
}
