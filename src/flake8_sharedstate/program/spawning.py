"""Where threads begin: callables that a library hands to other threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import (
    Arguments,
    Begin,
    Effect,
    Field,
    Mark,
    Register,
    Source,
    Spawn,
    Start,
    Threads,
)
from flake8_sharedstate.program.heap import ANY, CallArguments, CallSite, Spawned
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryObject,
    Module,
    Node,
    ObjectId,
    Site,
)
from flake8_sharedstate.program.sources import LibraryCall, Sources


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A thread, or the runs of a pool, before it is known what they run."""

    effect: Spawn | Start
    site: CallSite
    """Where a callable is handed over or, for a thread object, where it is started."""
    returned: Node
    """Gets what the callable returns."""
    handle: ObjectId | None = None
    pool: ObjectId | None = None
    made: Site | None = None
    """Where a thread object was made and given its arguments, if elsewhere than it is started."""
    workers: Node | None = None
    begun: CallSite | None = None
    """Where it begins; None where a server out of sight has it run."""


@dataclass(frozen=True, slots=True)
class _Registered:
    """A callable that waits for the statement that has it run."""

    effect: Register
    call: LibraryCall
    owner: ObjectId | None


def marshalled(effect: Effect) -> bool:
    """Whether it is the thread of an event loop that runs what was handed over."""
    return isinstance(effect, Spawn) and effect.threads is Threads.CALLER


