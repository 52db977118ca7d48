"""``itertools`` (catalogue 3.3, 3.4).

``next`` on ``count``, ``cycle`` and ``repeat`` is one step, for any number of threads. The others may
lose or double items, and draw from the iterables that they are given as they go.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Invoke,
    Make,
    Put,
    PutAll,
    TakePairs,
    TypeModel,
    View,
)

_NEW = Make("builtins.<iterator>")
_FIRST: tuple[Effect, ...] = (Make("builtins.<iterator>", items=Arg(0)), View(Arg(0)))
_FILTER: tuple[Effect, ...] = (
    Make("builtins.<iterator>", items=Arg(1)),
    View(Arg(1)),
    Invoke(Arg(0), Arguments(each=Arg(1))),
)

TYPES: dict[str, TypeModel] = {
    "itertools.count": TypeModel(container="iterator", atomic=True),
    "itertools.cycle": TypeModel(construct=(PutAll(Arg(0)),), container="iterator", atomic=True),
    "itertools.repeat": TypeModel(construct=(Put(Arg(0, "object")),), container="iterator", atomic=True),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "itertools.chain": (*_FIRST, View(Arg(1)), View(Arg(2))),
    "itertools.chain.from_iterable": (_NEW,),
    "itertools.islice": _FIRST,
    "itertools.compress": _FIRST,
    "itertools.accumulate": (*_FIRST, Invoke(Arg(1, "func"), Arguments(each=Arg(0)))),
    "itertools.filterfalse": _FILTER,
    "itertools.takewhile": _FILTER,
    "itertools.dropwhile": _FILTER,
    "itertools.starmap": (_NEW, Invoke(Arg(0), Arguments(each_unpacked=Arg(1)))),
    "itertools.zip_longest": (_NEW, TakePairs(Arg(0)), TakePairs(Arg(1))),
    "itertools.groupby": (_NEW, Invoke(Arg(1, "key"), Arguments(each=Arg(0, "iterable")))),
    "itertools.tee": (Make("builtins.tuple"),),
    **dict.fromkeys(
        [
            "itertools.batched",
            "itertools.combinations",
            "itertools.combinations_with_replacement",
            "itertools.pairwise",
            "itertools.permutations",
            "itertools.product",
        ],
        (_NEW,),
    ),
}
