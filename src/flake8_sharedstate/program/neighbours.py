"""Code that no thread reaches, but which may write what threads write.

A module that only does ``stats.total += 1`` neither starts a thread nor is called by one. It is found
from the state: by the names under which modules have what threads write, and the files that use these.
"""

from __future__ import annotations

from collections import defaultdict

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.program.beliefs import Beliefs
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    InstanceObject,
    Module,
    ModuleObject,
    ObjectId,
)


class Neighbours(Beliefs):
    """Finds who else may touch the state that the threads of a solved program write."""

    @property
    def touched(self) -> frozenset[str]:
        """The globals that threads write, or that hold what these write, with their modules' paths."""
        names = self._names_of(self._written_by_threads())
        return frozenset(f"{module.path}:{name}" for module, own in names.items() for name in own)

    def look_around(self) -> bool:
        """Lets code out of sight use what threads write, here and in other files; whether there is more."""
        if self.modules[0].workspace is None:
            return False
        touched = self._written_by_threads()
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for number in sorted(touched):
            cls = self._class_behind(number)
            if cls is not None:
                wanted[cls.module.path].add(definition_around(cls.module, cls.function.number))
        for module, names in self._names_of(touched).items():
            users = self.mentions[module].users(module.facts, names)
            wanted[module.path] |= users
            if module.workspace is not None:
                for path, more in module.workspace.users(module.path, frozenset(names | users)).items():
                    wanted[path] |= more
        grown = False
        for path, definitions in sorted(wanted.items()):
            grown |= self._publish(path, definitions)
        return grown

    def _publish(self, path: str, definitions: set[str]) -> bool:
        """Counts definitions of a file among those that code out of sight may use."""
        module = self.opened(self.modules[0], path)
        if module is None or module.public is None or definitions <= module.public:
            return False
        module.public |= definitions
        module.concerned |= definitions
        return True

    def _written_by_threads(self) -> dict[ObjectId, set[str]]:
        """What threads write: the fields of modules, classes and instances."""
        written: defaultdict[ObjectId, set[str]] = defaultdict(set)
        for clone in self._run_by_threads():
            for block in clone.function.blocks:
                for i in block.instructions:
                    if isinstance(i, model.StoreGlobal):
                        written[clone.module.object].add(i.name)
                    elif isinstance(i, (model.StoreAttr, model.StoreItem)):
                        for owner in self._owners(clone, i.base):
                            written[owner].add(i.name if isinstance(i, model.StoreAttr) else "")
        return written

    def _owners(self, clone: Clone, base: Value) -> list[ObjectId]:
        kinds = (ModuleObject, ClassObject, InstanceObject)
        return [
            number for number in sorted(self.at(clone.node(base))) if isinstance(self.objects[number], kinds)
        ]

    def _run_by_threads(self) -> list[Clone]:
        reached = dict.fromkeys(spawned.root for spawned in self.spawned.values())
        waiting = list(reached)
        while waiting:
            clone = waiting.pop()
            for block in clone.function.blocks:
                for i in block.instructions:
                    for target in self.targets.get((clone.number, id(i)), ()):
                        if target.clone not in reached:
                            reached[target.clone] = None
                            waiting.append(target.clone)
        return list(reached)

    def _class_behind(self, number: ObjectId) -> ClassObject | None:
        found = self.objects[number]
        if isinstance(found, InstanceObject):
            found = self.objects[found.cls]
        return found if isinstance(found, ClassObject) else None

    def _names_of(self, touched: dict[ObjectId, set[str]]) -> dict[Module, set[str]]:
        """The globals that are written, or hold what is written."""
        names: dict[Module, set[str]] = {}
        for module in self.modules:
            own = set(touched.get(module.object, ()))
            for name in self.fields_of(module.object):
                if not touched.keys().isdisjoint(self.at(self.field(module.object, name))):
                    own.add(name)
            if own:
                names[module] = own
        return names


def definition_around(module: Module, number: int) -> str:
    """The name of the definition in a module's body that a function is, or is within."""
    functions = module.facts.functions
    function = functions[number]
    while function.parent:
        function = functions[function.parent]
    return function.name
