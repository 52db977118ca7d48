"""``typing`` (library reference): other names of container types, and ``cast``."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Give

ALIASES: dict[str, str] = {
    "typing.List": "builtins.list",
    "typing.Dict": "builtins.dict",
    "typing.Set": "builtins.set",
    "typing.FrozenSet": "builtins.frozenset",
    "typing.Tuple": "builtins.tuple",
    "typing.Text": "builtins.str",
    "typing.Deque": "collections.deque",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Counter": "collections.Counter",
    "typing.ChainMap": "collections.ChainMap",
    "typing.AbstractSet": "collections.abc.Set",
    "typing.MutableSet": "collections.abc.MutableSet",
    "typing.Mapping": "collections.abc.Mapping",
    "typing.MutableMapping": "collections.abc.MutableMapping",
    "typing.Sequence": "collections.abc.Sequence",
    "typing.MutableSequence": "collections.abc.MutableSequence",
    "typing.Iterator": "collections.abc.Iterator",
    "typing.Generator": "builtins.generator",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "typing.cast": (Give(Arg(1, "val")),),
    "typing.assert_type": (Give(Arg(0)),),
    "typing.reveal_type": (Give(Arg(0)),),
}
