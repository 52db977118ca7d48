"""Where threads begin: callables that a library hands to other threads."""

from __future__ import annotations

from flake8_sharedstate.facts.model import Value
from flake8_sharedstate.libraries.vocabulary import Arguments, Field, Spawn, Start
from flake8_sharedstate.program.heap import ANY, CallArguments, CallSite, Spawned
from flake8_sharedstate.program.objects import ClassObject, Clone, InstanceObject, Module, Node, ObjectId
from flake8_sharedstate.program.sources import LibraryCall, Sources


class Spawning(Sources):
    """Records what threads run and what they are given."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.spawned: dict[object, Spawned] = {}
        self.serial_pools: set[ObjectId] = set()
        self.made_by_threads: set[ObjectId] = set()
        """Objects of which each run of a thread gets a new one: what a pool constructs, handlers."""

    def spawn(self, effect: Spawn, call: LibraryCall) -> None:
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
        origin = [(call.site.clone, callee)]

        def each(number: ObjectId) -> None:
            if effect.instantiate:
                self._serve(effect, number, call)
            else:
                self._hand_over(effect, number, handle, call.receiver, given, returned, call.site, origin)

        self.when(callee, each)

    def _serve(self, effect: Spawn, cls: ObjectId, call: LibraryCall) -> None:
        """A server makes an instance of a handler class for each request and runs it."""
        if not isinstance(self.objects[cls], ClassObject):
            return
        own = CallSite(call.site.clone, call.site.instruction, call.site.link, "handler")
        handler = self.new_instance(cls, own)
        if call.receiver is not None:
            self.add(self.field(handler, "server"), call.receiver)
        names: list[str] = []
        for ancestor in self.linearized(cls):
            found = self.get(ancestor, ClassObject)
            if found is not None:
                names.extend(n for n in sorted(found.function.names) if n not in names)

        def run(method: ObjectId) -> None:
            self._hand_over(effect, method, None, call.receiver, CallArguments(), self.new_node(), own, [])

        for name in names:
            if name in effect.runs or any(
                pattern.endswith("*") and name.startswith(pattern[:-1]) for pattern in effect.runs
            ):
                method = self.new_node()
                self.read_attribute(handler, name, method, own)
                self.when(method, run)
