"""Where threads begin: callables that a library hands to other threads."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import Arguments, Field, Spawn, Start, Threads
from flake8_sharedstate.program.heap import ANY, CallArguments, CallSite, Spawned
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    InstanceObject,
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
    returned: Node
    """Gets what the callable returns."""
    handle: ObjectId | None = None
    pool: ObjectId | None = None
    made: Site | None = None
    """Where a thread object was made and given its arguments, if elsewhere than it is started."""


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

    def spawn(self, effect: Spawn, call: LibraryCall) -> None:
        if effect.threads is Threads.ELSEWHERE:
            self._run_elsewhere(effect, call)
            return
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
        beginning = _Beginning(effect, call.site, returned, handle, call.receiver)

        def begin(number: ObjectId) -> None:
            if effect.runs:
                self._serve(effect, number, call)
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

    def _serve(self, effect: Spawn, served: ObjectId, call: LibraryCall) -> None:
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
        beginning = _Beginning(effect, own, self.new_node(), pool=call.receiver)

        def run(method: ObjectId) -> None:
            self._begin(beginning, method, CallArguments(), [])

        for name in self._served_names(found.cls, effect.runs):
            method = self.new_node()
            self.read_attribute(served, name, method, own)
            self.when(method, run)

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
        beginning = _Beginning(effect, call.site, self.new_node(), thread, made=made)

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
        effect, site = beginning.effect, beginning.site
        started_by_handle = isinstance(effect, Start)
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
                )
                known.payload.extend((None, origin, node) for origin, node in origins)
                known.payload.extend((value, maker.clone, node) for value, node in bindings)
            start = (site.clone, site.instruction)
            if start not in known.starts:
                known.starts.append(start)

        key = ("thread", beginning.handle if started_by_handle else callee)
        self.invoke(
            callee, given, beginning.returned, CallSite(site.clone, site.instruction, link, key, opens=True)
        )
