"""What a write does: store, update, act on a decision, initialise; and how bad a switch in between is."""

from __future__ import annotations

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.facts.slices import LOADS, STORES, switches
from flake8_sharedstate.libraries.vocabulary import Change, Fresh, Identity, Specialized, Tell
from flake8_sharedstate.program.heap import ANY
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    InstanceObject,
    LibraryObject,
    ObjectId,
)
from flake8_sharedstate.races.accesses import Shape
from flake8_sharedstate.races.flows import Write
from flake8_sharedstate.races.reads import Read
from flake8_sharedstate.races.stages import Stages

# Containers of which two equal ones are as good as one.
_IMMUTABLE = ("tuple", "frozenset", "str", "bytes", "range")
_COMPARISONS = ("Is", "IsNot", "Eq", "NotEq")


class Shapes:
    """Classifies the writes of a program."""

    def __init__(self, stages: Stages) -> None:
        self.program = stages.program
        self.contexts = stages.contexts
        self.order = stages.order
        self.flows = stages.flows

    def of(self, reporter: Clone, run: Run, write: Write) -> Shape:
        """The shape of a write, as the function that joins it with its reads sees it."""
        if write.exchanged:
            return Shape.UPDATE
        if write.reads:
            if write.in_place is not None and self._in_place(run, write.in_place):
                return Shape.IN_PLACE
            return self._lazy_or(Shape.UPDATE, reporter, run, write)
        if write.checks and not write.tolerant and write.change is not Change.CLEAR:
            return self._lazy_or(Shape.ACT, reporter, run, write)
        return Shape.STORE

    def _lazy_or(self, shape: Shape, reporter: Clone, run: Run, write: Write) -> Shape:
        """Tells initialisation on first use from other decisions; done twice without harm it is none."""
        if write.src is None or write.in_place is not None:
            return shape
        definition = self.contexts.paths(run.clone).definitions[write.src]
        if isinstance(definition, LOADS) and self.flows.place(run.clone, definition) == write.place:
            # The very value that was read is put back.
            return Shape.STORE
        if shape is Shape.UPDATE:
            # ``x = x or make()`` reads to decide, not to compute.
            if not isinstance(definition, model.Phi) or definition.op != "Or":
                return shape
        elif isinstance(definition, model.Const):
            return self._constant_act(reporter, run, write, definition)
        elif self.order.identities.is_process(run.clone, write.src):
            # It is the same for all threads of the process.
            return Shape.STORE
        elif any(read.compared for read in write.checks) or self._is_callers(run.clone, write.src):
            return shape
        objects = self.program.at(run.clone.node(write.src)) - {self.program.none}
        if any(self._has_identity(o) for o in objects) or self._differs(run.clone, write):
            return Shape.LAZY
        return Shape.STORE

    def _differs(self, clone: Clone, write: Write) -> bool:
        """Whether a plain value is another each time: an id, or a number taken from what it is stored in."""
        assert write.src is not None
        return any(
            self._does_only(clone, load, Fresh)
            for load in self.flows.slices(clone).sources(write.src)
            if isinstance(load, model.Call)
        ) or any(
            read.place.kind == "content" and read.place.covers(write.place)
            for read in self.flows.given(clone, write.src)
        )

    def _constant_act(self, reporter: Clone, run: Run, write: Write, stored: model.Const) -> Shape:
        """A constant that is stored after a test: a flag that is tested and set, or nothing."""
        if any(read.compared and not self._asks_for(read, stored) for read in write.checks):
            return Shape.ACT
        if write.place.kind == "item" or (
            stored.value is not None and any(self._asks_none(read) for read in write.checks)
        ):
            # Whoever finds nothing stores the same.
            return Shape.STORE
        if stored.value is False and stored.known:
            # What is true ends once for all, whoever ends it.
            return Shape.STORE
        # A flag that is one condition among others ends something; one that is tested alone claims it.
        paths = self.contexts.paths(reporter)
        last = paths.definitions[write.block.conditions[-1]] if write.block.conditions else None
        while isinstance(last, model.Compute) and last.op in ("Not", "HasAttr", *_COMPARISONS):
            last = paths.definitions[last.operands[0]]
        if write.at is write.instruction:
            alone = any(last is read.at for read in write.checks)
        else:
            inner = next(b for b in run.clone.function.blocks if write.instruction in b.instructions)
            alone = not inner.conditions
        return Shape.ACT if alone and self._does_more(reporter, write) else Shape.STORE

    def _does_more(self, reporter: Clone, write: Write) -> bool:
        """Whether the test decides anything besides the store that others would mind being done twice."""
        if write.at is not write.instruction:
            return True
        condition = write.block.conditions[-1]
        for block in reporter.function.blocks:
            if condition not in block.conditions:
                continue
            for i in block.instructions:
                if isinstance(i, STORES) and i is not write.instruction:
                    return True
                if isinstance(i, model.Call) and not self._does_only(reporter, i, Tell):
                    return True
        return False

    def _does_only(self, clone: Clone, call: model.Call, effect: type) -> bool:
        """Whether a library's function is called that does this."""
        events = self.program.events.get((clone.number, id(call)), ())
        return not self.program.targets.get((clone.number, id(call))) and any(
            isinstance(event.effect, effect) for event in events
        )

    def _is_callers(self, clone: Clone, value: Value) -> bool:
        """Whether a value is one that the caller (or the running thread) brings, another each time."""
        definition = self.contexts.paths(clone).definitions[value]
        while isinstance(definition, (model.LoadAttr, model.Unpack)):
            value = definition.base if isinstance(definition, model.LoadAttr) else definition.source
            definition = self.contexts.paths(clone).definitions[value]
        if definition is None:
            parameters = clone.function.parameters
            return clone.receiver is None or not parameters or parameters[0].value != value
        return self.order.identities.identified(clone, value) is Identity.RUNNING

    def _asks_none(self, read: Read) -> bool:
        """Whether a value is asked for being ``None``: then a constant is the same whoever stores it."""
        return any(comparison.op in ("Is", "IsNot") for comparison in self._comparisons(read))

    def _asks_for(self, read: Read, stored: model.Const) -> bool:
        """Whether a value is compared with nothing but the constant that is stored: to ask for a flag."""
        definitions = self.contexts.paths(read.clone).definitions
        others = [
            definitions[operand]
            for comparison in self._comparisons(read)
            for operand in comparison.operands
            if definitions[operand] is not read.at
        ]
        return bool(others) and all(
            isinstance(other, model.Const) and stored.known and other.known and other.value == stored.value
            for other in others
        )

    def _comparisons(self, read: Read) -> list[model.Compute]:
        value = getattr(read.at, "dst", None)
        return [
            i
            for i in self.contexts.paths(read.clone).definitions
            if isinstance(i, model.Compute) and i.op in _COMPARISONS and value in i.operands
        ]

    def _has_identity(self, number: ObjectId) -> bool:
        """Whether it matters which of two such objects is kept: it has state or effects."""
        found = self.program.objects[number]
        if isinstance(found, LibraryObject):
            if self.program.container(number) == "tuple":
                items = self.program.at(self.program.field(number, ANY))
                return any(map(self._has_identity, items - {number}))
            return self.program.container(number) not in _IMMUTABLE
        return isinstance(found, (InstanceObject, ClassObject))

    def _in_place(self, run: Run, operation: model.Compute) -> bool:
        """Whether an augmented assignment changes the object itself instead of making a new value."""
        program, clone = self.program, run.clone
        left = program.at(clone.node(operation.operands[0])) - {program.none}
        targets = program.targets.get((clone.number, id(operation)), ())
        if targets and all(_gives_itself_back(t.clone) for t in targets):
            # ``__iadd__`` that gives back ``self``: what is stored is what was there.
            return True
        if left:
            models = [[m for _, m in program.models(o)] for o in sorted(left)]
            return all(any(m.in_place or m.atomic for m in known) for known in models)
        # The left side is not known: ``+= [x]`` is a list's, ``|= {x}`` a set's.
        definition = program.definitions(clone.function)[operation.operands[1]]
        return isinstance(definition, model.Build) and definition.kind in ("list", "set", "dict")

    def between(self, reporter: Clone, write: Write) -> tuple[Instruction, ...]:
        """The instructions between what a write rests on and the write."""
        if write.checks and not write.reads:
            return self.flows.slices(reporter).between([r.at for r in write.checks], write.at)
        return write.between

    def awaits(self, reporter: Clone, write: Write) -> bool:
        """Whether other tasks get a turn: between read and write, or since the last decision."""
        slices = self.flows.slices(reporter)

        def crosses(read: Read) -> bool:
            return any(isinstance(i, model.Await) for i in slices.on_paths(read.at, write.at))

        if any(crosses(read) for read in write.reads):
            return True
        return bool(write.checks) and all(crosses(read) for read in write.checks)

    def today(self, reporter: Clone, run: Run, write: Write) -> bool:
        """Whether a GIL build can switch threads between read and write (catalogue, 3.1)."""
        clone, program = run.clone, self.program
        for instruction in self.between(reporter, write):
            if isinstance(instruction, model.Call) and self._does_only(clone, instruction, Specialized):
                continue
            if switches(instruction) or program.targets.get((clone.number, id(instruction))):
                return True
        if write.at is not write.instruction:
            return True
        # A user-defined operator is a call; so is a getter behind the load itself.
        return any(program.targets.get((clone.number, id(read.at))) for read in write.reads)


def _gives_itself_back(clone: Clone) -> bool:
    """Whether a method returns its receiver and nothing else."""
    parameters = clone.function.parameters
    returned = {
        i.src for block in clone.function.blocks for i in block.instructions if isinstance(i, model.Return)
    }
    return bool(parameters) and returned == {parameters[0].value}
