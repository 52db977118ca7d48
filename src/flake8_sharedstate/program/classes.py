"""The classes of the program: their bases, their instances, and the library types behind them."""

from __future__ import annotations

from collections.abc import Iterator

from flake8_sharedstate.libraries.vocabulary import TypeModel
from flake8_sharedstate.program.heap import CallSite
from flake8_sharedstate.program.modules import Modules
from flake8_sharedstate.program.objects import (
    ClassObject,
    InstanceObject,
    LibraryObject,
    Module,
    ObjectId,
    QualifiedObject,
    Site,
)


class Classes(Modules):
    """Bases and instances. What it works out is kept until a class turns out to have another base."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self._bases_known = 0
        self._orders: dict[ObjectId, tuple[ObjectId, ...]] = {}
        self._models: dict[ObjectId, list[tuple[str, TypeModel]]] = {}
        self._instances: dict[ObjectId, list[ObjectId]] = {}
        self._heirs: dict[ObjectId, list[ObjectId]] = {}
        self._instantiated: list[ObjectId] = []
        self._denoted: dict[ObjectId, str] = {}
        """The types of the objects that names outside the program were found to denote."""
        self._counted = 0
        """How many of those that are instantiated are among the heirs."""

    def _forget(self) -> None:
        if self._bases_known != self.changes:
            self._bases_known = self.changes
            self._orders.clear()
            self._models.clear()
            self._heirs.clear()
            self._counted = 0

    # -- bases

    def class_object(self, cls: ObjectId) -> ClassObject:
        """The class of the program that has this number."""
        found = self.objects[cls]
        assert isinstance(found, ClassObject)
        return found

    def linearized(self, cls: ObjectId) -> tuple[ObjectId, ...]:
        """A class and its bases, each before its own bases; a class met again moves behind."""
        self._forget()
        known = self._orders.get(cls)
        if known is None:
            known = self._orders[cls] = self._linearize(cls)
        return known

    def _linearize(self, cls: ObjectId) -> tuple[ObjectId, ...]:
        # From behind, the last bases first: what is met first there comes last. Hierarchies can be deep.
        finished: list[ObjectId] = []
        met = {cls}
        open_classes = [(cls, self._bases_from_behind(cls))]
        while open_classes:
            current, bases = open_classes[-1]
            base = next((b for b in bases if b not in met), None)
            if base is None:
                finished.append(current)
                open_classes.pop()
            else:
                met.add(base)
                open_classes.append((base, self._bases_from_behind(base)))
        return tuple(reversed(finished))

    def _bases_from_behind(self, cls: ObjectId) -> Iterator[ObjectId]:
        found = self.objects[cls]
        if isinstance(found, ClassObject):
            for base in reversed(found.bases):
                yield from sorted(self.at(base), reverse=True)

    def defining_class(self, cls: ObjectId, name: str) -> ObjectId | None:
        """The class, among a class and its bases in the program, whose body binds a name."""
        for ancestor in self.linearized(cls):
            body = self.get(ancestor, ClassObject)
            if body is not None and name in body.function.names:
                return ancestor
        return None

    # -- library types

    def models(self, number: ObjectId) -> list[tuple[str, TypeModel]]:
        """The library types that an object is an instance of, nearest first."""
        found = self.objects[number]
        if isinstance(found, LibraryObject):
            return self.book.described(found.type)
        if number in self._denoted:
            return self.book.described(self._denoted[number])
        return self.models_behind(found.cls) if isinstance(found, InstanceObject) else []

    def models_behind(self, cls: ObjectId) -> list[tuple[str, TypeModel]]:
        """The library types that a class derives from, nearest first."""
        self._forget()
        known = self._models.get(cls)
        if known is None:
            known = self._models[cls] = [
                described for name in self.library_bases(cls) for described in self.book.described(name)
            ]
        return known

    def part(self, owner: ObjectId, name: str, model: TypeModel) -> ObjectId:
        """The object that an instance of a library's type has of its own under a name (``Queue.mutex``)."""
        site, kind = self.objects[owner].site, self.book.canonical(model.attributes[name])
        return self.intern(("part", owner, name), lambda n: LibraryObject(n, site, kind))

    def library_bases(self, cls: ObjectId) -> list[str]:
        """The qualified names of a class's bases outside the program, in the order they are met."""
        bases = (self.get(number, QualifiedObject) for number in self.linearized(cls))
        return [base.name for base in bases if base is not None]

    def denotes(self, number: ObjectId) -> str | None:
        """The type of the object that a name outside the program denotes, a lock in a module say."""
        found = self.get(number, QualifiedObject)
        kind = self.book.answer(found.name).instance_of if found is not None else None
        if kind is not None:
            self._denoted[number] = kind
        return kind

    def container(self, number: ObjectId) -> str | None:
        """What kind of container an object is."""
        return next((m.container for _, m in self.models(number) if m.container is not None), None)

    # -- instances

    def new_instance(self, cls: ObjectId, site: CallSite) -> ObjectId:
        """The instance of a class that a site makes."""
        return self.allocate(site, ("instance", cls), lambda n, s: self._noted(InstanceObject(n, s, cls)))

    def synthetic_instance(self, cls: ObjectId, site: Site) -> ObjectId:
        """The one instance of a class that stands for those that code out of sight makes."""
        key = ("synthetic", cls)
        return self.intern(key, lambda n: self._noted(InstanceObject(n, site, cls, synthetic=True)))

    def _noted(self, instance: InstanceObject) -> InstanceObject:
        if instance.cls not in self._instances:
            self._instances[instance.cls] = []
            self._instantiated.append(instance.cls)
        self._instances[instance.cls].append(instance.number)
        return instance

    def instances(self, cls: ObjectId) -> list[ObjectId]:
        """The instances of a class itself, in sight or synthetic."""
        return self._instances.get(cls, [])

    def instances_of_heirs(self, cls: ObjectId) -> list[ObjectId]:
        """The instances of a class and of those that derive from it."""
        self._forget()
        for heir in self._instantiated[self._counted :]:
            for ancestor in self.linearized(heir):
                self._heirs.setdefault(ancestor, []).append(heir)
        self._counted = len(self._instantiated)
        return sorted(number for heir in self._heirs.get(cls, ()) for number in self._instances[heir])