class Spawning(Sources):
    """Records what threads run and what they are given."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.spawned: dict[object, Spawned] = {}
        self.serial_pools: set[ObjectId] = set()
        self.elsewhere: set[tuple[int, int]] = set()
        """Functions that other processes run."""
        self.made_by_threads: set[ObjectId] = set()
        """Objects of which each run of a thread gets a new one: what a pool constructs, handlers."""
        self.injected: set[Node] = set()
        """The nodes of calls that stand for what other runs give."""
        self._marked: dict[str, Node] = {}
        self._registered: dict[tuple[ObjectId | None, str], list[_Registered]] = {}
        self._awaiting: dict[tuple[ObjectId | None, str], list[Callable[[_Registered], None]]] = {}

    # -- first registered, then begun

    def register(self, effect: Register, call: LibraryCall) -> None:
        # What it gives back is not what the callable will give back.
        own = LibraryCall(call.receiver, call.arguments, self.new_node(), call.site)
        if effect.spawn.injects:
            self._inject_result(own, call.result)

        def note(owner: ObjectId | None) -> None:
            registered = _Registered(effect, own, owner)
            if effect.served:
                self._hand_over(effect.spawn, own, None, owner)
            self._registered.setdefault((owner, effect.under), []).append(registered)
            for begin in list(self._awaiting.get((owner, effect.under), ())):
                begin(registered)

        self._with_each(effect.on, call, note)

    def _inject_result(self, registered: LibraryCall, dst: Node) -> None:
        """What each run gives stands for the call in the runs that come after it."""
        self.injected.add(dst)

        def give(number: ObjectId) -> None:
            found = self.objects[number]
            if isinstance(found, LibraryObject) and found.type == "builtins.generator":
                self.elements(number, dst, registered.site)
                return
            if found.site is not None and found.site.instruction is registered.site.instruction:
                self.made_by_threads.add(number)
            self.add(dst, number)

        self.when(registered.result, give)

    def begin(self, effect: Begin, call: LibraryCall) -> None:
        def run(registered: _Registered) -> None:
            spawn = registered.effect.spawn
            if effect.here:
                self._run_here(spawn, registered.call, call)
            else:
                self._hand_over(spawn, registered.call, call.site, registered.owner)

        def await_(owner: ObjectId | None) -> None:
            self._awaiting.setdefault((owner, effect.under), []).append(run)
            for registered in list(self._registered.get((owner, effect.under), ())):
                run(registered)

        self._with_each(effect.on, call, await_)

    def _with_each(
        self, source: Source | None, call: LibraryCall, use: Callable[[ObjectId | None], None]
    ) -> None:
        if source is None:
            use(None)
        else:
            self.each(source, call, use)

    def _run_here(self, effect: Spawn, call: LibraryCall, begun: LibraryCall) -> None:
        callee = self.named(effect.callable, call)
        if callee is not None:
            given, returned = self.passed(effect.arguments, call), self.new_node()
            self.when(callee, lambda c: self.invoke(c, given, returned, begun.site))

    # -- handed over

    def spawn(self, effect: Spawn, call: LibraryCall) -> None:
        if effect.threads is Threads.ELSEWHERE:
            self._run_elsewhere(effect, call)
        else:
            begun = None if effect.threads is Threads.ANY else call.site
            self._hand_over(effect, call, begun, None if effect.common else call.receiver)

    def _hand_over(
        self, effect: Spawn, call: LibraryCall, begun: CallSite | None, pool: ObjectId | None
    ) -> None:
        handle = None
        if effect.handle is not None:
            handle = self.library_object(call.site, effect.handle, "handle")
            self.add(call.result, handle)
        callee = self.named(effect.callable, call)
        if callee is None:
            return
        given = self.passed(effect.arguments, call)
        returned = self.new_node()
        if handle is not None:
            self.edge(returned, self.field(handle, "result"))
            self.edge(returned, self.field(handle, ANY))
        else:
            self.edge(returned, call.result)
        origins = [(call.site.clone, callee)]
        workers = None
        if effect.workers is not None:
            workers = self.named(effect.workers, replace(call, receiver=pool))
        beginning = _Beginning(effect, call.site, returned, handle, pool, workers=workers, begun=begun)

        def begin(number: ObjectId) -> None:
            if effect.runs:
                self._serve(beginning, effect, number, call)
            else:
                self._begin(beginning, number, given, origins)

        self.when(callee, begin)

    def _run_elsewhere(self, effect: Spawn, call: LibraryCall) -> None:
        """What another process runs is called, but by nobody here."""
        callee = self.named(effect.callable, call)
        assert call.site.instruction is not None

        def link(clone: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            self.elsewhere.add(self.function_key(clone))

        away = CallSite(call.site.clone, call.site.instruction, link, ("elsewhere", call.site.key))
        if callee is not None:
            given = self.passed(effect.arguments, call)
            self.when(callee, lambda c: self.invoke(c, given, self.new_node(), away))

    def _serve(self, beginning: _Beginning, effect: Spawn, served: ObjectId, call: LibraryCall) -> None:
        """A server runs methods of an object, or of an instance that it makes for each request."""
        own = CallSite(call.site.clone, call.site.instruction, call.site.link, "handler")
        if effect.instantiate:
            if not isinstance(self.objects[served], ClassObject):
                return
            served = self.new_instance(served, own)
            if call.receiver is not None:
                self.add(self.field(served, "server"), call.receiver)
        found = self.get(served, InstanceObject)
        if found is None:
            return
        beginning = replace(beginning, site=own, returned=self.new_node())

        def run(method: ObjectId) -> None:
            if effect.marked is None:
                self._begin(beginning, method, CallArguments(), [])
                return
            bound = self.get(method, BoundObject)
            function = bound.function if bound is not None else method
            self.when(
                self._marks(effect.marked),
                lambda n: self._begin(beginning, method, CallArguments(), []) if n == function else None,
            )

        for name in self._served_names(found.cls, effect.runs):
            method = self.new_node()
            self.read_attribute(served, name, method, own)
            self.when(method, run)

    def mark(self, effect: Mark, call: LibraryCall) -> None:
        source = self.named(effect.function, call)
        if source is not None:
            self.edge(source, self._marks(effect.sign))

    def _marks(self, sign: str) -> Node:
        """Gets all functions that are marked with a sign."""
        node = self._marked.get(sign)
        if node is None:
            node = self._marked[sign] = self.new_node()
        return node

    def _served_names(self, cls: ObjectId, patterns: tuple[str, ...]) -> list[str]:
        """The names in a class and its bases that a server looks for; a wildcard is for public ones."""
        bodies = [self.get(ancestor, ClassObject) for ancestor in self.linearized(cls)]
        names = dict.fromkeys(n for body in bodies if body for n in sorted(body.function.names))
        return [
            name
            for name in names
            if name in patterns or (not name.startswith("_") and any(fnmatchcase(name, p) for p in patterns))
        ]

    def start(self, effect: Start, call: LibraryCall) -> None:
        thread = call.receiver
        assert thread is not None
        found = self.objects[thread]
        made = found.site if found.site is not None and found.site.instruction is not None else None
        site = call.site
        beginning = _Beginning(effect, site, self.new_node(), thread, made=made, begun=site)

        def run_method(method: ObjectId) -> None:
            self._begin(beginning, self.bound(method, thread), CallArguments(), [])

        def run_target() -> None:
            passed = Arguments(unpacked=Field(effect.args), named=Field(effect.kwargs))
            given = self.passed(passed, LibraryCall(thread, CallArguments(), call.result, call.site))

            def run(callee: ObjectId) -> None:
                self._begin(beginning, callee, given, self.origins(thread, effect.target))

            self.when(self.field(thread, effect.target), run)
            for name in effect.runs:
                method = self.new_node()
                self.read_attribute(thread, name, method, call.site)
                self.when(method, run_hook)

        def run_hook(callee: ObjectId) -> None:
            if isinstance(self.objects[callee], BoundObject):
                self._begin(beginning, callee, CallArguments(), [])

        if isinstance(found, InstanceObject):
            self.lookup(found.cls, "run", run_method, lambda base: run_target())
        else:
            run_target()

    def _begin(
        self,
        beginning: _Beginning,
        callee: ObjectId,
        given: CallArguments,
        origins: list[tuple[Clone, Node]],
    ) -> None:
        """Runs a callable in the threads that begin; ``origins`` is where it itself comes from."""
        effect, site, begun = beginning.effect, beginning.site, beginning.begun
        started_by_handle = isinstance(effect, Start)
        if self._makes_coroutine(callee) and not marshalled(effect):
            if not (isinstance(effect, Spawn) and effect.tasks):
                return
            effect = replace(effect, threads=Threads.CALLER)
        identity = beginning.handle if started_by_handle else (site.clone.number, id(site.instruction))

        def link(clone: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            if not started_by_handle and clone.receiver is not None:
                made = self.objects[clone.receiver].site
                if made is not None and made.instruction is site.instruction:
                    self.made_by_threads.add(clone.receiver)
            known = self.spawned.get((identity, clone.number))
            if known is None:
                maker = beginning.made or site
                assert maker.instruction is not None
                known = self.spawned[identity, clone.number] = Spawned(
                    clone,
                    beginning.handle,
                    beginning.pool,
                    effect,
                    (maker.clone, maker.instruction),
                    [],
                    callee,
                    workers=beginning.workers,
                )
                known.payload.extend((None, origin, node) for origin, node in origins)
                known.payload.extend((value, maker.clone, node) for value, node in bindings)
            if begun is None:
                known.served = True
            elif (begun.clone, begun.instruction) not in known.starts:
                known.starts.append((begun.clone, begun.instruction))

        key = ("thread", beginning.handle if started_by_handle else callee)
        self.invoke(
            callee, given, beginning.returned, CallSite(site.clone, site.instruction, link, key, opens=True)
        )

    def _makes_coroutine(self, callee: ObjectId) -> bool:
        """Whether a callable is a coroutine function: a thread that calls it runs nothing of it."""
        found = self.objects[callee]
        if isinstance(found, BoundObject):
            found = self.objects[found.function]
        return isinstance(found, FunctionObject) and found.function.is_async

    # -- who runs it

    def executors(self, spawned: Spawned) -> frozenset[ObjectId]:
        """The pools of which one runs what was handed over."""
        given = self.at(spawned.workers) - {self.none} if spawned.workers is not None else None
        if given:
            return frozenset(given)
        return frozenset([spawned.pool] if spawned.pool is not None else [])

    def is_serial(self, spawned: Spawned) -> bool:
        """Whether a pool of one worker runs it."""
        pools = self.executors(spawned)
        return bool(pools) and pools <= self.serial_pools

    def is_elsewhere(self, spawned: Spawned) -> bool:
        """Whether other processes run it."""
        pools = self.executors(spawned)
        return bool(pools) and all(any(m.elsewhere for _, m in self.models(p)) for p in pools)
