"""Ownership: objects that the running code has made and nobody else can reach yet.

A forward must-analysis: an object is owned from its allocation until it is stored where others can
find it, handed to a thread, or passed to a callee that does either. Constructors own ``self``
(RacerD's ownership domain, Blackshear et al., OOPSLA 2018, with escapes taken from points-to).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flake8_sharedstate.dataflow import Run, Solver, bindings
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Keep, Put, PutAll, Register, Spawn, Start, Threads
from flake8_sharedstate.program.entries import Caller, Program
from flake8_sharedstate.program.heap import Event, Target
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    InstanceObject,
    LibraryObject,
    ModuleObject,
    NamespaceObject,
    ObjectId,
)
from flake8_sharedstate.races.reachable import Reachable, payload
from flake8_sharedstate.threads.contexts import Contexts

Owned = frozenset[Value]
_RESULT: Value = -1
"""Stands for the value that a function returns."""
_NOTHING: Owned = frozenset()


class _Problem:
    def __init__(self, ownership: Ownership) -> None:
        self.owner = ownership
        self.program = ownership.program

    def join(self, first: Owned, second: Owned) -> Owned:
        return first & second

    def branch(self, run: Run, block: Block, taken: bool, state: Owned) -> Owned:
        return state

    def step(self, run: Run, instruction: Instruction, state: Owned) -> Owned:
        clone, owner = run.clone, self.owner
        for context in owner.contexts.starts.get((clone.number, id(instruction)), ()):
            if state and context.spawned is not None:
                state = owner.escape_objects(clone, state, payload(self.program, context.spawned))
        match instruction:
            case model.Build(dst=dst):
                return state | {dst}
            case model.Call(dst=dst):
                state = self._call(clone, instruction, state)
                return state | {dst} if self._makes(clone, instruction) else state
            case model.StoreAttr(base=base, src=src) | model.StoreItem(base=base, src=src):
                if src is not None and not owner.is_owned(clone, base, state):
                    return owner.escape(clone, state, src)
            case model.Add(base=base, src=src):
                if not owner.is_owned(clone, base, state):
                    return owner.escape(clone, state, src)
            case model.StoreGlobal(src=src):
                if src is not None:
                    return owner.escape(clone, state, src)
            case model.LoadAttr(dst=dst, base=base) | model.LoadItem(dst=dst, base=base):
                if owner.is_owned(clone, base, state) and self._is_part(clone, dst, base):
                    return state | {dst}
            case model.Await(dst=dst, src=src):
                if src is not None and owner.is_owned(clone, src, state):
                    return state | {dst}
            case model.Enter(dst=dst, manager=manager):
                if owner.is_owned(clone, manager, state):
                    return state | {dst}
            case model.Return(src=src):
                if owner.is_owned(clone, src, state):
                    return state | {_RESULT}
        return state

    def _is_part(self, clone: Clone, value: Value, base: Value) -> bool:
        """Whether what an owned object holds was made by this very activation, or by the object itself.

        What others store into such objects they store into those that are no longer owned.
        """
        objects = self.program.at(clone.node(value)) - {self.program.none}
        makers = self.program.at(clone.node(base))
        if any(space.owner in makers for o in objects if (space := self.program.get(o, NamespaceObject))):
            return True
        sites = [self.program.objects[o].site for o in objects]
        return any(s is not None and (s.clone is clone or s.clone.receiver in makers) for s in sites)

    def _makes(self, clone: Clone, instruction: model.Call) -> bool:
        objects = self.program.at(clone.node(instruction.dst))
        sites = [self.program.objects[o].site for o in objects]
        return bool(sites) and all(
            s is not None and s.instruction is instruction and s.clone is clone for s in sites
        )

    def _call(self, clone: Clone, instruction: model.Call, state: Owned) -> Owned:
        if not state:
            return state
        for event in self.program.events.get((clone.number, id(instruction)), ()):
            if isinstance(event.effect, (Put, PutAll, Keep)):
                holder = self._holder(clone, instruction, event)
                if holder is not None and not self.owner.is_owned(clone, holder, state):
                    for value, _ in instruction.args:
                        state = self.owner.escape(clone, state, value)
            elif (isinstance(event.effect, Spawn) and event.effect.threads is not Threads.ELSEWHERE) or (
                isinstance(event.effect, Register) and event.effect.served
            ):
                for value, _ in instruction.args:
                    state = self.owner.escape(clone, state, value)
                for _, value in instruction.keywords:
                    state = self.owner.escape(clone, state, value)
            elif isinstance(event.effect, Start) and event.receiver is not None:
                state = self.owner.escape_objects(clone, state, {event.receiver})
        return state

    def _holder(self, clone: Clone, call: model.Call, event: Event) -> Value | None:
        """What keeps what a method is given: whose it is, or the ``self`` of ``Base.__init__(self)``."""
        definition = self.program.definitions(clone.function)[call.function]
        if not isinstance(definition, model.LoadAttr):
            return None
        given = [value for value, _ in call.args[:1] if event.receiver in self.program.at(clone.node(value))]
        return given[0] if given else definition.base

    def enter(self, run: Run, instruction: Instruction, target: Target, state: Owned) -> Owned:
        given = {
            parameter
            for parameter, value in bindings(self.program, run.clone, instruction, target)
            if self.owner.is_owned(run.clone, value, state)
        }
        parameters = target.clone.function.parameters
        if parameters and (target.construct or target.clone.function.name == "__init__"):
            # ``self.__init__()`` makes the object anew: whoever does that owns it.
            given.add(parameters[0].value)
        return frozenset(given)

    def leave(
        self,
        run: Run,
        instruction: Instruction,
        target: Target,
        state: Owned,
        entered: Owned,
        left: Owned,
    ) -> Owned:
        for parameter, value in bindings(self.program, run.clone, instruction, target):
            if parameter in entered and parameter not in left:
                state = self.owner.escape(run.clone, state, value)
        dst = getattr(instruction, "dst", None)
        if dst is not None:
            parameters = target.clone.function.parameters
            if target.construct and parameters and parameters[0].value not in left:
                state = state - {dst}
            elif not target.construct and _RESULT in left:
                state = state | {dst}
        return state


class Ownership:
    """Answers whether the running code owns an object."""

    def __init__(self, contexts: Contexts, reachable: Reachable) -> None:
        self.contexts = contexts
        self.program: Program = contexts.program
        self.reachable = reachable
        self._cells: dict[tuple[Function, str], Value | None] = {}
        self.solver: Solver[Owned] = Solver(self.program, _Problem(self))
        constructors = {e.clone for e in self.program.entries if e.caller is Caller.CONSTRUCTOR}
        for context in contexts.all:
            for root in context.roots:
                owned = _NOTHING
                makes = root in constructors or root.receiver in self.program.made_by_threads
                if makes and root.function.parameters and root.function.name == "__init__":
                    owned = frozenset({root.function.parameters[0].value})
                self.solver.feed(Run(root, context.number), owned)
        self.solver.solve()

    def owns(self, run: Run, value: Value, instruction: Instruction) -> bool:
        """Whether the object of ``value`` is owned just before an instruction."""
        state = self.solver.before(run, instruction)
        return state is not None and self.is_owned(run.clone, value, state)

    def is_owned(self, clone: Clone, value: Value, state: Owned, depth: int = 0) -> bool:
        """Whether a state owns a value; a choice between owned values is owned."""
        if value in state:
            return True
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.LoadCell):
            stored = self._only_value(clone, definition)
            return stored is not None and stored in state
        return (
            isinstance(definition, model.Phi)
            and depth < 4
            and all(
                self.is_owned(clone, source, state, depth + 1)
                for source in definition.sources
                if source != value
            )
        )

    def _only_value(self, clone: Clone, load: model.LoadCell) -> Value | None:
        """The one value of a function's own variable that inner functions share (``self``, most often)."""
        key = (clone.function, load.name)
        if key not in self._cells:
            stores = [
                (function, i)
                for function in clone.module.facts.functions
                for block in function.blocks
                for i in block.instructions
                if isinstance(i, model.StoreCell) and (i.owner, i.name) == (load.owner, load.name)
            ]
            alone = len(stores) == 1 and stores[0][0] is clone.function
            self._cells[key] = stores[0][1].src if alone else None
        return self._cells[key]

    def _is_state(self, number: ObjectId) -> bool:
        """Whether an object keeps what is stored in it, unlike a function and what it is bound to."""
        return isinstance(
            self.program.objects[number], (InstanceObject, LibraryObject, ClassObject, ModuleObject)
        )

    def escape(self, clone: Clone, state: Owned, value: Value) -> Owned:
        """The state after a value got where others can reach it."""
        if not state:
            return state
        return self.escape_objects(clone, state, self.program.at(clone.node(value)))

    def escape_objects(self, clone: Clone, state: Owned, objects: AbstractSet[ObjectId]) -> Owned:
        """The same for objects, and for what they lead to.

        State that is not owned leads to nothing that is: it would have escaped when it was stored there.
        """
        mine = [(v, self.program.at(clone.node(v))) for v in state if v != _RESULT]
        owned = frozenset().union(*(own for _, own in mine))
        gone = self.reachable.closure(objects, lambda o: o in owned or not self._is_state(o))
        return state - {v for v, own in mine if own & gone}
