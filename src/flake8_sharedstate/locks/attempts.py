"""Attempts to take a lock: whether ``acquire`` waits until it succeeds, and whether its result is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, Value
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import Clone, LibraryMethodObject


def is_certain(definitions: Sequence[Instruction | None], call: model.Call) -> bool:
    """Whether an ``acquire`` waits until it succeeds."""
    for name, literal in _given(definitions, call):
        if name == "timeout" and isinstance(literal, model.Compute) and literal.op == "USub":
            # ``timeout=-1`` waits for ever.
            continue
        if not isinstance(literal, model.Const) or _does_not_wait(name, literal):
            return False
        if name == "timeout" and literal.value is not None:
            return False
    return True


def is_unasked(program: Program, clone: Clone, call: model.Call) -> bool:
    """Whether an ``acquire`` does not wait, its result is dropped, and the lock is given back in any case."""
    given = _given(program.definitions(clone.function), call)
    if not any(_does_not_wait(*argument) for argument in given) or call.dst in _used(clone.function):
        return False
    taken = {method.receiver for method in _methods(program, clone, call) if program.acquires(method)}
    return any(
        method.receiver in taken and program.releases(method)
        for block in clone.function.blocks
        for i in block.instructions
        if isinstance(i, model.Call)
        for method in _methods(program, clone, i)
    )


def _given(
    definitions: Sequence[Instruction | None], call: model.Call
) -> Iterator[tuple[str, Instruction | None]]:
    """The arguments of an ``acquire``, by name."""
    for name, (value, _) in zip(("blocking", "timeout"), call.args, strict=False):
        yield name, definitions[value]
    for keyword, value in call.keywords:
        if keyword:
            yield keyword, definitions[value]


def _does_not_wait(name: str, literal: Instruction | None) -> bool:
    return name == "blocking" and isinstance(literal, model.Const) and literal.known and not literal.value


def _methods(program: Program, clone: Clone, call: model.Call) -> Iterator[LibraryMethodObject]:
    for number in sorted(program.at(clone.node(call.function))):
        method = program.get(number, LibraryMethodObject)
        if method is not None:
            yield method


def _used(function: Function) -> set[Value]:
    """The values that a function does anything with."""
    found: set[Value] = set()
    for block in function.blocks:
        if block.branch is not None:
            found.add(block.branch.condition)
        for i in block.instructions:
            match i:
                case model.Call(args=args, keywords=keywords):
                    found.update(value for value, _ in args)
                    found.update(value for _, value in keywords)
                case model.Build(items=items):
                    found.update(value for _, value, _ in items)
                case model.Compute(operands=values) | model.Phi(sources=values):
                    found.update(values)
                case _:
                    found.update(
                        v for name in ("src", "base", "source") if (v := getattr(i, name, None)) is not None
                    )
    return found
