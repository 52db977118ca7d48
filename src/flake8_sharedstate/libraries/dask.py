"""``dask``: delayed calls run in threads when they are computed (catalogue 1.4).

That is the default for ``delayed``, arrays and data frames; ``scheduler="processes"`` shares nothing, and
``"sync"`` or ``"single-threaded"`` runs them here.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Begin,
    Effect,
    Exclusion,
    Field,
    If,
    Keep,
    LockModel,
    Make,
    Register,
    Spawn,
    Threads,
    TypeModel,
)

_DELAYED = "dask.<delayed>"
_TASK = "dask.<task>"
_CALL = Spawn(Field("<function>"), Arguments(rest=0), Threads.POOL, waited=True)
_ALONE = ("processes", "sync", "synchronous", "single-threaded")
_COMPUTE: tuple[Effect, ...] = (Begin("dask", on=None),)
for _name in _ALONE:
    _COMPUTE = (If(Arg(None, "scheduler"), _name, (), _COMPUTE),)

TYPES: dict[str, TypeModel] = {
    _DELAYED: TypeModel(methods={"__call__": (Register(_CALL, "dask", on=None), Make(_TASK))}),
    _TASK: TypeModel(methods={"compute": _COMPUTE, "persist": _COMPUTE}),
    "dask.diagnostics.ProgressBar": TypeModel(lock=LockModel(Exclusion.NOTHING)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "dask.delayed": (Make(_DELAYED, keep=(Keep("<function>", Arg(0, "obj")),)),),
    "dask.compute": _COMPUTE,
    "dask.persist": _COMPUTE,
    "dask.config.set": (Make("contextlib.<manager>"),),
}

ALIASES: dict[str, str] = {
    "dask.delayed.delayed": "dask.delayed",
    "dask.base.compute": "dask.compute",
    "dask.base.persist": "dask.persist",
}
