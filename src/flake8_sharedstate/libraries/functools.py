"""``functools``: partials, decorators and caches (catalogue 1.7, 3.4).

``functools.partial`` is known to the engine, which merges its arguments with the call's; here it only
names its callable. A cache gives the function itself: under threads it may well run more than once.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Field,
    Give,
    Invoke,
    Keep,
    Make,
    TypeModel,
)

_SAME: tuple[Effect, ...] = (Give(Arg(0)),)
_DECORATOR: tuple[Effect, ...] = (Make("functools.<wraps>"),)

TYPES: dict[str, TypeModel] = {
    "functools.partial": TypeModel(construct=(Keep("callable", Arg(0)),)),
    "functools.partialmethod": TypeModel(
        binds=True,
        construct=(Keep("callable", Arg(0)),),
        methods={"__call__": (Invoke(Field("callable"), Arguments(rest=0), give=True),)},
    ),
    # A decorator that gives back the function it is put on.
    "functools.<wraps>": TypeModel(methods={"__call__": _SAME}),
    "functools.cached_property": TypeModel(
        construct=(Keep("fget", Arg(0, "func")),),
    ),
    # ``register`` is put on a function bare, with a type, or called with both.
    "functools.<dispatch>": TypeModel(
        methods={
            "__call__": (Invoke(Field("callable"), Arguments(rest=0), give=True),),
            "register": (
                Keep("callable", Arg(0, "cls")),
                Keep("callable", Arg(1, "func")),
                Give(Arg(0, "cls")),
                Give(Arg(1, "func")),
                *_DECORATOR,
            ),
        }
    ),
    "functools.singledispatchmethod": TypeModel(
        bases=("functools.<dispatch>",), construct=(Keep("callable", Arg(0, "func")),)
    ),
}

ALIASES: dict[str, str] = {
    "_functools.partial": "functools.partial",
    "_functools.reduce": "functools.reduce",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "functools.wraps": _DECORATOR,
    "functools.update_wrapper": (Give(Arg(0, "wrapper")),),
    "functools.lru_cache": (Give(Arg(0, "maxsize")), *_DECORATOR),
    "functools.cache": _SAME,
    "functools.total_ordering": _SAME,
    "functools.cmp_to_key": (Give(Arg(0, "mycmp")),),
    "functools.singledispatch": (Make("functools.<dispatch>", keep=(Keep("callable", Arg(0, "func")),)),),
    "functools.reduce": (
        Give(Arg(2)),
        Invoke(Arg(0), Arguments(values=(Arg(2),), each=Arg(1)), give=True),
    ),
}
