"""What a test tells of other values: which are surely true, and which false, on one of its sides."""

from __future__ import annotations

from collections.abc import Sequence

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Block, Instruction, Value


def set_true(blocks: Sequence[Block], block: Block, start: int = 0) -> list[Value]:
    """What is set to true from some instruction on: in its block, or in the one block that follows."""
    after = block.instructions[start:]
    if len(block.successors) == 1:
        # In a ``try`` each statement has a block of its own.
        after = after + blocks[block.successors[0]].instructions
    return [i.dst for i in after if isinstance(i, model.Const) and i.value is True]


def implied(definitions: Sequence[Instruction | None], value: Value, truth: bool) -> set[Value]:
    """The values that are surely true where ``value`` is true (or, if not ``truth``, false)."""
    return {v for v, true in outcomes(definitions, value, truth).items() if true}


def outcomes(definitions: Sequence[Instruction | None], value: Value, truth: bool) -> dict[Value, bool]:
    """The values that are surely true, or surely false, where ``value`` is true (or false)."""
    told: dict[Value, bool] = {}
    waiting = [(value, truth)]
    while waiting:
        current, positive = waiting.pop()
        definition = definitions[current]
        told[current] = positive
        if isinstance(definition, model.Compute) and definition.op == "Not":
            waiting.append((definition.operands[0], not positive))
        elif isinstance(definition, model.Phi) and definition.op == ("And" if positive else "Or"):
            waiting.extend((source, positive) for source in definition.sources if source != current)
        elif isinstance(definition, model.Compute) and definition.op in ("Is", "Eq") and positive:
            constant = definitions[definition.operands[-1]]
            if isinstance(constant, model.Const) and isinstance(constant.value, bool):
                waiting.append((definition.operands[0], constant.value))
    return told


def presence(definitions: Sequence[Instruction | None], value: Value) -> tuple[Value, bool] | None:
    """The value that a test finds to be there or missing, and which of the two if the test is true."""
    definition = definitions[value]
    if not isinstance(definition, model.Compute):
        return None
    if definition.op == "HasAttr":
        return definition.operands[0], True
    other = definitions[definition.operands[-1]]
    if definition.op in ("Is", "IsNot") and isinstance(other, model.Const):
        is_none = other.known and other.value is None
        return (definition.operands[0], definition.op == "IsNot") if is_none else None
    return None
