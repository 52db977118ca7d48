"""What only absence tells: decorators out of sight, and annotations where no caller says what comes."""

from __future__ import annotations

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function
from flake8_sharedstate.program.instructions import Instructions
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    LibraryObject,
    Module,
    Node,
    ObjectId,
    QualifiedObject,
)


class Beliefs(Instructions):
    """Solves, and fills in what nothing in sight says."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self._done: set[object] = set()
        self._looked_at = 0
        self._annotated: list[Clone] = []
        """Those of the clones that were looked at which have annotations."""
        self._declared: dict[Function, list[model.Declare]] = {}

    def instance(self, cls: ObjectId) -> ObjectId:
        """The synthetic instance of a class; its constructor has run."""
        raise NotImplementedError

    def settle(self) -> None:
        """Solves, then fills in what only absence tells, until nothing is left to fill in."""
        done = -1
        while done != len(self._done):
            done = len(self._done)
            self.solve()
            while self.ask():
                self.solve()
            self._pass_through_decorators()
            self._believe_annotations()

    def once(self, key: object) -> bool:
        """Whether this is the first time that something is done."""
        if key in self._done:
            return False
        self._done.add(key)
        return True

    def is_done(self, key: object) -> bool:
        """Whether something was done once."""
        return key in self._done

    def _pass_through_decorators(self) -> None:
        """A decorator out of sight is taken to give back what it decorates."""
        for clone, i in self.decorations:
            if not self.at(clone.node(i.dst)) and self.once(("decorator", clone.number, id(i))):
                for argument, _ in i.args:
                    self.edge(clone.node(argument), clone.node(i.dst))

    def _believe_annotations(self) -> None:
        """Where no caller tells what a parameter is, its annotation does."""
        fresh = self.clones[self._looked_at :]
        self._looked_at = len(self.clones)
        self._annotated += [c for c in fresh if c.annotations or self._declarations(c.function)]
        for clone in list(self._annotated):
            for value, classes in clone.annotations.items():
                self._believe(clone.node(value), classes, ("parameter", clone.number, value))
            for declaration in self._declarations(clone.function):
                self._believe_declared(clone, declaration)

    def _declarations(self, function: Function) -> list[model.Declare]:
        known = self._declared.get(function)
        if known is None:
            known = self._declared[function] = [
                i for block in function.blocks for i in block.instructions if isinstance(i, model.Declare)
            ]
        return known

    def _believe_declared(self, clone: Clone, i: model.Declare) -> None:
        place = self.definitions(clone.function)[i.dst]
        classes = tuple(clone.node(c) for c in i.classes)
        key = ("declared", clone.number, id(i))
        if isinstance(place, model.LoadAttr) and clone.function.kind != "class":
            for owner in sorted(self.at(clone.node(place.base))):
                self._believe(self.field(owner, place.name), classes, (key, owner))
        elif isinstance(place, model.LoadGlobal):
            self._believe(self.field(clone.module.object, place.name), classes, key)

    def _believe(self, node: Node, classes: tuple[Node, ...], key: object) -> None:
        if self.at(node) - {self.none} or self.is_done(key):
            return
        for annotated in classes:
            if self.reveal(annotated):
                # What it names is known in the next round.
                self.once(("revealed", annotated))
                return
        self.once(key)
        injected = [annotated for annotated in classes if annotated in self.injected and self.at(annotated)]
        for annotated in injected:
            self.edge(annotated, node)
        for annotated in classes if not injected else ():
            for number in sorted(self.at(annotated)):
                found = self.objects[number]
                if isinstance(found, ClassObject):
                    self.add(node, self.instance(number))
                elif isinstance(found, QualifiedObject) and self.book.is_written(found.name):
                    self.add(node, self._given(key, found.name))

    def _given(self, key: object, type_name: str) -> ObjectId:
        return self.intern(("given", key), lambda n: LibraryObject(n, None, type_name))
