"""``types`` (library reference): what stands for other objects."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Field,
    Give,
    Invoke,
    Keep,
    TypeModel,
)

TYPES: dict[str, TypeModel] = {
    "types.SimpleNamespace": TypeModel(),
    "types.MethodType": TypeModel(
        construct=(Keep("__func__", Arg(0)), Keep("__self__", Arg(1))),
        methods={
            "__call__": (
                Invoke(Field("__func__"), Arguments(values=(Field("__self__"),), rest=0), give=True),
            )
        },
    ),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"types.MappingProxyType": (Give(Arg(0)),)}
