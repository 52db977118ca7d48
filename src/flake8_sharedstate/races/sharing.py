"""Whether two accesses can touch the same concrete object.

An abstract object may stand for many. Two threads race on it only if both can hold the same one:
because there is only one, or because at least one of them came to it by a way that others share.
"""

from __future__ import annotations

from flake8_sharedstate.facts import model
from flake8_sharedstate.program.objects import (
    Clone,
    ObjectId,
)
from flake8_sharedstate.races.origins import Origin, Origins, injected_node
from flake8_sharedstate.threads.contexts import Context, Kind


class Sharing(Origins):
    """Answers questions about the identity of objects."""

    def may_coincide(
        self,
        number: ObjectId,
        first: Origin,
        first_context: Context,
        second: Origin,
        second_context: Context,
    ) -> bool:
        """Whether accesses that came to an object in these ways can touch the same one."""
        origins = (first, second)
        if any(Origin.EXCHANGED in o and Origin.SHARED not in o for o in origins):
            return False
        if Origin.TAKEN in first & second and not (first | second) & ~(Origin.TAKEN | Origin.MADE):
            # One taker has it at a time, and puts it back when done; what each makes is its own.
            return False
        if self.is_unique(number):
            return True
        first, second = (
            self._corrected(number, first, first_context),
            self._corrected(number, second, second_context),
        )
        if Origin.SHARED in first | second:
            return True
        if self._is_injected(number):
            # What was made for a request only that request has, one part of it after the other.
            return False
        if first_context is second_context:
            if self._is_invariant(number, first_context):
                return True
            return Origin.TAKEN in first ^ second
        if Kind.MAIN in (first_context.kind, second_context.kind):
            return True
        if first == second == Origin.MADE:
            return False
        if first == second == Origin.GIVEN:
            return self._same_gift(number, first_context, second_context)
        return True

    def _is_injected(self, number: ObjectId) -> bool:
        """Whether an object is made by a run that gives it to those that come after it."""
        site = self.program.objects[number].site
        return site is not None and any(
            injected_node(context) is not None and site.clone in context.clones
            for context in self.contexts.all
        )

    def _corrected(self, number: ObjectId, origin: Origin, context: Context) -> Origin:
        """What was not made by code of the context was not made by it, whatever the way."""
        site = self.program.objects[number].site
        if Origin.MADE in origin and site is not None and site.clone not in context.clones:
            return (origin & ~Origin.MADE) | Origin.SHARED
        return origin

    def _is_invariant(self, number: ObjectId, context: Context) -> bool:
        """Whether an object is made once for all the threads that one activation starts."""
        if context.spawned is None:
            return False
        site = self.program.objects[number].site
        clone, made = context.spawned.made
        if site is None or site.instruction is None or site.clone is not clone:
            return False
        return bool(self.loops(made)) and not self.loops(site.instruction)

    def _same_gift(self, number: ObjectId, first: Context, second: Context) -> bool:
        """Whether two threads were given the very same value."""
        if first.spawned is None or second.spawned is None:
            return False
        gifts = [
            {
                (clone, path_root(self, clone, node))
                for _, clone, node in spawned.payload
                if number in self.program.at(node) or number in self.distinct.carried(node)
            }
            for spawned in (first.spawned, second.spawned)
        ]
        return bool(gifts[0] & gifts[1])


def path_root(sharing: Sharing, clone: Clone, node: int) -> object:
    """The value at the root of the path of a node, to compare gifts by."""
    value = sharing.program.value_of(clone, node)
    if value is None:
        return ("node", node)
    path = sharing.contexts.paths(clone).of(value)
    definition = sharing.program.definitions(clone.function)[value]
    if isinstance(definition, model.MakeFunction):
        return ("frame", clone.number)
    return path[:-1] if isinstance(definition, model.LoadAttr) else path
