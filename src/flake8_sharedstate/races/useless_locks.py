"""Locks that guard nothing: made by each call, only tested for truth, taken or not, replaced while in use."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.slices import STORES
from flake8_sharedstate.libraries.vocabulary import Exclusion
from flake8_sharedstate.locks.attempts import is_unasked
from flake8_sharedstate.program.objects import (
    Clone,
    FrameObject,
    LibraryMethodObject,
    LibraryObject,
    ObjectId,
)
from flake8_sharedstate.races.stages import Stages
from flake8_sharedstate.threads.owners import acquired


class Why(Enum):
    """Why a lock guards nothing."""

    PER_CALL = "each call makes a lock of its own"
    TRUTH = "a lock is always true; testing it takes nothing"
    UNASKED = "it goes on whether or not it has got the lock"
    REBOUND = "whoever holds the old lock does not exclude holders of the new one"


@dataclass(frozen=True)
class UselessLock:
    """A place where a lock guards nothing."""

    clone: Clone
    at: Instruction | model.Branch
    why: Why


class UselessLocks:
    """All of a program, and the lock objects that are made per call."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.program = stages.program
        self._kept = self._find_kept()
        self.per_call = frozenset(
            o.number
            for o in self.program.objects
            if isinstance(o, LibraryObject)
            and o.site is not None
            and o.number not in self._kept
            and o.site.clone.function.kind not in ("module", "class")
            and self._excludes(o.number)
        )
        self.found = self._find()

    def _excludes(self, number: ObjectId) -> bool:
        return self.program.exclusion(number) is Exclusion.THREADS and not self.program.is_named(number)

    def _find_kept(self) -> set[ObjectId]:
        """Objects that anything but a local name has held: a field, a variable of a closure, a parameter."""
        kept: set[ObjectId] = set()
        for found in self.program.objects:
            if isinstance(found, LibraryObject) and found.type == "builtins.generator":
                continue
            for name in self.program.fields_of(found.number):
                if name != "<self>":
                    kept |= self.program.at(self.program.field(found.number, name))
        for number in list(kept):
            method = self.program.get(number, LibraryMethodObject)
            if method is not None:
                kept.add(method.receiver)
        for clone in self.program.clones:
            for parameter in clone.function.parameters:
                kept |= self.program.at(clone.node(parameter.value))
        for node in self.program.wrapped.values():
            kept |= self.program.at(node)
        return kept

    def _find(self) -> list[UselessLock]:
        result: dict[tuple[int, Why], UselessLock] = {}
        contexts = self.stages.contexts
        threaded = len(contexts.all) > 1
        for context in contexts.all:
            for clone in sorted(context.clones, key=lambda c: c.number):
                run = Run(clone, context.number)
                for block in clone.function.blocks:
                    for instruction in block.instructions:
                        for _, objects in acquired(self.program, clone, instruction):
                            if set(objects) <= self.per_call:
                                useless = UselessLock(clone, instruction, Why.PER_CALL)
                                result.setdefault((id(instruction), useless.why), useless)
                            elif all(map(self._excludes, objects)) and self._goes_on(clone, instruction):
                                useless = UselessLock(clone, instruction, Why.UNASKED)
                                result.setdefault((id(instruction), useless.why), useless)
                        if threaded and self._rebinds(run, instruction):
                            useless = UselessLock(clone, instruction, Why.REBOUND)
                            result.setdefault((id(instruction), useless.why), useless)
                    branch = block.branch
                    if branch is not None and self._tests_lock(clone, branch.condition):
                        useless = UselessLock(clone, branch, Why.TRUTH)
                        result.setdefault((id(branch), useless.why), useless)
        return list(result.values())

    def _goes_on(self, clone: Clone, taking: Instruction) -> bool:
        """Whether anything is done between an attempt to take a lock, had or not, and giving it back."""
        if not isinstance(taking, model.Call) or not is_unasked(self.program, clone, taking):
            return False
        done = [
            i for b in clone.function.blocks for i in b.instructions if isinstance(i, (*STORES, model.Call))
        ]
        of_lock = [i for i in done if isinstance(i, model.Call) and self._is_of_lock(clone, i)]
        slices = self.stages.flows.slices(clone)
        return any(i not in of_lock and slices.leads_past(taking, i, of_lock) for i in done)

    def _is_of_lock(self, clone: Clone, call: model.Call) -> bool:
        found = (self.program.get(o, LibraryMethodObject) for o in self.program.at(clone.node(call.function)))
        return any(method is not None and self._excludes(method.receiver) for method in found)

    def _tests_lock(self, clone: Clone, condition: Value) -> bool:
        definitions = self.program.definitions(clone.function)
        definition = definitions[condition]
        while isinstance(definition, model.Compute) and definition.op == "Not":
            condition = definition.operands[0]
            definition = definitions[condition]
        # A parameter may be given or not; what is kept in a place of its own is there.
        if not isinstance(definition, (model.LoadAttr, model.LoadGlobal, model.LoadCell)):
            return False
        objects = self.program.at(clone.node(condition))
        if not objects or not all(self._excludes(o) for o in objects):
            return False
        return not any(
            isinstance(i, model.Phi) and condition in i.sources
            for block in clone.function.blocks
            for i in block.instructions
        )

    def _rebinds(self, run: Run, instruction: Instruction) -> bool:
        """Whether a lock that guards is replaced by a new one, in an object that others have."""
        clone, program = run.clone, self.program
        if isinstance(instruction, model.StoreAttr):
            owners, name = program.at(clone.node(instruction.base)), instruction.name
            if self.stages.ownership.owns(run, instruction.base, instruction) or self._constructs(clone):
                return False
        elif isinstance(instruction, model.StoreGlobal) and clone.function.kind != "module":
            owners, name = {clone.module.object}, instruction.name
        else:
            return False
        if instruction.src is None or clone.function.kind == "class":
            return False
        new = program.at(clone.node(instruction.src))
        if not new or not all(self._excludes(o) and self._is_made_by(clone, o) for o in new):
            return False
        if self._is_first(clone, instruction):
            return False
        if not self.stages.order.is_reached(run, instruction):
            return False
        return any(self._guards(owner, name, new) for owner in owners)

    def _constructs(self, clone: Clone) -> bool:
        """Whether a method runs in its object's constructor only, where nothing is bound before."""
        callers, seen, waiting = self.stages.order.multiplicity.callers, {clone}, [clone]
        while waiting:
            current = waiting.pop()
            if current.function.name == "__init__":
                continue
            found = {caller for caller, _, target in callers.get(current, ()) if target is not None}
            if not found or any(caller.receiver != clone.receiver for caller in found):
                return False
            waiting.extend(found - seen)
            seen |= found
        return True

    def _is_made_by(self, clone: Clone, number: ObjectId) -> bool:
        site = self.program.objects[number].site
        return site is not None and site.clone is clone

    def _is_first(self, clone: Clone, store: Instruction) -> bool:
        """Whether the lock is made because there was none: lazy initialisation, another defect."""
        return any(w.instruction is store and w.checks for w in self.stages.flows.of(clone))

    def _guards(self, owner: ObjectId, name: str, new: AbstractSet[ObjectId]) -> bool:
        """Whether a field holds another lock, too, and anyone takes what it holds."""
        locks = self.program.at(self.program.field(owner, name))
        if isinstance(self.program.objects[owner], FrameObject) or not locks - new - {self.program.none}:
            return False
        return any(
            not locks.isdisjoint(objects)
            for context in self.stages.contexts.all
            for clone in context.clones
            for block in clone.function.blocks
            for i in block.instructions
            for _, objects in acquired(self.program, clone, i)
        )
