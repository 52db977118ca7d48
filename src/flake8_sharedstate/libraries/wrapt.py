"""``wrapt``: the ``synchronized`` decorator (catalogue 2.3), and proxies, which lock as what they wrap."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Exclusion,
    LockModel,
    Synchronize,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "wrapt.ObjectProxy": TypeModel(lock=LockModel(Exclusion.WRAPPED, wraps=Arg(0, "wrapped"))),
    "wrapt.BaseObjectProxy": TypeModel(bases=("wrapt.ObjectProxy",)),
    "wrapt.CallableObjectProxy": TypeModel(bases=("wrapt.ObjectProxy",)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"wrapt.synchronized": (Synchronize(Arg(0)),)}

ALIASES: dict[str, str] = {
    "wrapt.decorators.synchronized": "wrapt.synchronized",
    "wrapt.wrappers.ObjectProxy": "wrapt.ObjectProxy",
    "wrapt.wrappers.CallableObjectProxy": "wrapt.CallableObjectProxy",
}
