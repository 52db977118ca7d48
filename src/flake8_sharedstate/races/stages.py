"""The results of the stages before, for the questions that races ask."""

from __future__ import annotations

from flake8_sharedstate.locks.locksets import Locksets
from flake8_sharedstate.program.entries import Program
from flake8_sharedstate.program.objects import FrameObject, ModuleObject, ObjectId
from flake8_sharedstate.races.flows import Flows
from flake8_sharedstate.races.ownership import Ownership
from flake8_sharedstate.races.reachable import Reachable
from flake8_sharedstate.races.sharing import Sharing
from flake8_sharedstate.threads.contexts import Context, Contexts
from flake8_sharedstate.threads.order import Order


class Stages:
    """Contexts, order, locksets, reachability, ownership, sharing and flows of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.contexts = Contexts(program)
        self.order = Order(self.contexts)
        self.locksets = Locksets(self.contexts)
        self.reachable = Reachable(self.contexts)
        self.ownership = Ownership(self.contexts, self.reachable)
        self.sharing = Sharing(self.order, self.reachable)
        self.flows = Flows(self.contexts)

    def concerns(self, context: Context, owner: ObjectId) -> bool:
        """Users of a module share its globals, users of closures their variables, and nothing else."""
        shared = self.program.objects[context.shared] if context.shared is not None else None
        if context.is_making and context.shared is not None:
            return owner in self.reachable.from_globals_without(context.shared)
        if isinstance(shared, ModuleObject) or context.shared in self.contexts.of_class_only:
            return owner in self.reachable.from_globals
        if isinstance(shared, FrameObject):
            return owner == shared.number or owner in self.reachable.successors(shared.number)
        return True
