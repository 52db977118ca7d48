"""Who runs code: ``main``, one context for each thread root, and the users of what is made for threads.

A thread context lives only if code that itself runs can start it. Classes that own a lock say by
that that they are meant for threads: their public methods run in a context of their own, by many
threads on one object (specification, section 3).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from enum import Enum

from flake8_sharedstate.dataflow import runs_of
from flake8_sharedstate.facts import model
from flake8_sharedstate.libraries.vocabulary import Exclusion, Spawn, Start, Threads
from flake8_sharedstate.program.entries import Caller, Program
from flake8_sharedstate.program.heap import Spawned
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    InstanceObject,
    ObjectId,
)
from flake8_sharedstate.program.spawning import marshalled
from flake8_sharedstate.threads.loops import Loops, LoopThreads
from flake8_sharedstate.threads.owners import Owners
from flake8_sharedstate.threads.tasks import detach


class Kind(Enum):
    """What a context is."""

    MAIN = "main"
    THREAD = "a thread, or the workers of a pool"
    USERS = "any threads, through the public methods of one object"
    TASK = "tasks of the event loop that the main thread runs"


@dataclass(eq=False)
class Context:
    """One thread, or several that run the same code."""

    number: int
    kind: Kind
    roots: list[Clone]
    spawned: Spawned | None = None
    shared: ObjectId | None = None
    """What users share: an instance, a module, the variables of a function."""
    clones: frozenset[Clone] = field(default_factory=frozenset)
    many: bool = False
    """Whether two threads of this context can run at the same time."""
    loops: Loops = frozenset()
    """The event loops that its thread runs, or that run it."""
    is_making: bool = False
    """Whether its users make objects, and share nothing but what all objects of the class have."""

    @property
    def is_outside(self) -> bool:
        """Whether code out of sight has it run: a class's users, a server."""
        return self.shared is not None or (self.spawned is not None and self.spawned.served)

    @property
    def is_marshalled(self) -> bool:
        """Whether it was handed to the loop of a thread."""
        return self.spawned is not None and marshalled(self.spawned.effect)

    def takes_turns(self, other: Context) -> bool:
        """Whether one thread's loop runs both: they give way to each other only where they await."""
        if self.loops.isdisjoint(other.loops):
            return False
        return self is not other or self.kind is not Kind.THREAD or self.is_marshalled


