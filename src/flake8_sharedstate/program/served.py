"""What frameworks serve: methods of the program's classes that their threads, or their loop, run."""

from __future__ import annotations

from fnmatch import fnmatchcase

from flake8_sharedstate.facts.model import Const, Import, ImportStar, ModuleFacts, StoreAttr
from flake8_sharedstate.libraries.vocabulary import Exclusion, Shape, TypeModel
from flake8_sharedstate.program.neighbours import Neighbours
from flake8_sharedstate.program.objects import Module, ObjectId


class Served(Neighbours):
    """Knows the classes of which a framework makes the objects, and runs them."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.assumed: dict[ObjectId, Exclusion] = {}
        """What is shared, locks or no locks, by the user's word or a framework's; between whom."""

    def share_instance(self, cls: ObjectId, names: list[str]) -> ObjectId:
        """Has methods of a class run by anyone on one object; gives the object."""
        raise NotImplementedError

    def public_names(self, cls: ObjectId) -> list[str]:
        """The names in a class and its bases that others may use."""
        raise NotImplementedError

    def share_served(self) -> None:
        """Runs what many threads run on objects that a framework makes of the program's classes."""
        for cls in list(self.classes):
            models = [known for _, known in self.models_behind(cls)]
            for known in (*models, *(s.model for s in self.book.shapes if self._is_shaped(cls, s))):
                self._serve_class(cls, known, known.served)
                if self._serve_class(cls, known, known.served_each) and not self._is_reused(cls, known):
                    self.made_by_threads.add(self.instance(cls))

    def _is_shaped(self, cls: ObjectId, shape: Shape) -> bool:
        """Whether a class is one of those that a framework knows by their methods."""
        found = self.class_object(cls)
        if not shape.methods.keys() <= found.function.names:
            return False
        facts = found.module.facts
        methods = [f for f in facts.functions if f.owner_class == found.function.number]
        return _imports(facts, shape.package) and all(
            tuple(p.name for p in method.parameters[1:]) == shape.methods[method.name]
            for method in methods
            if method.name in shape.methods
        )

    def _serve_class(self, cls: ObjectId, known: TypeModel, patterns: tuple[str, ...]) -> bool:
        """Has the methods of a class run that a framework looks for; gives whether there are any."""
        public = self.public_names(cls) if patterns else []
        names = [n for n in public if any(fnmatchcase(n, p) for p in patterns)]
        if names:
            instance = self.share_instance(cls, names)
            self.assumed[instance] = Exclusion.TASKS if known.in_loop else Exclusion.THREADS
        return bool(names)

    def _is_reused(self, cls: ObjectId, known: TypeModel) -> bool:
        """Whether a class says that one object of it serves all requests."""
        if known.reused is None:
            return False
        name, value = known.reused
        saying = self.defining_class(cls, name)
        body = self.class_object(saying).function if saying is not None else None
        return body is not None and any(
            isinstance(i, StoreAttr)
            and i.name == name
            and i.src is not None
            and isinstance(literal := self.definitions(body)[i.src], Const)
            and literal.known
            and literal.value == value
            for block in body.blocks
            for i in block.instructions
        )


def _imports(facts: ModuleFacts, package: str) -> bool:
    """Whether a module imports anything of a package."""
    return any(
        isinstance(i, (Import, ImportStar)) and i.module.partition(".")[0] == package
        for block in facts.functions[0].blocks
        for i in block.instructions
    )
