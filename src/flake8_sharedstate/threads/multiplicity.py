"""How often things happen: which functions run once, which objects there is one of."""

from __future__ import annotations

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Target
from flake8_sharedstate.program.objects import (
    Clone,
    FrameObject,
    InstanceObject,
    ModuleObject,
    NamespaceObject,
    ObjectId,
    QualifiedObject,
)
from flake8_sharedstate.threads.contexts import Contexts


class Multiplicity:
    """Counts runs of functions and objects of allocation sites, as far as is in sight."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self.callers: dict[Clone, list[tuple[Clone, Instruction, Target | None]]] = {}
        """Who runs a clone: by a call, or (without target) as a thread."""
        self._once: dict[Clone, bool] = {}
        self._loops: dict[int, tuple[int, ...]] = {}
        self._index()

    def forget(self) -> None:
        """A context turned out to be one thread only."""
        self._once.clear()

    def _index(self) -> None:
        running = {clone for context in self.contexts.all for clone in context.clones}
        for clone in self.program.clones:
            if clone not in running:
                continue
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    self._loops[id(instruction)] = block.loops
                    for target in self.program.targets.get((clone.number, id(instruction)), ()):
                        self.callers.setdefault(target.clone, []).append((clone, instruction, target))
        for context in self.contexts.all:
            if context.spawned is not None:
                for clone, instruction in context.spawned.starts:
                    if clone in running:
                        self.callers.setdefault(context.roots[0], []).append((clone, instruction, None))

    def loops(self, instruction: Instruction) -> tuple[int, ...]:
        """The loops around an instruction."""
        return self._loops.get(id(instruction), ())

    def only_stored(self, clone: Clone, load: model.LoadCell | model.LoadGlobal) -> Value | None:
        """The one value that a function stores in a variable of its own that others can see, too."""
        if isinstance(load, model.LoadGlobal):
            functions = clone.module.facts.functions if clone.function.kind == "module" else []
        else:
            functions = [clone.function] if load.owner == clone.function.number else []
        kind = model.StoreGlobal if isinstance(load, model.LoadGlobal) else model.StoreCell
        stores = [
            (function, i.src)
            for function in functions
            for block in function.blocks
            for i in block.instructions
            if isinstance(i, kind) and i.name == load.name and i.src is not None
        ]
        return stores[0][1] if len(stores) == 1 and stores[0][0] is clone.function else None

    # -- how often

    def runs_once(self, clone: Clone) -> bool:
        """Whether a clone's function runs at most once in this context, as far as is in sight."""
        known = self._once.get(clone)
        if known is not None:
            return known
        self._once[clone] = False
        callers = self.callers.get(clone, [])
        entries = sum(1 for c in self.contexts.all if c.spawned is None and clone in c.roots)
        users = any(c.is_outside and clone in c.roots for c in self.contexts.all)
        if users or len(callers) + entries > 1:
            once = False
        elif not callers:
            once = True
        else:
            caller, instruction, target = callers[0]
            once = not self.loops(instruction) and self.runs_once(caller)
            if target is None:
                once = once and not any(c.many for c in self.contexts.all if clone in c.roots)
        self._once[clone] = once
        return once

    def is_unique(self, number: ObjectId) -> bool:
        """Whether an abstract object stands for one concrete object."""
        found = self.program.objects[number]
        if isinstance(found, (ModuleObject, QualifiedObject)) or number in self.program.named_locks:
            return True
        if isinstance(found, FrameObject):
            return self.runs_once(found.clone)
        if isinstance(found, NamespaceObject):
            return self.is_unique(found.owner)
        if number in self.program.made_by_threads:
            return False
        if isinstance(found, InstanceObject) and found.synthetic:
            return any(c.shared == number for c in self.contexts.all)
        if found.site is None:
            return False
        if found.site.instruction is None:
            return self.runs_once(found.site.clone)
        return not self.loops(found.site.instruction) and self.runs_once(found.site.clone)
