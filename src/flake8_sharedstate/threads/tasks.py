"""Tasks of an event loop: coroutines that are handed to the loop instead of being awaited on the spot.

They run in the loop's own thread and give way to each other only where they await. A coroutine that is
awaited where it is made is a call like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Instruction, Value
from flake8_sharedstate.libraries.vocabulary import Spawn, Threads
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Spawned
from flake8_sharedstate.program.objects import Clone


def detach(program: Program, clones: frozenset[Clone]) -> list[Spawned]:
    """Finds the tasks that some clones start, and takes them out of what these call.

    Args:
        program: the solved program; calls that make tasks lose their targets.
        clones: the clones that run in the thread of an event loop.

    Returns:
        the tasks, as spawns: made by the call of the coroutine function, started by the call that
        hands the coroutine over.
    """
    found = []
    for clone in sorted(clones, key=lambda c: c.number):
        for coroutine, start, effect in _started(program, clone):
            targets = program.targets.get((clone.number, id(coroutine)), [])
            for target in [t for t in targets if t.clone.function.is_async]:
                targets.remove(target)
                task = Spawned(
                    target.clone, None, None, effect, (clone, coroutine), [(clone, start)], program.none
                )
                task.payload.extend((p, clone, clone.node(v)) for p, v in target.bindings)
                if target.clone.receiver is not None:
                    definition = program.definitions(clone.function)[coroutine.function]
                    if isinstance(definition, model.LoadAttr):
                        task.payload.append((None, clone, clone.node(definition.base)))
                found.append(task)
    return found


def _started(program: Program, clone: Clone) -> Iterator[tuple[model.Call, Instruction, Spawn]]:
    """The calls of coroutine functions whose result is handed to the loop, with the call that does."""
    calls = [i for block in clone.function.blocks for i in block.instructions if isinstance(i, model.Call)]
    for call in calls:
        if not any(t.clone.function.is_async for t in program.targets.get((clone.number, id(call)), ())):
            continue
        holders = _holders(clone.function, call.dst)
        for start in calls:
            effect = _hands_over(program, clone, start)
            if effect is not None and any(argument in holders for argument, _ in start.args):
                yield call, start, effect
                break


def _hands_over(program: Program, clone: Clone, call: model.Call) -> Spawn | None:
    for event in program.events.get((clone.number, id(call)), ()):
        effect = event.effect
        if isinstance(effect, Spawn) and effect.threads is Threads.CALLER:
            return effect
    return None


def _holders(function: Function, value: Value) -> set[Value]:
    """A value and the displays and comprehensions of the function that hold it."""
    holders = {value}
    for block in function.blocks:
        for i in block.instructions:
            if isinstance(i, model.Build) and any(element in holders for _, element, _ in i.items):
                holders.add(i.dst)
            elif isinstance(i, model.Add) and i.src in holders:
                holders.add(i.base)
    return holders
