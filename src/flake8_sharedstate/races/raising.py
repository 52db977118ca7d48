"""What can be expected to raise, and which handlers that passes by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Function, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Tell, Unfailing
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import (
    AbstractObject,
    Clone,
    LibraryMethodObject,
    LibraryObject,
    ObjectId,
    QualifiedObject,
)

_DEPTH = 3

_ANY = frozenset({"builtins.Exception", "builtins.BaseException"})
_LOOKUP = _ANY | {"builtins.LookupError"}

# What a walk raises over what changes its size, with its bases.
_CHANGED = _ANY | {"builtins.RuntimeError"}

# What an item that is not there raises, with its bases.
_MISSING = {
    "builtins.dict": _LOOKUP | {"builtins.KeyError"},
    "builtins.list": _LOOKUP | {"builtins.IndexError"},
    "builtins.tuple": _LOOKUP | {"builtins.IndexError"},
}


class Raising:
    """What of a program can raise."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._raising: dict[Function, bool] = {}

    def may_raise(self, clone: Clone, block: Block, start: int) -> bool:
        """Whether a block can be left by an exception, from some instruction on."""
        ends = not block.successors and not returns(block)
        return ends or any(self.raises(clone, i) for i in block.instructions[start:])

    def raises(self, clone: Clone, instruction: Instruction, depth: int = _DEPTH) -> bool:
        """Whether an instruction can be expected to raise."""
        if isinstance(instruction, (model.Await, model.Yield)):
            return True
        if not isinstance(instruction, model.Call):
            return False
        definition = self.program.definitions(clone.function)[instruction.function]
        if definition is None:
            # Whoever is given a function to call cannot rely on those that it has been given so far.
            return True
        if isinstance(definition, model.LoadAttr):
            owners = self.program.at(clone.node(definition.base))
            if owners and all(self._is_lock(o) for o in owners):
                # ``condition.notify()`` of a lock that is held.
                return False
        objects = [self.program.objects[o] for o in self.program.at(clone.node(instruction.function))]
        targets = self.program.targets.get((clone.number, id(instruction)), ())
        if targets:
            return any(self._function_raises(t.clone, depth - 1) for t in targets)
        return not objects or not all(self._is_unfailing(o) for o in objects)

    def _is_unfailing(self, called: AbstractObject) -> bool:
        """Whether a library's function or method raises nothing on what it is given in sound code."""
        book = self.program.book
        if isinstance(called, QualifiedObject):
            effects = book.functions.get(called.name, ())
            return book.is_written(called.name) or any(isinstance(e, (Unfailing, Tell)) for e in effects)
        if not isinstance(called, LibraryMethodObject):
            return False
        if self.program.container(called.receiver) is not None or self._is_lock(called.receiver):
            return True
        return any(isinstance(e, Tell) for e in book.method(called.type, called.method) or ())

    def _is_lock(self, number: ObjectId) -> bool:
        return (
            isinstance(self.program.objects[number], LibraryObject)
            and self.program.exclusion(number) is not None
        )

    def _function_raises(self, clone: Clone, depth: int) -> bool:
        if depth <= 0:
            return True
        known = self._raising.get(clone.function)
        if known is None:
            self._raising[clone.function] = False
            known = any(
                (not block.successors and not returns(block) and bool(block.instructions))
                or any(self.raises(clone, i, depth) for i in block.instructions)
                for block in clone.function.blocks
            )
            self._raising[clone.function] = known
        return known

    # -- what handlers miss

    def missed(self, clone: Clone, block: Block, start: int) -> Iterator[int | None]:
        """Where an exception of a block goes that its handlers do not name; None for out of the function.

        A call is taken to raise what they name. Of an item that is not there, and of what arrives
        from outside in an ``await`` or ``yield``, it is known what it raises.
        """
        if block.raises_to is None:
            return
        for instruction in block.instructions[start:]:
            raised = self._raised(clone, instruction)
            place = self._handler(clone, block, raised) if raised else block.raises_to
            if place != block.raises_to:
                yield place

    def _handler(self, clone: Clone, block: Block, raised: frozenset[str]) -> int | None:
        """The block of the handlers that catch what is raised in a block; None for out of the function."""
        place = block.raises_to
        while place is not None and self._passes(clone, clone.function.blocks[place], raised):
            place = clone.function.blocks[place].raises_to
        return place

    def begins_again(self, clone: Clone, block: Block) -> bool:
        """Whether a walk in a block that breaks off, because what is walked over changes, is begun again."""
        blocks = clone.function.blocks
        handler = self._handler(clone, block, _CHANGED)
        return handler is not None and blocks.index(block) in reached(blocks, blocks[handler])

    def _raised(self, clone: Clone, instruction: Instruction) -> frozenset[str]:
        """The class of what an instruction raises, and its bases; nothing where that is not known."""
        if isinstance(instruction, (model.Await, model.Yield)):
            return _ANY
        if not isinstance(instruction, model.LoadItem) or self._is_there(clone, instruction):
            return frozenset()
        found = [self.program.objects[o] for o in self.program.at(clone.node(instruction.base))]
        kinds = {_MISSING.get(o.type) if isinstance(o, LibraryObject) else None for o in found}
        kind = kinds.pop() if len(kinds) == 1 else None
        return kind or frozenset()

    def _is_there(self, clone: Clone, load: model.LoadItem) -> bool:
        """Whether a function has made sure of an item, or chosen the key itself."""
        if self.program.definitions(clone.function)[load.key] is not None:
            return True
        return any(
            (isinstance(i, model.Compute) and load.key in i.operands)
            or (isinstance(i, model.StoreItem) and load.key == i.key)
            for block in clone.function.blocks
            for i in block.instructions
        )

    def _passes(self, clone: Clone, handlers: Block, raised: frozenset[str]) -> bool:
        """Whether handlers name classes only that an exception is not of."""
        return bool(handlers.catches) and not any(
            name is None or name in raised for value in handlers.catches for name in self._named(clone, value)
        )

    def _named(self, clone: Clone, value: Value) -> Iterator[str | None]:
        """The classes that a handler names; None for what is not one of Python's own."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.Build):
            for _, element, _ in definition.items:
                yield from self._named(clone, element)
            return
        found = [self.program.get(o, QualifiedObject) for o in self.program.at(clone.node(value))]
        for known in found or [None]:
            yield known.name if known is not None and known.name.startswith("builtins.") else None


def returns(block: Block) -> bool:
    """Whether a function returns at the end of a block."""
    return any(isinstance(i, model.Return) for i in block.instructions)


def reached(blocks: Sequence[Block], block: Block) -> set[int]:
    """The blocks that control comes to from one block, exceptions aside."""
    found: set[int] = set()
    waiting = list(block.successors)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(blocks[number].successors)
    return found
