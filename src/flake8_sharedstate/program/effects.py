"""Calls into libraries: carries out what ``libraries.vocabulary`` says of them, and what it could not say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flake8_sharedstate.libraries import vocabulary
from flake8_sharedstate.libraries.vocabulary import Effect, Give, Identify, Identity, If, Invoke
from flake8_sharedstate.program.containers import Containers
from flake8_sharedstate.program.heap import CallArguments, CallSite, Event, unseen
from flake8_sharedstate.program.locking import Locking
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    Module,
    Node,
    ObjectId,
    ProcessObject,
    SuperObject,
)
from flake8_sharedstate.program.sources import LibraryCall
from flake8_sharedstate.program.spawning import Spawning


class Effects(Containers, Spawning, Locking):
    """Calls of what lies outside the program."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.events: dict[tuple[int, int], list[Event]] = {}
        self._partials: dict[ObjectId, list[CallArguments]] = {}
        self._invoked: set[object] = set()
        self.unanswered: list[tuple[str, LibraryCall]] = []
        """The calls of what no library describes, of which nothing was asked yet."""
        self.wanted: set[Node] = set()
        """The nodes of what is entered, called to decorate, or has a telling method read."""

    # -- what is called

    def call_library(self, name: str, arguments: CallArguments, result: Node, site: CallSite) -> None:
        primitive = _PRIMITIVES.get(name)
        if primitive is not None and primitive(self, arguments, result, site):
            return
        if name in self.book.functions:
            self.apply(self.book.functions[name], None, arguments, result, site)
        elif self.book.is_written(name):
            self._make_library(name, arguments, result, site)
        elif name.endswith(".__init__"):
            self._construct_base(name.removesuffix(".__init__"), arguments, site)
        elif (effects := self.unbound_method(name)) is not None:
            self._call_unbound(effects, arguments, result, site)
        else:
            self._call_unknown(arguments, site)
            self.unanswered.append((name, LibraryCall(None, arguments, result, site)))

    def unbound_method(self, name: str) -> tuple[Effect, ...] | None:
        """The effects of a method that is named through its class (``dict.get``), if that is described."""
        type_name, _, method = name.rpartition(".")
        return self.book.method(type_name, method) if self.book.is_written(type_name) else None

    def _call_unbound(
        self, effects: tuple[Effect, ...], arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        """``dict.get(mapping, key)`` as ``mapping.get(key)``."""
        if arguments.positional and not arguments.positional[0][1]:
            rest = CallArguments(arguments.positional[1:], arguments.keywords)
            self.when(
                arguments.positional[0][0],
                lambda receiver: self.apply(effects, receiver, rest, result, site),
            )

    def ask(self) -> bool:
        """Asks about the calls of what no library describes, where the answer makes a difference.

        That is where what they give back may be entered, acquired, started or called to decorate.
        Gives whether anything was found out.
        """
        waiting, self.unanswered = self.unanswered, []
        reached: dict[Node, bool] = {}
        found = False
        for name, call in waiting:
            if not self.reaches(call.result, self.wanted, reached):
                self.unanswered.append((name, call))
            elif self.book.may_tell(name):
                found |= self._ask_of(name, call)
        return found

    def _ask_of(self, name: str, call: LibraryCall) -> bool:
        answer = self.book.answer(name)
        if answer.alias is not None:
            self.call_library(answer.alias, call.arguments, call.result, call.site)
        elif answer.effects is not None:
            self.apply(answer.effects, None, call.arguments, call.result, call.site)
        elif answer.makes:
            self._make_library(name, call.arguments, call.result, call.site)
        else:
            return False
        return True

    def _make_library(self, name: str, arguments: CallArguments, result: Node, site: CallSite) -> None:
        made = self.library_object(site, name)
        self.construct_library(made, name, arguments, site)
        self.add(result, made)

    def _call_unknown(self, arguments: CallArguments, site: CallSite) -> None:
        """A function out of sight may call what it is given, in whatever thread: nothing is said of that."""
        ignored, own = self.new_node(), unseen(site.clone, site.instruction, site.key)

        def call(callee: ObjectId) -> None:
            if isinstance(self.objects[callee], (FunctionObject, BoundObject)):
                self.invoke(callee, CallArguments(), ignored, own)

        for node in (*(n for n, _ in arguments.positional), *(n for _, n in arguments.keywords)):
            self.when(node, call)

    def _construct_base(self, name: str, arguments: CallArguments, site: CallSite) -> None:
        """``Base.__init__(self, ...)``: what the constructor does is done to the first argument."""
        rest = CallArguments(arguments.positional[1:], arguments.keywords)
        for node, starred in arguments.positional[:1]:
            if not starred:
                self.when(node, lambda made: self.construct_library(made, name, rest, site))

    def construct_library(self, made: ObjectId, name: str, arguments: CallArguments, site: CallSite) -> None:
        constructed = False
        for _, model in self.book.described(name):
            if model.construct is not None and not constructed:
                constructed = True
                self.apply(model.construct, made, arguments, self.new_node(), site)
            if model.workers is not None and self.literal_argument(model.workers, arguments, site) == 1:
                self.serial_pools.add(made)
            if model.lock is not None:
                self.construct_lock(made, model.lock, arguments, site)

    def assign_library(self, owner: ObjectId, name: str, src: Node, site: CallSite) -> None:
        for _, model in self.models(owner):
            if name in model.assigned:
                self.apply(model.assigned[name], owner, CallArguments(((src, False),)), self.new_node(), site)
                return

    def call_library_method(
        self, method: LibraryMethodObject, arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        if method.method == "__init__":
            self.construct_library(method.receiver, method.type, arguments, site)
            return
        effects = self.book.method(method.type, method.method)
        if effects is not None:
            self.apply(effects, method.receiver, arguments, result, site)

    def call_library_object(
        self, number: ObjectId, arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        found = self.get(number, LibraryObject)
        assert found is not None
        for given in self._partials.get(number, ()):
            self._call_partial(number, given, arguments, result, site)
        effects = self.book.method(found.type, "__call__")
        if effects is not None:
            self.apply(effects, number, arguments, result, site)

    def _call_partial(
        self, number: ObjectId, given: CallArguments, arguments: CallArguments, result: Node, site: CallSite
    ) -> None:
        place = (number, id(given), site.clone.number, id(site.instruction), site.key)
        if place in self._invoked:
            return
        self._invoked.add(place)
        together = CallArguments(
            (*given.positional, *arguments.positional), (*given.keywords, *arguments.keywords)
        )
        self.when(self.field(number, "callable"), lambda c: self.invoke(c, together, result, site))

    # -- language primitives: what no description in words could say

    def super_(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        nodes, clone = arguments.unstarred(), site.clone
        if len(nodes) >= 2:
            classes, receivers = nodes[:2]
        elif clone.home is not None and clone.function.parameters:
            classes, receivers = self.holder(clone.home), clone.node(clone.function.parameters[0].value)
        else:
            return True

        def make(cls: ObjectId, receiver: ObjectId) -> None:
            key = ("super", cls, receiver)
            self.add(result, self.intern(key, lambda n: SuperObject(n, None, cls, receiver)))

        self.when(classes, lambda cls: self.when(receivers, lambda receiver: make(cls, receiver)))
        return True

    def type_(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        nodes = arguments.unstarred()
        if len(nodes) != 1:
            return False

        def add_class(number: ObjectId) -> None:
            found = self.get(number, InstanceObject)
            if found is not None:
                self.add(result, found.cls)

        self.when(nodes[0], add_class)
        self.apply((vocabulary.Specialized(),), None, arguments, result, site)
        return True

    def type_call(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        """``super().__call__(...)`` in a metaclass: the ordinary making of an instance."""
        rest = CallArguments(arguments.positional[1:], arguments.keywords)

        def make(cls: ObjectId) -> None:
            if isinstance(self.objects[cls], ClassObject):
                self.make_instance(cls, rest, result, site)

        for node, _ in arguments.positional[:1]:
            self.when(node, make)
        return True

    def object_new(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        nodes = arguments.unstarred()
        if not nodes:
            return False

        def make(cls: ObjectId) -> None:
            if isinstance(self.objects[cls], ClassObject):
                self.add(result, self.new_instance(cls, site))

        self.when(nodes[0], make)
        return True

    def getattr_(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        nodes = arguments.unstarred()
        if len(nodes) < 2:
            return False
        name = self.literal(site.clone, nodes[1])
        if name is not None and isinstance(name.value, str):
            attribute = name.value
            self.when(nodes[0], lambda n: self.read_attribute(n, attribute, result, site))
            if len(nodes) > 2:
                self.edge(nodes[2], result)
        return True

    def setattr_(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        nodes = arguments.unstarred()
        if len(nodes) < 2:
            return False
        name = self.literal(site.clone, nodes[1])
        if name is not None and isinstance(name.value, str) and len(nodes) > 2:
            attribute = name.value
            self.when(nodes[0], lambda n: self.write_attribute(n, attribute, nodes[2], site))
        return True

    def partial(self, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        nodes = arguments.unstarred()
        if not nodes:
            return False
        made = self.library_object(site, "functools.partial")
        given = CallArguments(arguments.positional[1:], arguments.keywords)
        known = self._partials.setdefault(made, [])
        if given not in known:
            known.append(given)
        self.edge(nodes[0], self.field(made, "callable"))
        self.add(result, made)
        return True

    # -- effects

    def apply(
        self,
        effects: Iterable[Effect],
        receiver: ObjectId | None,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        """Carries out the effects of one call, and keeps them for the later stages."""
        call = LibraryCall(receiver, arguments, result, site)
        events = self.events.setdefault((site.clone.number, id(site.instruction)), [])
        for effect in effects:
            if isinstance(effect, If):
                is_so = self.literal_argument(effect.argument, arguments, site) == effect.value
                self.apply(effect.then if is_so else effect.otherwise, receiver, arguments, result, site)
                continue
            event = Event(effect, receiver, arguments)
            if event not in events:
                events.append(event)
            handler = _EFFECTS.get(type(effect))
            if handler is not None:
                handler(self, effect, call)

    def give(self, effect: Give, call: LibraryCall) -> None:
        source = self.named(effect.source, call)
        if source is not None:
            self.edge(source, call.result)

    def identify(self, effect: Identify, call: LibraryCall) -> None:
        if effect.who is Identity.PROCESS:
            self.add(call.result, self.intern(("process",), lambda n: ProcessObject(n, None)))

    def call_back(self, effect: Invoke, call: LibraryCall) -> None:
        callee = self.named(effect.callable, call)
        if callee is None:
            return
        given, site = self.passed(effect.arguments, call), call.site
        returned = call.result if effect.give else self.new_node()
        place = (id(effect), call.receiver, site.clone.number, id(site.instruction), site.key)

        def run(number: ObjectId) -> None:
            # A wrapper may come to wrap itself: once for each callee and place is enough.
            if (number, place) not in self._invoked:
                self._invoked.add((number, place))
                self.invoke(number, given, returned, site)

        self.when(callee, run)


_PRIMITIVES: dict[str, Callable[[Effects, CallArguments, Node, CallSite], bool]] = {
    "builtins.super": Effects.super_,
    "builtins.type": Effects.type_,
    "builtins.object.__new__": Effects.object_new,
    "builtins.type.__call__": Effects.type_call,
    "builtins.getattr": Effects.getattr_,
    "builtins.setattr": Effects.setattr_,
    "functools.partial": Effects.partial,
}
"""Whether the call was one that the language's object model knows; else its description counts."""

_EFFECTS: dict[type, Callable[[Effects, Any, LibraryCall], None]] = {
    vocabulary.Keep: Effects.keep,
    vocabulary.Put: Effects.put,
    vocabulary.PutAll: Effects.put_all,
    vocabulary.Take: Effects.take,
    vocabulary.TakePairs: Effects.take_pairs,
    vocabulary.TakeTuples: Effects.take_tuples,
    vocabulary.Give: Effects.give,
    vocabulary.Identify: Effects.identify,
    vocabulary.Synchronize: Effects.synchronize,
    vocabulary.View: Effects.view,
    vocabulary.Make: Effects.make,
    vocabulary.Invoke: Effects.call_back,
    vocabulary.Spawn: Effects.spawn,
    vocabulary.Register: Effects.register,
    vocabulary.Begin: Effects.begin,
    vocabulary.Mark: Effects.mark,
    vocabulary.Side: Effects.side,
    vocabulary.Start: Effects.start,
}
