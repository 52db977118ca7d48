"""``PyQt`` and ``PySide``: threads and the pool of threads (catalogue 1.4, 1.5).

Only ``run`` of a ``QThread`` is run by the thread; its slots run where the object lives.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Join,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

_POOL = "PySide6.QtCore.QThreadPool"
_BINDINGS = ("PyQt5", "PyQt6", "PySide2")

TYPES: dict[str, TypeModel] = {
    "PySide6.QtCore.QThread": TypeModel(bases=("threading.Thread",), methods={"wait": (Join(),)}),
    "PySide6.QtCore.QRunnable": TypeModel(),
    _POOL: TypeModel(
        methods={
            "start": (
                Spawn(Arg(0), threads=Threads.POOL, runs=("run",)),
                Spawn(Arg(0), threads=Threads.POOL),
            ),
            "waitForDone": (Join(),),
        }
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {f"{_POOL}.globalInstance": (Make(_POOL),)}

ALIASES: dict[str, str] = {
    f"{binding}.QtCore.{name}": f"PySide6.QtCore.{name}"
    for binding in _BINDINGS
    for name in ("QThread", "QRunnable", "QThreadPool", "QThreadPool.globalInstance")
}
