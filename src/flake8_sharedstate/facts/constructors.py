"""What a constructor does whatever way it takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set as AbstractSet

from flake8_sharedstate.facts.model import Function, Return, StoreAttr


def always_given(constructor: Function) -> frozenset[str]:
    """The attributes of its first parameter that a function surely has stored when it returns."""
    if not constructor.parameters:
        return frozenset()
    this = constructor.parameters[0].value
    storing: defaultdict[str, set[int]] = defaultdict(set)
    for number, block in enumerate(constructor.blocks):
        for i in block.instructions:
            if isinstance(i, StoreAttr) and i.base == this:
                storing[i.name].add(number)
    return frozenset(name for name, blocks in storing.items() if not _returns_past(constructor, blocks))


def _returns_past(function: Function, avoided: AbstractSet[int]) -> bool:
    """Whether a way leads to a return and through none of some blocks."""
    met = {0}
    waiting = [0]
    while waiting:
        number = waiting.pop()
        if number in avoided:
            continue
        block = function.blocks[number]
        if any(isinstance(i, Return) for i in block.instructions):
            return True
        following = [*block.successors, *([block.raises_to] if block.raises_to is not None else [])]
        waiting += [b for b in following if b not in met]
        met.update(following)
    return False
