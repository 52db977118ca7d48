"""What the text of a module mentions, function by function, before anything is known of its values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, ModuleFacts


class Mentions:
    """What each function of a module, with those inside it, loads and locks."""

    def __init__(self, facts: ModuleFacts) -> None:
        self.names: list[set[str]] = [set() for _ in facts.functions]
        """For each function the attributes and globals that it loads."""
        self.locks: list[bool] = [False for _ in facts.functions]
        """For each function whether it enters anything or names ``acquire``."""
        self.stars: list[model.ImportStar] = []
        """Its imports of ``*``, the last first."""
        self.globals: set[str] = set()
        """The names that the module binds, in its body or through ``global``."""
        self.locks_global = any(_takes_global(function) for function in facts.functions[1:])
        """Whether a function enters or acquires what a global name holds."""
        # Functions stand before those inside them.
        for function in reversed(facts.functions):
            self._read(function)
            if function.parent is not None:
                self.names[function.parent] |= self.names[function.number]
                self.locks[function.parent] |= self.locks[function.number]

    def users(self, facts: ModuleFacts, names: Set[str]) -> set[str]:
        """What a module's body binds with the help of some names, directly or through what it so binds."""
        body = facts.functions[0]
        bindings = [(f.name, self.names[f.number]) for f in facts.functions[1:] if f.parent == 0]
        bindings += _statements(body)
        found: set[str] = set()
        sought = set(names)
        while sought:
            fresh = {name for name, used in bindings if name not in found and not used.isdisjoint(sought)}
            found |= fresh
            sought = fresh
        return found

    def _read(self, function: Function) -> None:
        names = self.names[function.number]
        for block in function.blocks:
            for i in block.instructions:
                if isinstance(i, model.LoadAttr):
                    names.add(i.name)
                    self.locks[function.number] |= i.name == "acquire"
                elif isinstance(i, model.LoadGlobal):
                    names.add(i.name)
                elif isinstance(i, model.StoreGlobal):
                    self.globals.add(i.name)
                elif isinstance(i, model.ImportStar):
                    self.stars.insert(0, i)
                elif isinstance(i, model.Enter):
                    self.locks[function.number] = True


def _statements(body: Function) -> list[tuple[str, set[str]]]:
    """The names that the statements of a module body bind, with the names that each of these loads."""
    loads: defaultdict[int, set[str]] = defaultdict(set)
    stores: list[tuple[int, str]] = []
    for block in body.blocks:
        for i in block.instructions:
            if isinstance(i, (model.LoadAttr, model.LoadGlobal)):
                loads[i.at].add(i.name)
            elif isinstance(i, model.StoreGlobal):
                stores.append((i.at, i.name))
    return [(name, loads[at]) for at, name in stores]


def _takes_global(function: Function) -> bool:
    loaded = {i.dst for b in function.blocks for i in b.instructions if isinstance(i, model.LoadGlobal)}
    return any(
        (isinstance(i, model.Enter) and i.manager in loaded)
        or (isinstance(i, model.LoadAttr) and i.name == "acquire" and i.base in loaded)
        for block in function.blocks
        for i in block.instructions
    )
