"""Carries out library knowledge: interprets the words of ``libraries.vocabulary`` on the heap."""

from __future__ import annotations

from collections.abc import Iterable

from flake8_sharedstate.facts.model import Build, Value
from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Field,
    Give,
    Invoke,
    Keep,
    Make,
    Put,
    PutAll,
    Source,
    Spawn,
    Start,
    Synchronize,
    Take,
    TakePairs,
    View,
)
from flake8_sharedstate.program.calls import Calls
from flake8_sharedstate.program.heap import (
    ANY,
    KEYS,
    UNKNOWN,
    CallArguments,
    CallSite,
    Event,
    Spawned,
)
from flake8_sharedstate.program.objects import (
    BoundObject,
    ClassObject,
    Clone,
    FunctionObject,
    InstanceObject,
    LibraryMethodObject,
    LibraryObject,
    Node,
    ObjectId,
    SuperObject,
)


class Effects(Calls):
    """Calls into libraries."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.kept: dict[tuple[ObjectId, str], list[tuple[Clone, Node]]] = {}
        self.serial_pools: set[ObjectId] = set()
        self.synchronized: set[tuple[int, int]] = set()
        self.permits: dict[ObjectId, bool] = {}
        self.made_by_threads: set[ObjectId] = set()
        """Objects of which each run of a thread gets a new one: what a pool constructs, handlers."""
        self.wrapped: dict[ObjectId, Node] = {}
        self._partials: dict[ObjectId, list[CallArguments]] = {}
        self._invoked: set[object] = set()

    # -- calls

    def call_library(self, name: str, arguments: CallArguments, result: Node, site: CallSite) -> None:
        if self.primitive(name, arguments, result, site):
            return
        if name in self.book.functions:
            self.apply(self.book.functions[name], None, arguments, result, site)
        elif name in self.book.types:
            made = self.library_object(site, name)
            self.construct_library(made, name, arguments, site)
            self.add(result, made)
        else:
            self._call_unknown(arguments, site)

    def _call_unknown(self, arguments: CallArguments, site: CallSite) -> None:
        """A function out of sight may call what it is given, in whatever thread: nothing is said of that."""
        ignored = self.new_node()
        site = CallSite(site.clone, site.instruction, lambda clone, bindings: None, site.key)
        for node in (*(n for n, _ in arguments.positional), *(n for _, n in arguments.keywords)):
            self.when(node, lambda c: self._call_given(c, ignored, site))

    def _call_given(self, callee: ObjectId, ignored: Node, site: CallSite) -> None:
        if isinstance(self.objects[callee], (FunctionObject, BoundObject)):
            self.invoke(callee, CallArguments(), ignored, site)

    def construct_library(
        self, made: ObjectId, name: str, arguments: CallArguments, site: CallSite
    ) -> None:
        lineage = self.book.lineage(name)
        constructed = False
        for ancestor in lineage:
            model = self.book.types.get(ancestor)
            if model is None:
                continue
            if model.construct and not constructed:
                constructed = True
                self.apply(model.construct, made, arguments, self.new_node(), site)
            if model.workers is not None and self._literal(model.workers, arguments, site) == 1:
                self.serial_pools.add(made)
            if model.lock is not None:
                if model.lock.permits is not None:
                    count = self._argument(model.lock.permits, arguments)
                    one = count is None or self._literal(model.lock.permits, arguments, site) == 1
                    self.permits[made] = self.permits.get(made, True) and one
                if model.lock.wraps is not None:
                    inner = self._argument(model.lock.wraps, arguments)
                    if inner is not None:
                        self.edge(inner, self.wrapped.setdefault(made, self.new_node()))

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
            together = CallArguments(
                (*given.positional, *arguments.positional), (*given.keywords, *arguments.keywords)
            )
            place = (number, id(given), site.clone.number, id(site.instruction), site.key)
            if place not in self._invoked:
                self._invoked.add(place)
                self.when(
                    self.field(number, "callable"), lambda c, a=together: self.invoke(c, a, result, site)
                )
        effects = self.book.method(found.type, "__call__")
        if effects is not None:
            self.apply(effects, number, arguments, result, site)

    # -- language primitives: what no description in words could say

    def primitive(self, name: str, arguments: CallArguments, result: Node, site: CallSite) -> bool:
        """Calls a built-in that is part of the language's object model; whether it was one."""
        nodes = [n for n, starred in arguments.positional if not starred]
        if name == "builtins.super":
            self._super(nodes, result, site)
        elif name == "builtins.type" and len(nodes) == 1:
            self.when(nodes[0], lambda n: self._add_class(n, result))
        elif name == "builtins.object.__new__" and nodes:
            self.when(
                nodes[0],
                lambda c: self.add(result, self.new_instance(c, site))
                if isinstance(self.objects[c], ClassObject)
                else None,
            )
        elif name in ("builtins.getattr", "builtins.setattr") and len(nodes) > 1:
            literal = self.literal(site.clone, nodes[1])
            if literal is None or not isinstance(literal.value, str):
                return True
            attribute = literal.value
            if name == "builtins.getattr":
                self.when(nodes[0], lambda n: self.read_attribute(n, attribute, result, site))
                if len(nodes) > 2:
                    self.edge(nodes[2], result)
            elif len(nodes) > 2:
                self.when(nodes[0], lambda n: self.write_attribute(n, attribute, nodes[2], site))
        elif name == "functools.partial" and nodes:
            made = self.library_object(site, name)
            given = CallArguments(arguments.positional[1:], arguments.keywords)
            known = self._partials.setdefault(made, [])
            if given not in known:
                known.append(given)
            self.edge(nodes[0], self.field(made, "callable"))
            self.add(result, made)
        else:
            return False
        return True

    def _super(self, nodes: list[Node], result: Node, site: CallSite) -> None:
        clone = site.clone
        if len(nodes) >= 2:
            pairs = nodes
        elif clone.home is not None and clone.function.parameters:
            pairs = [self.holder(clone.home), clone.node(clone.function.parameters[0].value)]
        else:
            return

        def make(cls: ObjectId, receiver: ObjectId) -> None:
            self.add(
                result,
                self.intern(("super", cls, receiver), lambda n: SuperObject(n, None, cls, receiver)),
            )

        self.when(pairs[0], lambda cls: self.when(pairs[1], lambda receiver: make(cls, receiver)))

    def _add_class(self, number: ObjectId, result: Node) -> None:
        found = self.get(number, InstanceObject)
        if found is not None:
            self.add(result, found.cls)

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
        for effect in effects:
            events = self.events.setdefault((site.clone.number, id(site.instruction)), [])
            event = Event(effect, receiver, arguments)
            if event not in events:
                events.append(event)
            if isinstance(effect, Keep):
                self._keep(effect, receiver, arguments, site)
            elif isinstance(effect, Put):
                source = self.source(effect.source, receiver, arguments)
                if source is not None:
                    self._into(effect.into, receiver, arguments, lambda o, e=effect, s=source: self._put(o, e, s, receiver, arguments, site))
            elif isinstance(effect, PutAll):
                source = self.source(effect.source, receiver, arguments)
                if source is not None:
                    self._into(
                        effect.into,
                        receiver,
                        arguments,
                        lambda o, s=source: self.when(s, lambda c: self._pour(c, o, site)),
                    )
            elif isinstance(effect, Take):
                self._into(
                    effect.of,
                    receiver,
                    arguments,
                    lambda o, e=effect: self._take(o, e, receiver, arguments, result, site),
                )
            elif isinstance(effect, TakePairs):
                self._into(effect.of, receiver, arguments, lambda o: self._pairs(o, result, site))
            elif isinstance(effect, Give):
                source = self.source(effect.source, receiver, arguments)
                if source is not None:
                    self.edge(source, result)
            elif isinstance(effect, Synchronize):
                self._into(effect.function, receiver, arguments, lambda f: self._synchronize(f, result))
            elif isinstance(effect, View):
                self._into(effect.of, receiver, arguments, lambda o: self._view(o, result, site))
            elif isinstance(effect, Make):
                self._make(effect, receiver, arguments, result, site)
            elif isinstance(effect, Invoke):
                self._invoke(effect, receiver, arguments, result, site)
            elif isinstance(effect, Spawn):
                self._spawn(effect, receiver, arguments, result, site)
            elif isinstance(effect, Start):
                assert receiver is not None
                self._start(effect, receiver, site)

    def _synchronize(self, number: ObjectId, result: Node) -> None:
        found = self.get(number, FunctionObject)
        if found is not None:
            self.synchronized.add(self.function_key(found))
            self.add(result, number)

    def own_lock(self, owner: ObjectId) -> ObjectId:
        """The lock that a synchronizing decorator keeps on an object."""
        site = self.objects[owner].site
        return self.intern(("own lock", owner), lambda n: LibraryObject(n, site, "threading.RLock"))

    def _into(self, source: Source, receiver: ObjectId | None, arguments: CallArguments, use: object) -> None:
        node = self.source(source, receiver, arguments)
        if node is not None:
            self.when(node, use)  # type: ignore[arg-type]

    def source(
        self, source: Source, receiver: ObjectId | None, arguments: CallArguments
    ) -> Node | None:
        """The node that a source of the vocabulary names in this call; None where it is not given."""
        if isinstance(source, Arg):
            return self._argument(source, arguments)
        if receiver is None:
            return None
        if isinstance(source, Field):
            return self.field(receiver, source.name)
        node = self.field(receiver, "<self>")
        self.add(node, receiver)
        return node

    def _argument(self, source: Arg, arguments: CallArguments) -> Node | None:
        if source.position is not None:
            for index, (node, starred) in enumerate(arguments.positional):
                if starred:
                    element = self.new_node()
                    offset = source.position - index
                    self.when(node, lambda c: self.read_item(c, offset, True, element))
                    return element
                if index == source.position:
                    return node
        if source.name is not None:
            for name, node in arguments.keywords:
                if name == source.name:
                    return node
        return None

    def _literal(self, source: Arg, arguments: CallArguments, site: CallSite) -> object:
        node = self._argument(source, arguments)
        literal = self.literal(site.clone, node) if node is not None else None
        return literal.value if literal is not None else None

    def _keep(
        self, effect: Keep, receiver: ObjectId | None, arguments: CallArguments, site: CallSite
    ) -> None:
        source = self.source(effect.source, receiver, arguments)
        if source is None or receiver is None:
            return
        self.edge(source, self.field(receiver, effect.field))
        origins = self.kept.setdefault((receiver, effect.field), [])
        if (site.clone, source) not in origins:
            origins.append((site.clone, source))

    def _put(
        self,
        owner: ObjectId,
        effect: Put,
        source: Node,
        receiver: ObjectId | None,
        arguments: CallArguments,
        site: CallSite,
    ) -> None:
        key = self.source(effect.key, receiver, arguments) if effect.key is not None else None
        literal = self.literal(site.clone, key) if key is not None else None
        self.write_item(owner, literal.value if literal else None, literal is not None, source)
        if key is not None:
            self.write_key(owner, key)

    def _pour(self, source: ObjectId, owner: ObjectId, site: CallSite) -> None:
        """Every item of one container becomes an item of another."""
        if source == owner:
            return
        if self.container(source) == "dict" and self.container(owner) == "dict":
            self.edge(self.field(source, KEYS), self.field(owner, KEYS))
            self.edge(self.field(source, ANY), self.field(owner, UNKNOWN))
            self.edge(self.field(source, ANY), self.field(owner, ANY))
            return
        self.elements(source, self.field(owner, UNKNOWN), site)
        self.elements(source, self.field(owner, ANY), site)

    def _take(
        self,
        owner: ObjectId,
        effect: Take,
        receiver: ObjectId | None,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        key = self.source(effect.key, receiver, arguments) if effect.key is not None else None
        literal = self.literal(site.clone, key) if key is not None else None
        if effect.key is None and self.container(owner) not in ("dict", None):
            self.elements(owner, result, site)
        else:
            self.read_item(owner, literal.value if literal else None, literal is not None, result)

    def _pairs(self, owner: ObjectId, result: Node, site: CallSite) -> None:
        outer = self.library_object(site, "builtins.list", "pairs")
        pair = self.library_object(site, "builtins.tuple", "pair")
        if self.container(owner) == "dict":
            self.edge(self.field(owner, KEYS), self.field(pair, "[0]"))
            self.edge(self.field(owner, ANY), self.field(pair, "[1]"))
        else:
            self.elements(owner, self.field(pair, "[1]"), site)
        self.edge(self.field(pair, "[0]"), self.field(pair, ANY))
        self.edge(self.field(pair, "[1]"), self.field(pair, ANY))
        self.add(self.field(outer, ANY), pair)
        self.add(self.field(outer, UNKNOWN), pair)
        self.add(result, outer)

    def _view(self, owner: ObjectId, result: Node, site: CallSite) -> None:
        view = self.library_object(site, "builtins.<view>", str(owner))
        if self.container(owner) == "dict":
            self.edge(self.field(owner, ANY), self.field(view, ANY))
        else:
            self.elements(owner, self.field(view, ANY), site)
        self.add(self.field(view, "of"), owner)
        self.add(result, view)

    def _make(
        self,
        effect: Make,
        receiver: ObjectId | None,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        made = self.library_object(site, effect.type, "made")
        for keep in effect.keep:
            source = self.source(keep.source, receiver, arguments)
            if source is not None:
                self.edge(source, self.field(made, keep.field))
        if effect.items is not None:
            source = self.source(effect.items, receiver, arguments)
            if source is not None:
                self.when(source, lambda c: self._pour(c, made, site))
        self.add(result, made)

    def _invoke(
        self,
        effect: Invoke,
        receiver: ObjectId | None,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        callee = self.source(effect.callable, receiver, arguments)
        if callee is None:
            return
        given = self.arguments(effect.arguments, receiver, arguments, site)
        returned = result if effect.give else self.new_node()
        place = (id(effect), receiver, site.clone.number, id(site.instruction), site.key)

        def call(number: ObjectId) -> None:
            # A wrapper may come to wrap itself: once for each callee and place is enough.
            if (number, place) not in self._invoked:
                self._invoked.add((number, place))
                self.invoke(number, given, returned, site)

        self.when(callee, call)

    def arguments(
        self,
        described: Arguments,
        receiver: ObjectId | None,
        arguments: CallArguments,
        site: CallSite,
    ) -> CallArguments:
        """The arguments with which the library calls a callable."""
        positional: list[tuple[Node, bool]] = []
        keywords: list[tuple[str | None, Node]] = []
        for value in described.values:
            node = self.source(value, receiver, arguments)
            if node is not None:
                positional.append((node, False))
        if described.rest is not None:
            positional.extend(arguments.positional[described.rest :])
            keywords.extend(arguments.keywords)
        if described.unpacked is not None:
            positional.extend(self._unpacked(described.unpacked, receiver, arguments))
        if described.each is not None:
            node = self.source(described.each, receiver, arguments)
            if node is not None:
                positional.append((self._element(node, site), False))
        if described.each_rest is not None:
            for node, _ in arguments.positional[described.each_rest :]:
                positional.append((self._element(node, site), False))
        if described.each_unpacked is not None:
            node = self.source(described.each_unpacked, receiver, arguments)
            if node is not None:
                positional.append((self._element(node, site), True))
        if described.named is not None:
            node = self.source(described.named, receiver, arguments)
            if node is not None:
                keywords.append((None, node))
        return CallArguments(tuple(positional), tuple(keywords))

    def _element(self, node: Node, site: CallSite) -> Node:
        element = self.new_node()
        self.when(node, lambda c: self.elements(c, element, site))
        return element

    def _unpacked(
        self, source: Source, receiver: ObjectId | None, arguments: CallArguments
    ) -> list[tuple[Node, bool]]:
        node = self.source(source, receiver, arguments)
        if node is None:
            return []
        # A display in sight tells each argument's own origin; else only its position is known.
        if isinstance(source, Field) and receiver is not None:
            origins = self.kept.get((receiver, source.name), [])
            if len(origins) == 1:
                shown = self.display(*origins[0])
                if shown is not None:
                    return [(n, False) for n in shown]
        return [(node, True)]

    def display(self, clone: Clone, node: Node) -> list[Node] | None:
        """The nodes of the elements, where a node is a tuple or list display without stars."""
        value = self.value_of(clone, node)
        if value is None:
            return None
        definition = self.definitions(clone.function)[value]
        if (
            isinstance(definition, Build)
            and definition.kind in ("tuple", "list")
            and definition.items
            and not any(starred for _, _, starred in definition.items)
        ):
            return [clone.node(element) for _, element, _ in definition.items]
        return None

    # -- threads

    def _spawn(
        self,
        effect: Spawn,
        receiver: ObjectId | None,
        arguments: CallArguments,
        result: Node,
        site: CallSite,
    ) -> None:
        handle = None
        if effect.handle is not None:
            handle = self.library_object(site, effect.handle, "handle")
            self.add(result, handle)
        callee = self.source(effect.callable, receiver, arguments)
        if callee is None:
            return
        given = self.arguments(effect.arguments, receiver, arguments, site)
        returned = self.new_node()
        if handle is not None:
            self.edge(returned, self.field(handle, "result"))
            self.edge(returned, self.field(handle, ANY))
        else:
            self.edge(returned, result)
        origin = [(site.clone, callee)]

        def each(number: ObjectId) -> None:
            if effect.instantiate:
                self._serve(effect, number, receiver, site)
            else:
                self._begin(effect, number, handle, receiver, given, returned, site, origin)

        self.when(callee, each)

    def _begin(
        self,
        effect: Effect,
        callee: ObjectId,
        handle: ObjectId | None,
        pool: ObjectId | None,
        given: CallArguments,
        returned: Node,
        site: CallSite,
        origin: list[tuple[Clone, Node]],
        made: CallSite | None = None,
    ) -> None:
        def link(clone: Clone, bindings: tuple[tuple[Value, Node], ...]) -> None:
            maker = made or site
            receiver = self.objects[clone.receiver] if clone.receiver is not None else None
            if receiver is not None and receiver.site is not None and made is None:
                if receiver.site.instruction is site.instruction:
                    self.made_by_threads.add(receiver.number)
            assert maker.instruction is not None and site.instruction is not None
            identity = handle if isinstance(effect, Start) else id(site.instruction)
            key = (identity, site.clone.number if not isinstance(effect, Start) else -1, clone.number)
            known = self.spawned.get(key)
            if known is None:
                known = self.spawned[key] = Spawned(
                    clone, handle, pool, effect, (maker.clone, maker.instruction), [], callee
                )
                known.payload.extend((None, c, n) for c, n in origin)
                known.payload.extend((value, maker.clone, node) for value, node in bindings)
            start = (site.clone, site.instruction)
            if start not in known.starts:
                known.starts.append(start)

        key = ("thread", handle if isinstance(effect, Start) else callee)
        self.invoke(callee, given, returned, CallSite(site.clone, site.instruction, link, key))

    def _start(self, effect: Start, thread: ObjectId, site: CallSite) -> None:
        found = self.objects[thread]
        returned = self.new_node()
        where = found.site
        made = (
            CallSite(where.clone, where.instruction, site.link)
            if where is not None and where.instruction is not None
            else None
        )

        def run_target() -> None:
            given = self.arguments(
                Arguments(unpacked=Field(effect.args), named=Field(effect.kwargs)),
                thread,
                CallArguments(),
                site,
            )
            origin = self.kept.setdefault((thread, effect.target), [])
            self.when(
                self.field(thread, effect.target),
                lambda c: self._begin(
                    effect, c, thread, None, given, returned, site, list(origin), made
                ),
            )

        if isinstance(found, InstanceObject):
            self.lookup(
                found.cls,
                "run",
                lambda node: self.when(
                    node,
                    lambda f: self._begin(
                        effect,
                        self.bound(f, thread),
                        thread,
                        None,
                        CallArguments(),
                        returned,
                        site,
                        [],
                        made,
                    ),
                ),
                lambda base: run_target(),
            )
        else:
            run_target()

    def _serve(
        self, effect: Spawn, cls: ObjectId, server: ObjectId | None, site: CallSite
    ) -> None:
        """A server makes an instance of a handler class for each request and runs it."""
        if not isinstance(self.objects[cls], ClassObject):
            return
        own = CallSite(site.clone, site.instruction, site.link, "handler")
        handler = self.new_instance(cls, own)
        if server is not None:
            self.add(self.field(handler, "server"), server)
        names: list[str] = []
        for ancestor in self.linearized(cls):
            found = self.get(ancestor, ClassObject)
            if found is not None:
                names.extend(n for n in sorted(found.function.names) if n not in names)
        for name in names:
            if name in effect.runs or any(
                pattern.endswith("*") and name.startswith(pattern[:-1]) for pattern in effect.runs
            ):
                method = self.new_node()
                self.read_attribute(handler, name, method, own)
                self.when(
                    method,
                    lambda m: self._begin(
                        effect, m, None, server, CallArguments(), self.new_node(), own, []
                    ),
                )
