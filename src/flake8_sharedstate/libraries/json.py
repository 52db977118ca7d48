"""``json`` (library reference): what is read is new."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Make, Test

_READ: tuple[Effect, ...] = (Make("builtins.dict"), Make("builtins.list"))
_WRITE: tuple[Effect, ...] = (Test(Arg(0, "obj")),)

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "json.load": _READ,
    "json.loads": _READ,
    "json.dump": _WRITE,
    "json.dumps": _WRITE,
}
