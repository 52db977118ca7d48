"""The making of classes: when one is shown to the program, and what runs as it is made."""

from __future__ import annotations

from functools import partial

from flake8_sharedstate.program.effects import Effects
from flake8_sharedstate.program.heap import CallArguments, CallSite
from flake8_sharedstate.program.objects import ClassObject, Node, ObjectId

_SUBCLASS_HOOK = "__init_subclass__"


class ClassMaking(Effects):
    """What Python does with a class before a program has it (language reference, 3.3.3)."""

    def show_class(self, cls: ObjectId, result: Node, site: CallSite) -> None:
        """Shows a class once its bases and metaclass are known: what is done with it depends on them."""
        found = self.class_object(cls)
        needed = [*found.bases, *(found.keywords[k] for k in ("metaclass",) if k in found.keywords)]
        unknown, is_shown = set(needed), False

        def show() -> None:
            nonlocal is_shown
            if not is_shown:
                is_shown = True
                self.add(result, cls)
                self._tell_base(found, site)
                self._tell_metaclass(found, site)

        def meet(base: Node, _: ObjectId) -> None:
            unknown.discard(base)
            if not unknown:
                show()

        for base in needed:
            self.when(base, partial(meet, base))
        if unknown:
            self.at_rest(show)
        else:
            show()

    def _tell_base(self, cls: ClassObject, site: CallSite) -> None:
        """Runs the ``__init_subclass__`` that a class inherits."""
        given = CallArguments((), tuple(cls.keywords.items()))
        for ancestor in self.linearized(cls.number)[1:]:
            body = self.get(ancestor, ClassObject)
            if body is not None and _SUBCLASS_HOOK in body.function.names:
                self.when(
                    self.field(ancestor, _SUBCLASS_HOOK),
                    lambda f: self.invoke(self.bound(f, cls.number), given, self.new_node(), site),
                )
                break

    def _tell_metaclass(self, cls: ClassObject, site: CallSite) -> None:
        """Runs the ``__init__`` of the metaclass on a class that is made."""
        described = CallArguments(tuple((self.new_node(), False) for _ in ("name", "bases", "namespace")))

        def initialize(metaclass: ObjectId) -> None:
            maker = self.defining_class(metaclass, "__init__")
            if maker is not None:
                self.when(
                    self.field(maker, "__init__"),
                    lambda f: self.invoke(self.bound(f, cls.number), described, self.new_node(), site),
                )

        for ancestor in self.linearized(cls.number):
            found = self.get(ancestor, ClassObject)
            if found is not None and "metaclass" in found.keywords:
                self.when(found.keywords["metaclass"], initialize)
                break
