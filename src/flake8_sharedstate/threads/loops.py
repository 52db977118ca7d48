"""Event loops that threads run: in whose thread a callable runs that is handed to a loop.

A synchronous client over coroutines has its loop run in a thread of its own, and others hand it work
(``asyncio.run_coroutine_threadsafe``). What no such thread is in sight for, main's loop runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from flake8_sharedstate.dataflow import runs_of
from flake8_sharedstate.libraries.vocabulary import Identify, Identity, RunLoop, Spawn, Start
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.heap import Spawned
from flake8_sharedstate.program.objects import Clone, LibraryObject, ObjectId
from flake8_sharedstate.program.spawning import marshalled

Loops = frozenset[object]
"""The event loops that a thread runs: the objects that stand for them, and the thread's root."""


class LoopThreads:
    """Answers which loops run what is handed to a loop."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.main: Loops = frozenset({program.none})
        """The main thread's loop, whatever the objects that stand for it."""
        self._run_in: dict[Clone, set[ObjectId]] = {}
        """The loops that a clone runs, or asks for as the one that runs it."""
        self._asked_in: dict[ObjectId, Clone] = {}
        """Where the loops come from that are asked for."""
        self._running: set[Clone] = set()
        self._background: set[object] = set()
        self.ended_by: dict[ObjectId, Loops] = {}
        """The loops that are over when a thread is, by the thread object."""
        self._find_loops()
        self._hosts: dict[Clone, tuple[Set[Clone], Loops]] = {}
        """What the threads run that run a loop, and their loops, by their roots."""
        for spawned in program.spawned.values() if self._running else ():
            clones = runs_of(program, [spawned.root])
            if not marshalled(spawned.effect) and not self._running.isdisjoint(clones):
                self._hosts[spawned.root] = clones, self._run_by(clones) | {spawned.root}
                if spawned.handle is not None:
                    self.ended_by[spawned.handle] = self._hosts[spawned.root][1]
        hosting = frozenset().union(*(clones for clones, _ in self._hosts.values()))
        self._of_main = self._run_by(self._run_in.keys() - hosting)
        self._background.update(*(loops for _, loops in self._hosts.values()))

    def _find_loops(self) -> None:
        program = self.program
        for (number, _), events in program.events.items():
            runs = [event for event in events if isinstance(event.effect, RunLoop)]
            loops = {event.receiver for event in runs if event.receiver is not None}
            if any(isinstance(event.effect, (Spawn, Start)) for event in events):
                # ``Thread(target=loop.run_forever)``: a thread that runs nothing else.
                self._background |= loops
                for event in events:
                    if isinstance(event.effect, Start) and event.receiver is not None:
                        self.ended_by[event.receiver] = frozenset(loops)
            elif runs:
                self._running.add(program.clones[number])
                self._run_in.setdefault(program.clones[number], set()).update(loops)
        for found in program.all_of(LibraryObject):
            if found.site is not None and found.site.instruction is not None:
                clone = found.site.clone
                asked = program.events.get((clone.number, id(found.site.instruction)), ())
                if any(isinstance(e.effect, Identify) and e.effect.who is Identity.LOOP for e in asked):
                    self._run_in.setdefault(clone, set()).add(found.number)
                    self._asked_in[found.number] = clone

    def _run_by(self, clones: Iterable[Clone]) -> Loops:
        return frozenset().union(*(self._run_in.get(clone, ()) for clone in clones))

    def of_thread(self, spawned: Spawned) -> Loops:
        """The loops that a thread runs."""
        return self._hosts[spawned.root][1] if spawned.root in self._hosts else frozenset()

    def running(self, spawned: Spawned, around: Loops) -> Loops:
        """The loops that run what was handed over; nothing where it is not known whose they are.

        Args:
            spawned: what was handed over.
            around: the loops that run whoever hands it over, and run it if no other is named.
        """
        starters = [clone for clone, _ in spawned.starts]
        asked = {
            o
            for o in self.program.executors(spawned)
            if self._is_loop(o) and (o in self._background or self._asked_in.get(o) not in starters)
        }
        if not asked:
            return around
        if self._background.isdisjoint(asked):
            return self.main if not self._background or asked <= self._of_main else frozenset()
        if not self._of_main.isdisjoint(asked):
            return frozenset()
        found = frozenset(asked & self._background)
        return found.union(*(loops for _, loops in self._hosts.values() if not found.isdisjoint(loops)))

    def _is_loop(self, number: ObjectId) -> bool:
        return any(
            isinstance(effect, RunLoop)
            for _, model in self.program.models(number)
            for effects in model.methods.values()
            for effect in effects
        )
