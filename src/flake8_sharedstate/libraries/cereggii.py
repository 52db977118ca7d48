"""``cereggii``: numbers, references and mappings of which each operation is one step (catalogue 2.3)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    TypeModel,
)

_ATOMIC = TypeModel(atomic=True)

TYPES: dict[str, TypeModel] = {
    "cereggii.AtomicInt64": _ATOMIC,
    "cereggii.AtomicRef": _ATOMIC,
    "cereggii.AtomicDict": TypeModel(bases=("builtins.dict",)),
}
