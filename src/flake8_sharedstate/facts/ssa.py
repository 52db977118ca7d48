"""Builds a function's control-flow graph and its static single assignment form in one walk.

The algorithm is the one of Braun et al., *Simple and Efficient Construction of Static Single
Assignment Form* (CC 2013): a read looks for its definition backwards from the block it stands in,
and a phi is placed only where two definitions meet. Blocks are *sealed* once all their
predecessors are known; phis of a block that is not are completed at its sealing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Branch, Const, Function, Instruction, Phi, Value

_I = TypeVar("_I", bound=Instruction)


class GraphBuilder:
    """The function under construction: the current block, variables, loops and conditions."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.at = 0
        self.loops: tuple[int, ...] = ()
        self.conditions: tuple[Value, ...] = ()
        self.handler: int | None = None
        self._loop_count = 0
        self._predecessors: list[list[int]] = []
        self._definitions: list[dict[str, Value]] = []
        self._sealed: list[bool] = []
        self._incomplete: dict[int, dict[str, Phi]] = {}
        self._phis: list[Phi] = []
        self._only: dict[str, Value] = {}
        self.single_assignment: frozenset[str] = frozenset()
        self.block = self.new_block()
        self.seal(self.block)

    # -- values and instructions

    def value(self) -> Value:
        """A fresh value number."""
        number = self.function.values
        self.function.values = number + 1
        return number

    def emit(self, instruction: _I) -> _I:
        """Appends to the current block."""
        self.function.blocks[self.block].instructions.append(instruction)
        return instruction

    def constant(self, value: object) -> Value:
        """A literal's value."""
        dst = self.value()
        known = value is None or isinstance(value, (str, int, float, bool))
        self.emit(Const(self.at, dst, value if known else None, known))  # type: ignore[arg-type]
        return dst

    # -- blocks

    def new_block(self, *predecessors: int) -> int:
        """A block in the present loops, conditions and handlers; give predecessors that are known."""
        number = len(self.function.blocks)
        self.function.blocks.append(Block([], [], self.loops, self.conditions, raises_to=self.handler))
        self._predecessors.append([])
        self._definitions.append({})
        self._sealed.append(False)
        if self.handler is not None:
            self._predecessors[self.handler].append(number)
        for predecessor in predecessors:
            self.edge(predecessor, number)
        return number

    def edge(self, source: int, target: int) -> None:
        """Control can go from ``source`` to ``target``."""
        self.function.blocks[source].successors.append(target)
        self._predecessors[target].append(source)

    def start(self, block: int, *, sealed: bool = True) -> None:
        """Goes on in ``block``; sealed where no more predecessors will come."""
        self.block = block
        if sealed:
            self.seal(block)

    def branch(self, condition: Value, on_true: int, on_false: int) -> None:
        """Ends the current block by a test."""
        self.function.blocks[self.block].branch = Branch(condition, self.at)
        self.edge(self.block, on_true)
        self.edge(self.block, on_false)

    def new_loop(self) -> int:
        """The number of a new loop of this function."""
        self._loop_count += 1
        return self._loop_count

    # -- variables

    def write(self, name: str, value: Value) -> None:
        """The variable ``name`` is ``value`` from here on."""
        self._definitions[self.block][name] = value
        if name in self.single_assignment:
            self._only[name] = value

    def read(self, name: str) -> Value:
        """The value of variable ``name`` here."""
        # A name that is bound once needs no phi: where it is readable at all, it is that value.
        if name in self._only:
            return self._only[name]
        return self._read(name, self.block)

    def _read(self, name: str, block: int) -> Value:
        trail = []
        while True:
            known = self._definitions[block].get(name)
            if known is not None:
                break
            predecessors = self._predecessors[block]
            if not self._sealed[block]:
                phi = self._phi(block)
                self._incomplete.setdefault(block, {})[name] = phi
                known = phi.dst
                break
            if len(predecessors) == 1:
                trail.append(block)
                block = predecessors[0]
                continue
            if not predecessors:
                known = self.value()
                self.function.blocks[block].instructions.insert(0, Const(self.at, known, None, False))
                break
            phi = self._phi(block)
            self._definitions[block][name] = phi.dst
            phi.sources = [self._read(name, p) for p in predecessors]
            known = phi.dst
            break
        self._definitions[block][name] = known
        for passed in trail:
            self._definitions[passed][name] = known
        return known

    def _phi(self, block: int) -> Phi:
        phi = Phi(self.at, self.value(), [])
        self.function.blocks[block].instructions.insert(0, phi)
        self._phis.append(phi)
        return phi

    def seal(self, block: int) -> None:
        """All predecessors of ``block`` are known."""
        self._sealed[block] = True
        for name, phi in self._incomplete.pop(block, {}).items():
            phi.sources = [self._read(name, p) for p in self._predecessors[block]]

    def finish(self) -> None:
        """Replaces the phis that turned out to choose between one value only."""
        replaced: dict[Value, Value] = {}

        def current(value: Value) -> Value:
            while value in replaced:
                value = replaced[value]
            return value

        changed = True
        while changed:
            changed = False
            for phi in self._phis:
                if phi.dst in replaced:
                    continue
                sources = {current(s) for s in phi.sources} - {phi.dst}
                if len(sources) == 1:
                    replaced[phi.dst] = sources.pop()
                    changed = True
        if not replaced:
            return
        for block in self.function.blocks:
            block.instructions = [
                i for i in block.instructions if not (isinstance(i, Phi) and i.dst in replaced)
            ]
            for instruction in block.instructions:
                _substitute(instruction, current)
            block.conditions = tuple(current(v) for v in block.conditions)
            block.catches = tuple(current(v) for v in block.catches)
            if block.branch is not None:
                block.branch.condition = current(block.branch.condition)


# The fields that name the values an instruction uses: those annotated so, but for the one it defines.
_OPERANDS = {
    kind: tuple(f.name for f in fields(kind) if "Value" in str(f.type) and f.name != "dst")
    for kind in vars(model).values()
    if isinstance(kind, type) and issubclass(kind, Instruction)
}


def _substitute(instruction: Instruction, current: Callable[[Value], Value]) -> None:
    for name in _OPERANDS[type(instruction)]:
        setattr(instruction, name, _mapped(getattr(instruction, name), current))


def _mapped(operand: Any, current: Callable[[Value], Value]) -> Any:
    if isinstance(operand, bool) or operand is None or isinstance(operand, str):
        return operand
    if isinstance(operand, int):
        return current(operand)
    return type(operand)(_mapped(part, current) for part in operand)
