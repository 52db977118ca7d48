"""Tasks of an event loop: coroutines that are handed to the loop instead of being awaited on the spot.

They run in the loop's own thread and give way to each other only where they await. A coroutine that is
awaited where it is made is a call like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flake8_sharedstate.dataflow import called_by
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Value
from flake8_sharedstate.libraries.vocabulary import Give, RunLoop, Spawn
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Event, Spawned
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.program.spawning import marshalled


def detach(program: Program, roots: Iterable[Clone]) -> list[Spawned]:
    """Takes out of what runs when roots do the coroutines that they do not run themselves.

    Args:
        program: the solved program; calls whose coroutine somebody else runs lose their targets.
        roots: where the threads or tasks begin.

    Returns:
        those that are handed to an event loop in sight, as spawns: made by the call of the coroutine
        function, started by the call that hands the coroutine over. Of the others it is not known
        who runs them.
    """
    found: list[Spawned] = []
    reached = dict.fromkeys(roots)
    waiting = list(reached)
    while waiting:
        clone = waiting.pop()
        found.extend(_detached(program, clone))
        for callee in called_by(program, clone):
            if callee not in reached:
                reached[callee] = None
                waiting.append(callee)
    return sorted(found, key=lambda task: task.made[0].number)


def _detached(program: Program, clone: Clone) -> Iterator[Spawned]:
    for coroutine, start in _not_awaited(program, clone):
        targets = program.targets.get((clone.number, id(coroutine)), [])
        for target in [t for t in targets if t.clone.function.is_async]:
            targets.remove(target)
            event = _hands_over(program, clone, start) if start is not None else None
            if start is None or event is None:
                continue
            task = _spawned(program, target.clone, event, (clone, coroutine), (clone, start))
            task.payload.extend((p, clone, clone.node(v)) for p, v in target.bindings)
            definition = program.definitions(clone.function)[coroutine.function]
            if target.clone.receiver is not None and isinstance(definition, model.LoadAttr):
                task.payload.append((None, clone, clone.node(definition.base)))
            yield task


def _spawned(
    program: Program,
    root: Clone,
    event: Event,
    made: tuple[Clone, model.Call],
    start: tuple[Clone, model.Call],
) -> Spawned:
    effect = event.effect
    assert isinstance(effect, Spawn)
    given = start[0].node(start[1].dst)
    handles = [o for o in sorted(program.at(given)) if _is_handle(program, o, start)]
    workers = None
    if effect.workers is not None:
        workers = program.source(effect.workers, event.receiver, event.arguments)
    return Spawned(
        root,
        handles[0] if handles else None,
        event.receiver,
        effect,
        made,
        [start],
        program.none,
        workers=workers,
    )


def _is_handle(program: Program, number: ObjectId, start: tuple[Clone, model.Call]) -> bool:
    site = program.objects[number].site
    return site is not None and (site.clone, site.instruction) == start


def _not_awaited(program: Program, clone: Clone) -> Iterator[tuple[model.Call, model.Call | None]]:
    """The coroutine calls that are not awaited on the spot, each with the call that hands it over."""
    instructions = [i for block in clone.function.blocks for i in block.instructions]
    calls = [i for i in instructions if isinstance(i, model.Call)]
    awaited = {i.src for i in instructions if isinstance(i, model.Await)}
    for call in calls:
        targets = program.targets.get((clone.number, id(call)), ())
        if call.dst in awaited or not any(t.clone.function.is_async for t in targets):
            continue
        if _runs_loop(program, clone, call):
            continue
        holders = _holders(clone.function, call.dst)
        takers = [c for c in calls if any(argument in holders for argument, _ in c.args)]
        start = next((c for c in takers if _hands_over(program, clone, c) is not None), None)
        if start is None and any(_runs(program, clone, c) for c in takers):
            # ``asyncio.run(main())`` runs it here and now.
            continue
        yield call, start


def _runs(program: Program, clone: Clone, call: model.Call) -> bool:
    return any(isinstance(event.effect, Give) for event in program.events.get((clone.number, id(call)), ()))


def _runs_loop(program: Program, clone: Clone, call: model.Call) -> bool:
    return any(isinstance(e.effect, RunLoop) for e in program.events.get((clone.number, id(call)), ()))


def _hands_over(program: Program, clone: Clone, call: model.Call) -> Event | None:
    for event in program.events.get((clone.number, id(call)), ()):
        if isinstance(event.effect, Spawn) and marshalled(event.effect):
            return event
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
