"""Hands what one process knows to those that it starts, under whatever start method.

What is handed over lies in a file of the user's own, which an environment variable names: workers that
are spawned inherit that, and nothing else.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import tempfile
from typing import Any

_VARIABLE = "FLAKE8_SHAREDSTATE_HANDOVER"


def give(known: dict[str, Any]) -> None:
    """Makes something known to the processes that are started from now on, until this one ends."""
    take_back()
    number, path = tempfile.mkstemp(prefix="flake8-sharedstate-", suffix=".json")
    with open(number, "w", encoding="utf-8") as stream:
        json.dump(known, stream)
    # A worker can only find the file when it is complete.
    os.environ[_VARIABLE] = path
    atexit.register(_remove, path, os.getpid())


def take() -> dict[str, Any] | None:
    """What was handed to this process; None for nothing, or nothing that can be read."""
    path = os.environ.get(_VARIABLE)
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as stream:
            known = json.load(stream)
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) else None


def take_back() -> None:
    """Makes known nothing more."""
    path = os.environ.pop(_VARIABLE, None)
    if path is not None:
        _remove(path, os.getpid())


def _remove(path: str, owner: int) -> None:
    if os.getpid() == owner:
        with contextlib.suppress(OSError):
            os.remove(path)
