"""Who runs code: ``main``, one context for each thread root, and the users of what is made for threads.

A thread context lives only if code that itself runs can start it. Classes that own a lock say by
that that they are meant for threads: their public methods run in a context of their own, by many
threads on one object (specification, section 3).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from flake8_sharedstate.dataflow import runs_of
from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Instruction
from flake8_sharedstate.facts.paths import Path, Paths
from flake8_sharedstate.libraries.vocabulary import Exclusion, Side, Spawn, Start, Threads
from flake8_sharedstate.program.entries import Caller, Program
from flake8_sharedstate.program.heap import Spawned
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    FrameObject,
    InstanceObject,
    LibraryMethodObject,
    ModuleObject,
    ObjectId,
)
from flake8_sharedstate.program.repeats import Repeats
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

    @property
    def is_outside(self) -> bool:
        """Whether code out of sight has it run: a class's users, a server."""
        return self.shared is not None or (self.spawned is not None and self.spawned.served)


class Contexts:
    """All contexts of a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.all: list[Context] = []
        self._paths: dict[object, Paths] = {}
        self._repeats = Repeats(program)
        self._handed_over: set[tuple[int, int]] | None = None
        self._readers: dict[tuple[int, int], list[Clone]] | None = None
        self.of_class_only: set[ObjectId] = set()
        """Instances whose class takes locks in class methods only: they share the class, not themselves."""
        self.owners = self._lock_owners()
        main = self._add(Context(0, Kind.MAIN, self._main_roots()))
        main.clones = runs_of(program, main.roots)
        self._add_tasks(main)
        self._add_threads()
        self._add_users()
        self._add_threads()
        for context in self.all:
            detach(self.program, context.clones)
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

    def paths(self, clone: Clone) -> Paths:
        """The paths of a clone's function."""
        known = self._paths.get(clone.function)
        if known is None:
            known = Paths(clone.function, partial(self._repeats.gives_equal, clone))
            self._paths[clone.function] = known
        return known

    def held_through(self, clone: Clone, value: model.Value) -> model.Value:
        """The lock that is held through a value: of ``rw.read_lock()`` it is ``rw``."""
        definition = self.program.definitions(clone.function)[value]
        if isinstance(definition, model.Call):
            method = self.program.definitions(clone.function)[definition.function]
            events = self.program.events.get((clone.number, id(definition)), ())
            if isinstance(method, model.LoadAttr) and any(isinstance(e.effect, Side) for e in events):
                return method.base
        return value

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
                if spawned_by(spawned) is Threads.ANY and not any(c.kind is Kind.THREAD for c in self.all):
                    continue
                known.add(id(spawned))
                grown = True
                if _is_task(spawned):
                    self._add_tasks(self._add_task(spawned))
                elif spawned_by(spawned) is Threads.CALLER:
                    # Marshalled into the thread of the event loop: that is main's.
                    main = self.all[0]
                    main.roots.append(spawned.root)
                    main.clones |= runs_of(self.program, [spawned.root])
                else:
                    context = Context(len(self.all), Kind.THREAD, [spawned.root], spawned)
                    context.clones = runs_of(self.program, context.roots)
                    self._add(context)

    def _starts(self, spawned: Spawned, running: Set[Clone]) -> bool:
        if self.program.is_elsewhere(spawned):
            return False
        used = spawned.handle is None or self._is_used(spawned.handle)
        starters = [clone for clone, _ in spawned.starts]
        if spawned.served:
            starters.append(spawned.made[0])
        return used and not running.isdisjoint(starters)

    def _add_task(self, spawned: Spawned) -> Context:
        context = Context(len(self.all), Kind.TASK, [spawned.root], spawned)
        context.clones = runs_of(self.program, context.roots)
        return self._add(context)

    def _add_tasks(self, parent: Context) -> None:
        """Adds the tasks that a context of the loop makes, and those that these make."""
        waiting = [parent]
        while waiting:
            maker = waiting.pop(0)
            waiting.extend(self._add_task(task) for task in detach(self.program, maker.clones))
            # What only tasks call, their maker does not.
            maker.clones = runs_of(self.program, maker.roots)

    # -- users of what is made for threads

    def _lock_owners(self) -> dict[ObjectId, Exclusion]:
        """The instances, modules and frames that own a lock and use it (specification, section 3)."""
        owners: dict[ObjectId, Exclusion] = dict(self.program.assumed)
        for shared in self.program.shared:
            takers = [
                (clone, kinds)
                for clone in self.program.clones
                if self._belongs(clone, shared) and (kinds := self._own_locks(clone, shared))
            ]
            kinds = set().union(*(found for _, found in takers))
            if takers and all(
                clone.receiver is not None and isinstance(self.program.objects[clone.receiver], ClassObject)
                for clone, _ in takers
            ):
                self.of_class_only.add(shared)
            for kind in (Exclusion.THREADS, Exclusion.READERS, Exclusion.TASKS):
                if kind in kinds:
                    owners[shared] = kind
                    break
        return owners

    def _belongs(self, clone: Clone, shared: ObjectId) -> bool:
        found = self.program.objects[shared]
        if isinstance(found, InstanceObject):
            return clone.receiver in (shared, found.cls)
        if isinstance(found, FrameObject):
            return clone.frame == shared
        return (
            isinstance(found, ModuleObject)
            and clone.module is found.module
            and clone.function.parent is not None
        )

    def _own_locks(self, clone: Clone, shared: ObjectId) -> set[Exclusion]:
        """The kinds of lock of the shared thing's own that a clone takes."""
        kinds: set[Exclusion] = set()
        for block in clone.function.blocks:
            for instruction in block.instructions:
                for value, objects in acquired(self.program, clone, instruction):
                    if self._leads(clone, self.paths(clone).of(self.held_through(clone, value)), shared):
                        kinds.update(k for k in map(self.program.exclusion, objects) if k is not None)
        return kinds

    def _leads(self, clone: Clone, path: Path, shared: ObjectId) -> bool:
        kind, root = path[0]
        found = self.program.objects[shared]
        if isinstance(found, InstanceObject):
            parameters = clone.function.parameters
            return bool(parameters) and (kind, root) == ("value", parameters[0].value) and len(path) > 1
        if isinstance(found, FrameObject):
            return kind == "cell" and self.program.frame_of(clone, root[0]) == shared
        return kind == "global"

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
                    context = Context(len(self.all), users, own, shared=shared, many=True)
                    context.clones = runs_of(self.program, own)
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
        bodies = self._bodies_of(instance.cls)
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
        bodies = self._bodies_of(instance.cls)
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

    def _bodies_of(self, cls: ObjectId) -> set[int]:
        bodies = set()
        for ancestor in self.program.linearized(cls):
            found = self.program.get(ancestor, ClassObject)
            if found is not None:
                bodies.add(found.function.number)
        return bodies


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


def acquired(
    program: Program, clone: Clone, instruction: Instruction
) -> list[tuple[model.Value, list[ObjectId]]]:
    """The values that an instruction takes as locks, with the lock objects each can be."""
    if isinstance(instruction, model.Enter):
        objects = [
            o for o in sorted(program.at(clone.node(instruction.manager))) if program.exclusion(o) is not None
        ]
        return [(instruction.manager, objects)] if objects else []
    if isinstance(instruction, model.Call):
        receivers = []
        for number in sorted(program.at(clone.node(instruction.function))):
            method = program.get(number, LibraryMethodObject)
            if method is not None and program.acquires(method):
                receivers.append(method.receiver)
        if receivers:
            definition = program.definitions(clone.function)[instruction.function]
            value = definition.base if isinstance(definition, model.LoadAttr) else instruction.function
            return [(value, receivers)]
    return []
