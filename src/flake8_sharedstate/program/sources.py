"""What the sources of the vocabulary name in one call: its arguments, its receiver, what that keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flake8_sharedstate.facts.model import Build
from flake8_sharedstate.libraries.vocabulary import Arg, Arguments, Field, Keep, Named, New, Source
from flake8_sharedstate.program.calls import Calls
from flake8_sharedstate.program.heap import CallArguments, CallSite
from flake8_sharedstate.program.objects import Clone, Module, Node, ObjectId


@dataclass(slots=True, eq=False)
class LibraryCall:
    """One call of something that a library describes."""

    receiver: ObjectId | None
    arguments: CallArguments
    result: Node
    site: CallSite


class Sources(Calls):
    """Finds the nodes that the vocabulary speaks of."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self._kept: dict[tuple[ObjectId, str], list[tuple[Clone, Node]]] = {}

    def source(self, source: Source, receiver: ObjectId | None, arguments: CallArguments) -> Node | None:
        """The node that a source names in a call; None where it is not given."""
        if isinstance(source, Arg):
            return self.argument(source, arguments)
        if isinstance(source, Named):
            number = self.qualified(source.name)
            self.denotes(number)
            return self.holder(number)
        if receiver is None or isinstance(source, New):
            return None
        if isinstance(source, Field):
            return self.field(receiver, source.name)
        node = self.field(receiver, "<self>")
        self.add(node, receiver)
        return node

    def argument(self, source: Arg, arguments: CallArguments) -> Node | None:
        """The node of an argument; None where it is not given."""
        if source.position is not None:
            for index, (node, starred) in enumerate(arguments.positional):
                if starred:
                    return self._item_of(node, source.position - index)
                if index == source.position:
                    return node
        if source.name is not None:
            for name, node in arguments.keywords:
                if name == source.name:
                    return node
        return None

    def _item_of(self, node: Node, offset: int) -> Node:
        item = self.new_node()
        self.when(node, lambda c: self.read_item(c, offset, True, item))
        return item

    def literal_argument(self, source: Arg, arguments: CallArguments, site: CallSite) -> object:
        """The value of an argument that is a literal; None for others."""
        node = self.argument(source, arguments)
        literal = self.literal(site.clone, node) if node is not None else None
        return literal.value if literal is not None else None

    def named(self, source: Source, call: LibraryCall) -> Node | None:
        """The node that a source names in a call of a library."""
        if isinstance(source, New):
            return self.holder(self.library_object(call.site, source.type, "new"))
        return self.source(source, call.receiver, call.arguments)

    def each(self, source: Source, call: LibraryCall, use: Callable[[ObjectId], None]) -> None:
        """Calls ``use`` with each object that a source can be."""
        node = self.named(source, call)
        if node is not None:
            self.when(node, use)

    # -- what a receiver keeps

    def keep(self, effect: Keep, call: LibraryCall) -> None:
        source = self.named(effect.source, call)
        if source is None or call.receiver is None:
            return
        self.edge(source, self.field(call.receiver, effect.field))
        origins = self._kept.setdefault((call.receiver, effect.field), [])
        if (call.site.clone, source) not in origins:
            origins.append((call.site.clone, source))

    def origins(self, owner: ObjectId, name: str) -> list[tuple[Clone, Node]]:
        """Where what an object keeps under a name comes from: nodes and the clones they are of."""
        return list(self._kept.get((owner, name), ()))

    # -- the arguments with which a library calls

    def passed(self, described: Arguments, call: LibraryCall) -> CallArguments:
        """The arguments with which the library calls a callable."""
        given = call.arguments
        positional = [(node, False) for node in self._nodes(described.values, call)]
        keywords: list[tuple[str | None, Node]] = []
        if described.rest is not None:
            positional += given.positional[described.rest :]
            keywords += given.keywords
        if described.unpacked is not None:
            positional += self._unpacked(described.unpacked, call)
        for node in self._nodes((described.each,), call):
            positional.append((self.element(node, call.site), False))
        if described.each_rest is not None:
            for node, _ in given.positional[described.each_rest :]:
                positional.append((self.element(node, call.site), False))
        for node in self._nodes((described.each_unpacked,), call):
            positional.append((self.element(node, call.site), True))
        for node in self._nodes((described.named,), call):
            keywords.append((None, node))
        return CallArguments(tuple(positional), tuple(keywords))

    def _nodes(self, sources: tuple[Source | None, ...], call: LibraryCall) -> list[Node]:
        nodes = (self.named(source, call) for source in sources if source is not None)
        return [node for node in nodes if node is not None]

    def element(self, node: Node, site: CallSite) -> Node:
        """A fresh node that gets what iterating the objects of a node gives."""
        element = self.new_node()
        self.when(node, lambda c: self.elements(c, element, site))
        return element

    def _unpacked(self, source: Source, call: LibraryCall) -> list[tuple[Node, bool]]:
        node = self.named(source, call)
        if node is None:
            return []
        # A display in sight tells each argument's own origin; else only its position is known.
        if isinstance(source, Field) and call.receiver is not None:
            origins = self.origins(call.receiver, source.name)
            if len(origins) == 1:
                shown = self._display(*origins[0])
                if shown is not None:
                    return [(n, False) for n in shown]
        return [(node, True)]

    def _display(self, clone: Clone, node: Node) -> list[Node] | None:
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
