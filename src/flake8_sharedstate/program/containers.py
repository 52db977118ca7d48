"""What library calls do to containers: put in, take out, pour, view, make."""

from __future__ import annotations

from flake8_sharedstate.facts.model import Const
from flake8_sharedstate.libraries.vocabulary import (
    Make,
    Put,
    PutAll,
    Source,
    Take,
    TakePairs,
    TakeTuples,
    View,
)
from flake8_sharedstate.program.heap import ANY, KEYS, UNKNOWN, CallSite, item
from flake8_sharedstate.program.objects import Module, Node, ObjectId
from flake8_sharedstate.program.sources import LibraryCall, Sources


class Containers(Sources):
    """Effects on the items of objects."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self._shown: dict[ObjectId, ObjectId] = {}
        """For each view the container that it shows."""

    def put(self, effect: Put, call: LibraryCall) -> None:
        source = self.named(effect.source, call)
        if source is None:
            return
        key, literal = self._key(effect.key, call)

        def write(owner: ObjectId) -> None:
            self.write_item(owner, literal.value if literal else None, literal is not None, source)
            if key is not None:
                self.write_key(owner, key)

        self.each(effect.into, call, write)

    def put_all(self, effect: PutAll, call: LibraryCall) -> None:
        source = self.named(effect.source, call)
        if source is None:
            return

        def fill(owner: ObjectId) -> None:
            self.when(source, lambda container: self.pour(container, owner, call.site))

        self.each(effect.into, call, fill)

    def take(self, effect: Take, call: LibraryCall) -> None:
        _, literal = self._key(effect.key, call)

        def read(owner: ObjectId) -> None:
            if effect.key is None and self.container(owner) not in ("dict", None):
                self.elements(owner, call.result, call.site)
            else:
                self.read_item(owner, literal.value if literal else None, literal is not None, call.result)

        self.each(effect.of, call, read)

    def _key(self, source: Source | None, call: LibraryCall) -> tuple[Node | None, Const | None]:
        key = self.named(source, call) if source is not None else None
        return key, self.literal(call.site.clone, key) if key is not None else None

    def take_pairs(self, effect: TakePairs, call: LibraryCall) -> None:
        self.each(effect.of, call, lambda owner: self._pair_up(owner, call))

    def _pair_up(self, owner: ObjectId, call: LibraryCall) -> None:
        outer = self.library_object(call.site, "builtins.list", "pairs")
        pair = self.library_object(call.site, "builtins.tuple", "pair")
        first, second = self.field(pair, item(0)), self.field(pair, item(1))
        if self.container(owner) == "dict":
            self.edge(self.field(owner, KEYS), first)
            self.edge(self.field(owner, ANY), second)
        else:
            self.elements(owner, second, call.site)
        self.edge(first, self.field(pair, ANY))
        self.edge(second, self.field(pair, ANY))
        self.add(self.field(outer, ANY), pair)
        self.add(self.field(outer, UNKNOWN), pair)
        self.add(call.result, outer)

    def take_tuples(self, effect: TakeTuples, call: LibraryCall) -> None:
        outer = self.library_object(call.site, "builtins.list", "tuples")
        inner = self.library_object(call.site, "builtins.tuple", "tuple")
        for index, (node, _) in enumerate(call.arguments.positional):
            element = self.field(inner, item(index))
            self.when(node, lambda owner, e=element: self.elements(owner, e, call.site))  # type: ignore[misc]
            self.edge(element, self.field(inner, ANY))
        self.add(self.field(outer, ANY), inner)
        self.add(self.field(outer, UNKNOWN), inner)
        self.add(call.result, outer)

    def view(self, effect: View, call: LibraryCall) -> None:
        self.each(effect.of, call, lambda owner: self._view_of(owner, call))

    def _view_of(self, owner: ObjectId, call: LibraryCall) -> None:
        # A view of a view shows what that shows: a loop that views its own result ends.
        shown = self._shown.get(owner, owner)
        view = self.library_object(call.site, "builtins.<view>", str(shown))
        self._shown[view] = shown
        if self.container(owner) == "dict":
            self.edge(self.field(owner, ANY), self.field(view, ANY))
        else:
            self.elements(owner, self.field(view, ANY), call.site)
        self.add(call.result, view)

    def make(self, effect: Make, call: LibraryCall) -> None:
        made = self.library_object(call.site, effect.type, "made")
        for keep in effect.keep:
            source = self.named(keep.source, call)
            if source is not None:
                self.edge(source, self.field(made, keep.field))
        if effect.items is not None:
            self.each(effect.items, call, lambda container: self.pour(container, made, call.site))
        self.add(call.result, made)

    def pour(self, source: ObjectId, owner: ObjectId, site: CallSite) -> None:
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
