"""What a test tells of other values: which are surely true on one of its sides."""

from __future__ import annotations

from collections.abc import Sequence

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction, Value


def implied(definitions: Sequence[Instruction | None], value: Value, truth: bool) -> set[Value]:
    """The values that are surely true where ``value`` is true (or, if not ``truth``, false)."""
    true: set[Value] = set()
    waiting = [(value, truth)]
    while waiting:
        current, positive = waiting.pop()
        definition = definitions[current]
        if positive:
            true.add(current)
        if isinstance(definition, model.Compute) and definition.op == "Not":
            waiting.append((definition.operands[0], not positive))
        elif isinstance(definition, model.Phi) and definition.op == ("And" if positive else "Or"):
            waiting.extend((source, positive) for source in definition.sources if source != current)
        elif isinstance(definition, model.Compute) and definition.op in ("Is", "Eq") and positive:
            constant = definitions[definition.operands[-1]]
            if isinstance(constant, model.Const) and constant.value is True:
                waiting.append((definition.operands[0], True))
    return true
