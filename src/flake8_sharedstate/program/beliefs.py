"""What only absence tells: decorators out of sight, and annotations where no caller says what comes."""

from __future__ import annotations

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function, Value
from flake8_sharedstate.program.instructions import Instructions
from flake8_sharedstate.program.objects import (
    ClassObject,
    Clone,
    FunctionObject,
    LibraryMethodObject,
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
        self.obscured: set[tuple[int, int]] = set()
        """The functions that may run under a lock: their decorator is out of sight."""

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
            self._obscure_classes()
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
        """A decorator out of sight is taken to give back what it decorates, perhaps under a lock."""
        for clone, i in self.decorations:
            if not self.at(clone.node(i.dst)) and self.once(("decorator", clone.number, id(i))):
                may_lock = self._may_lock(clone, i.function)
                for argument, _ in i.args:
                    self.edge(clone.node(argument), clone.node(i.dst))
                    if may_lock:
                        self.when(clone.node(argument), self._obscure)

    def _obscure_classes(self) -> None:
        """What a module body calls with nothing but a class may do to it what a decorator may."""
        for name, call in self.unanswered:
            given = call.arguments.positional
            if call.site.clone.function.kind != "module" or len(given) != 1 or call.arguments.keywords:
                continue
            for number in sorted(self.at(given[0][0])):
                is_class = isinstance(self.objects[number], ClassObject)
                if is_class and self.once(("given class", name, number)) and self.book.is_hidden(name):
                    self._obscure(number)

    def _may_lock(self, clone: Clone, decorator: Value, behind: str = "") -> bool:
        """Whether nothing is known of a decorator, so that it may take a lock."""
        objects = self.at(clone.node(decorator)) - {self.none}
        if objects:
            return any(self._is_hidden(number, behind) for number in objects)
        definition = self.definitions(clone.function)[decorator]
        if isinstance(definition, model.LoadAttr):
            return self._may_lock(clone, definition.base, f".{definition.name}{behind}")
        if isinstance(definition, model.Call):
            return self._may_lock(clone, definition.function)
        return True

    def _is_hidden(self, number: ObjectId, behind: str) -> bool:
        """Whether what an object does, or what it has under a name, is out of sight."""
        found = self.objects[number]
        if isinstance(found, QualifiedObject):
            return self.book.is_hidden(f"{found.name}{behind}")
        return not isinstance(found, (LibraryObject, LibraryMethodObject))

    def _obscure(self, decorated: ObjectId) -> None:
        """A function, or all of a class, may run under a lock that is out of sight."""
        found = self.objects[decorated]
        if isinstance(found, FunctionObject):
            self.obscured.add(self.function_key(found))
        elif isinstance(found, ClassObject):
            for name in sorted(found.function.names):
                self.when(self.field(decorated, name), self._obscure_method)

    def _obscure_method(self, number: ObjectId) -> None:
        if isinstance(self.objects[number], FunctionObject):
            self._obscure(number)

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
