"""``random``: generators lock themselves, what they shuffle or choose from they do not (catalogue 3.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Change,
    Effect,
    Make,
    Mutate,
    Take,
    Test,
    TypeModel,
)

_CHOOSE: tuple[Effect, ...] = (Test(Arg(0, "seq")), Take(Arg(0, "seq")))
_SHUFFLE: tuple[Effect, ...] = (Test(Arg(0, "x")), Mutate(Change.REORDER, of=Arg(0, "x")))
_SAMPLE: tuple[Effect, ...] = (Make("builtins.list", items=Arg(0, "population")),)

TYPES: dict[str, TypeModel] = {
    "random.Random": TypeModel(
        methods={"choice": _CHOOSE, "shuffle": _SHUFFLE, "sample": _SAMPLE, "choices": _SAMPLE}
    ),
    "random.SystemRandom": TypeModel(bases=("random.Random",)),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "random.choice": _CHOOSE,
    "random.shuffle": _SHUFFLE,
    "random.sample": _SAMPLE,
    "random.choices": _SAMPLE,
}

ALIASES: dict[str, str] = {"secrets.choice": "random.choice", "secrets.SystemRandom": "random.SystemRandom"}
