"""Calls that give an equal value each time they are made with equal arguments: ``str(n)``, ``self._key(w)``.

Of a function of the program this is believed if it changes nothing and calls nothing that might:
what it reads besides its arguments is taken to stay, as it is on every access path.
"""

from __future__ import annotations

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import Function
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import Clone, LibraryMethodObject, ObjectId, QualifiedObject

_CHANGES = (
    model.StoreAttr, model.StoreItem, model.StoreGlobal, model.StoreCell,
    model.Enter, model.Exit, model.Await, model.Yield, model.MakeClass, model.MakeFunction,
)  # fmt: skip


class Repeats:
    """Tells such calls from others."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._callees: dict[int, list[Clone | None]] | None = None
        """By call, what any of the clones of its function calls there; None for a class."""
        self._steady: dict[Function, bool] = {}

    def gives_equal(self, clone: Clone, call: model.Call) -> bool:
        """Whether a call gives what it gave before with equal arguments."""
        if any(starred for _, starred in call.args) or any(name is None for name, _ in call.keywords):
            return False
        callees = self._called(call)
        if callees:
            return all(callee is not None and self._is_steady(callee) for callee in callees)
        objects = self.program.at(clone.node(call.function))
        if objects:
            return all(self._name(number) in self.program.book.repeating for number in objects)
        # A method of what nothing is known of: if texts have it, it is taken to be a text.
        method = self.program.definitions(clone.function)[call.function]
        return (
            isinstance(method, model.LoadAttr)
            and f"builtins.str.{method.name}" in self.program.book.repeating
            and not self.program.at(clone.node(method.base)) - {self.program.none}
        )

    def _called(self, call: model.Call) -> list[Clone | None]:
        if self._callees is None:
            self._callees = {}
            for (_, instruction), targets in self.program.targets.items():
                known = self._callees.setdefault(instruction, [])
                known.extend(None if target.construct else target.clone for target in targets)
        return self._callees.get(id(call), [])

    def _name(self, number: ObjectId) -> str:
        found = self.program.objects[number]
        if isinstance(found, LibraryMethodObject):
            return f"{found.type}.{found.method}"
        return found.name if isinstance(found, QualifiedObject) else ""

    def _is_steady(self, clone: Clone) -> bool:
        """Whether a function of the program changes nothing and calls nothing that might."""
        known = self._steady.get(clone.function)
        if known is None:
            self._steady[clone.function] = False
            known = self._steady[clone.function] = not clone.function.is_generator and all(
                self.gives_equal(clone, i) if isinstance(i, model.Call) else not isinstance(i, _CHANGES)
                for block in clone.function.blocks
                for i in block.instructions
            )
        return known