class Contexts(Owners):
    """All contexts of a program."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.all: list[Context] = []
        self._handed_over: set[tuple[int, int]] | None = None
        self._readers: dict[tuple[int, int], list[Clone]] | None = None
        self.loop_threads = LoopThreads(program)
        main = self._add(Context(0, Kind.MAIN, self._main_roots(), loops=self.loop_threads.main))
        main.clones = runs_of(program, main.roots)
        self._add_tasks(main)
        self._add_threads()
        self._add_users()
        self._add_threads()
        known = 0
        while known < len(self.all):
            known = len(self.all)
            for context in list(self.all):
                self._add_tasks(context)
            self._add_threads()
        for context in self.all:
            context.clones = runs_of(program, context.roots)
        self.starts: dict[tuple[int, int], list[Context]] = {}
        for context in self.all:
            if context.spawned is not None:
                for clone, instruction in context.spawned.starts:
                    self.starts.setdefault((clone.number, id(instruction)), []).append(context)

    def _add(self, context: Context) -> Context:
        self.all.append(context)
        return context

    def of(self, clone: Clone) -> list[Context]:
        """The contexts that run a clone."""
        return [c for c in self.all if clone in c.clones]

    # -- main

    def _main_roots(self) -> list[Clone]:
        roots = []
        for entry in self.program.entries:
            if entry.caller is Caller.ANYONE:
                continue
            if entry.caller is Caller.CONSTRUCTOR and not self._is_used(entry.shared):
                continue
            if entry.clone not in roots:
                roots.append(entry.clone)
        return roots

    def _is_used(self, instance: ObjectId | None) -> bool:
        """Whether a synthetic instance stands for anything: one in sight makes it idle."""
        found = self.program.get(instance, InstanceObject) if instance is not None else None
        if instance is None or found is None or instance not in self.program.shared:
            return True
        return instance in self.owners or all(i == instance for i in self.program.instances(found.cls))

    # -- threads

    def _add_threads(self) -> None:
        known = {id(c.spawned) for c in self.all}
        grown = True
        while grown:
            grown = False
            running = frozenset().union(*(context.clones for context in self.all))
            for spawned in self.program.spawned.values():
                if id(spawned) in known or not self._starts(spawned, running):
                    continue
                if not self._has_threads(spawned):
                    continue
                known.add(id(spawned))
                grown = True
                if not marshalled(spawned.effect):
                    self._add_spawned(spawned, self.loop_threads.of_thread(spawned))
                    continue
                loops = self.loop_threads.running(spawned, self._around(spawned))
                if loops == self.loop_threads.main and not _is_task(spawned):
                    main = self.all[0]
                    main.roots.append(spawned.root)
                    main.clones |= runs_of(self.program, [spawned.root])
                elif loops:
                    self._add_tasks(self._add_spawned(spawned, loops))

    def _has_threads(self, spawned: Spawned) -> bool:
        """Whether there is a thread to come by, or to let an object go, if it takes one."""
        threads = [context for context in self.all if context.kind is Kind.THREAD]
        match spawned_by(spawned):
            case Threads.ANY:
                return bool(threads)
            case Threads.HOLDER:
                return any(clone in context.clones for context in threads for clone, _ in spawned.starts)
        return True

    def _add_spawned(self, spawned: Spawned, loops: Loops) -> Context:
        """Adds a thread, or what the loop of one runs that is not main."""
        kind = Kind.TASK if loops == self.loop_threads.main else Kind.THREAD
        context = Context(len(self.all), kind, [spawned.root], spawned, loops=loops)
        context.clones = runs_of(self.program, context.roots)
        return self._add(context)

    def _around(self, spawned: Spawned) -> Loops:
        """The loops that run whoever hands something over; main's where that is not all."""
        starters = [clone for clone, _ in spawned.starts]
        found = {c.loops for c in self.all if not c.clones.isdisjoint(starters)}
        return (len(found) == 1 and found.pop()) or self.loop_threads.main

    def _starts(self, spawned: Spawned, running: Set[Clone]) -> bool:
        if self.program.is_elsewhere(spawned):
            return False
        used = spawned.handle is None or self._is_used(spawned.handle)
        starters = [clone for clone, _ in spawned.starts]
        if spawned.served:
            starters.append(spawned.made[0])
        return used and not running.isdisjoint(starters)

    def _add_tasks(self, parent: Context) -> None:
        """Adds the tasks that a context hands to a loop, and those that these do."""
        waiting = [parent]
        while waiting:
            maker = waiting.pop(0)
            for task in detach(self.program, maker.roots):
                loops = self.loop_threads.running(task, maker.loops)
                # What users out of sight leave to main's loop is none of main's in sight.
                if loops and (maker.shared is None or loops != self.loop_threads.main):
                    waiting.append(self._add_spawned(task, loops))
            # What only tasks call, their maker does not.
            maker.clones = runs_of(self.program, maker.roots)

    # -- users of what is made for threads

    def _add_users(self) -> None:
        for shared, kind in self.owners.items():
            roots: dict[Kind, list[Clone]] = {Kind.USERS: [], Kind.TASK: []}
            for entry in self.program.entries:
                if entry.caller is Caller.ANYONE and entry.shared == shared:
                    users, clone = self._users(entry.clone, shared, kind), entry.clone
                    if users is None or self._is_in_sight(shared) or self._is_handed_over(clone):
                        continue
                    if self._is_private_to_threads(clone, shared) or self._is_own_property(clone, shared):
                        continue
                    if clone not in roots[users]:
                        roots[users].append(clone)
            for users, own in roots.items():
                if own:
                    loops = self.loop_threads.main if users is Kind.TASK else frozenset()
                    context = Context(len(self.all), users, own, shared=shared, many=True, loops=loops)
                    context.clones = runs_of(self.program, own)
                    self._add(context)
            if any(roots.values()):
                self._add_makers(shared)

    def _add_makers(self, shared: ObjectId) -> None:
        """Whoever uses a class whose lock is one for all its objects makes them in any thread, too."""
        found = self.program.get(shared, InstanceObject)
        if found is None or not self.has_class_lock(found.cls):
            return
        roots = [
            entry.clone
            for entry in self.program.entries
            if entry.caller is Caller.CONSTRUCTOR
            and entry.shared == shared
            and entry.clone.function.name == "__init__"
        ]
        if roots:
            context = Context(len(self.all), Kind.USERS, roots, shared=shared, many=True, is_making=True)
            context.clones = runs_of(self.program, roots)
            self._add(context)

    def _users(self, clone: Clone, shared: ObjectId, kind: Exclusion) -> Kind | None:
        """Who runs a function of something shared: threads or tasks; None where it is not meant for them."""
        for_tasks = kind is Exclusion.TASKS
        if clone.function.is_async is for_tasks:
            return Kind.TASK if for_tasks else Kind.USERS
        # A framework has its loop run coroutines, and a loop what is none.
        return Kind.TASK if shared in self.program.assumed else None

    def _is_handed_over(self, clone: Clone) -> bool:
        """Whether a function is given to a thread or process and nothing in sight calls it besides."""
        if self._handed_over is None:
            key = self.program.function_key
            called = {
                key(target.clone)
                for (number, _), targets in self.program.targets.items()
                for target in targets
                if self.program.clones[number].function is not target.clone.function
            }
            roots = {key(s.root) for s in self.program.spawned.values() if s.root.receiver is not None}
            self._handed_over = (roots | self.program.elsewhere) - called
        return self.program.function_key(clone) in self._handed_over

    def _is_own_property(self, clone: Clone, shared: ObjectId) -> bool:
        """Whether it is a property of which the other methods of its class, and nobody else, make use.

        It is public by its name only: it runs where they run, under the locks that they hold.
        """
        instance = self.program.get(shared, InstanceObject)
        if self._readers is None:
            self._readers = self._find_readers()
        readers = self._readers.get(self.program.function_key(clone), ())
        if instance is None or all(reader.function.name == "__init__" for reader in readers):
            return False
        bodies = self.bodies_of(instance.cls)
        return all(r.module is clone.module and r.function.owner_class in bodies for r in readers)

    def _find_readers(self) -> dict[tuple[int, int], list[Clone]]:
        """The functions that attributes are read by, by the key of what that runs."""
        found: dict[tuple[int, int], list[Clone]] = {}
        for clone in self.program.clones:
            for block in clone.function.blocks:
                for instruction in block.instructions:
                    if isinstance(instruction, model.LoadAttr):
                        for target in self.program.targets.get((clone.number, id(instruction)), ()):
                            found.setdefault(self.program.function_key(target.clone), []).append(clone)
        return found

    def _is_in_sight(self, shared: ObjectId) -> bool:
        """Whether a class is private, and whoever uses it is here: then its callers tell all."""
        instance = self.program.get(shared, InstanceObject)
        if instance is None:
            return False
        cls = self.program.get(instance.cls, ClassObject)
        return (
            cls is not None
            and cls.name.startswith("_")
            and any(i != shared for i in self.program.instances(instance.cls))
        )

    def _is_private_to_threads(self, clone: Clone, shared: ObjectId) -> bool:
        """Whether only threads that the class itself starts run a public method, in sight."""
        instance = self.program.get(shared, InstanceObject)
        if instance is None:
            return False
        key = self.program.function_key(clone)
        running = [c for c in self.all if any(self.program.function_key(r) == key for r in c.clones)]
        bodies = self.bodies_of(instance.cls)
        return bool(running) and all(
            context.kind is Kind.THREAD
            and any(
                root.receiver is not None
                and root.module is clone.module
                and root.function.owner_class in bodies
                for root in context.roots
            )
            for context in running
        )


def _is_task(spawned: Spawned) -> bool:
    """Whether an event loop makes a task of a coroutine function that was handed to it."""
    effect = spawned.effect
    is_handed_over = isinstance(effect, Spawn) and effect.tasks and effect.threads is Threads.CALLER
    return is_handed_over and spawned.root.function.is_async


def spawned_by(spawned: Spawned) -> Threads:
    """How many threads a spawn makes."""
    if isinstance(spawned.effect, Start):
        return Threads.ONE
    assert isinstance(spawned.effect, Spawn)
    return spawned.effect.threads


def spawn_of(context: Context) -> Spawn | None:
    """The library's effect by which a context was started, if it was by a call that hands over work."""
    effect = context.spawned.effect if context.spawned is not None else None
    return effect if isinstance(effect, Spawn) else None
