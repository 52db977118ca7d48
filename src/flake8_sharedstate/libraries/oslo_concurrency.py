"""``oslo_concurrency``: locks by name, one for the process (catalogue 2.3).

Two places that name the same lock hold the same one. Which name it is, is not followed: a function
under such a lock is believed to be guarded, and so is what is entered by ``lock``.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Make, Side, Synchronize, TypeModel

_DECORATOR = "oslo_concurrency.<decorator>"
_FACTORY = "oslo_concurrency.<decorator factory>"
_DECORATE: tuple[Effect, ...] = (Make(_DECORATOR),)

TYPES: dict[str, TypeModel] = {
    "oslo_concurrency.lockutils.ReaderWriterLock": TypeModel(
        methods={
            "read_lock": (Side("fasteners.<read lock>"),),
            "write_lock": (Side("fasteners.<write lock>"),),
        }
    ),
    _DECORATOR: TypeModel(methods={"__call__": (Synchronize(Arg(0), is_named=True),)}),
    _FACTORY: TypeModel(methods={"__call__": _DECORATE}),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "oslo_concurrency.lockutils.synchronized": _DECORATE,
    "oslo_concurrency.lockutils.synchronized_with_prefix": (Make(_FACTORY),),
}
