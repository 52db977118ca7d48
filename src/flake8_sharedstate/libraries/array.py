"""``array`` (library reference): arrays change in place, as lists do."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, PutAll, TypeModel

TYPES: dict[str, TypeModel] = {
    "array.array": TypeModel(bases=("builtins.list",), construct=(PutAll(Arg(1)),)),
}

ALIASES: dict[str, str] = {"array.ArrayType": "array.array"}
