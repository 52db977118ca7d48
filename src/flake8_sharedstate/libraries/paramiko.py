"""``paramiko``: a transport and the handler of a subsystem are threads (catalogue 1.5)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    TypeModel,
)

_THREAD = TypeModel(bases=("threading.Thread",))

TYPES: dict[str, TypeModel] = {"paramiko.Transport": _THREAD, "paramiko.SubsystemHandler": _THREAD}

ALIASES: dict[str, str] = {
    "paramiko.transport.Transport": "paramiko.Transport",
    "paramiko.server.SubsystemHandler": "paramiko.SubsystemHandler",
}
