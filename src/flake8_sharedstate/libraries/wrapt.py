"""``wrapt``: the ``synchronized`` decorator (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Synchronize

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"wrapt.synchronized": (Synchronize(Arg(0)),)}

ALIASES: dict[str, str] = {"wrapt.decorators.synchronized": "wrapt.synchronized"}
