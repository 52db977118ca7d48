"""Whether two accesses can touch the same concrete object.

An abstract object may stand for many. Two threads race on it only if both can hold the same one:
because there is only one, or because at least one of them came to it by a way that others share.
"""

from __future__ import annotations

from flake8_sharedstate.program.objects import (
    ObjectId,
)
from flake8_sharedstate.races.accesses import Access
from flake8_sharedstate.races.gifts import Gifts
from flake8_sharedstate.races.origins import Origin, Origins, injected_node, is_split
from flake8_sharedstate.races.passing import Passing
from flake8_sharedstate.races.reachable import Reachable
from flake8_sharedstate.threads.contexts import Context, Kind
from flake8_sharedstate.threads.elements import Leads
from flake8_sharedstate.threads.order import Order


class Sharing(Origins):
    """Answers questions about the identity of objects."""

    def __init__(self, order: Order, reachable: Reachable) -> None:
        super().__init__(order.multiplicity)
        self._gifts = Gifts(order.multiplicity)
        self._passing = Passing(self, reachable)
        self._order = order
        self._elements = order.elements
        self._reachable = reachable

    def may_coincide(self, first_access: Access, second_access: Access) -> bool:
        """Whether two accesses can touch the same object, by the ways on which they came to it."""
        number = first_access.location.owner
        first, second = origins = first_access.origin, second_access.origin
        first_context, second_context = first_access.context, second_access.context
        if any(Origin.EXCHANGED in o and Origin.SHARED not in o for o in origins):
            return False
        if Origin.TAKEN in first & second and not (first | second) & ~(Origin.TAKEN | Origin.MADE):
            # One taker has it at a time, and puts it back when done; what each makes is its own.
            return False
        passing = self._passing
        if passing.before(first_access, second_access) or passing.before(second_access, first_access):
            return False
        if self.is_unique(number):
            return not (
                first_context is second_context
                and first == second == Origin.GIVEN
                and self._is_of_one(number, first_context)
            )
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
            if self._is_invariant(number, first_context) or self._comes_again(number, first_context):
                return True
            return Origin.TAKEN in first ^ second
        if Kind.MAIN in (first_context.kind, second_context.kind):
            return True
        if first == second == Origin.MADE:
            return False
        if first == second == Origin.GIVEN:
            return self._same_gift(number, first_access, second_access)
        return True

    def _is_of_one(self, number: ObjectId, context: Context) -> bool:
        """Whether one only of the threads of a context is given what leads to an object."""
        spawned = context.spawned
        if spawned is None:
            return False
        site = self.program.objects[number].site
        clone, made = spawned.made
        alone = not is_split(spawned) and not self.loops(made)
        if alone and site is not None and site.clone is clone:
            # Each call makes one, and hands over one piece of work with it.
            return True
        return self._elements.is_given_once(spawned, self._leading_to(number))

    def _comes_again(self, number: ObjectId, context: Context) -> bool:
        """Whether what one thread was given is given to another while the first may still run."""
        spawned = context.spawned
        if spawned is None:
            return False
        again = self._elements.round_of_all(spawned, self._leading_to(number))
        return again is not None and self._order.runs_on_at(context, spawned.made[0], again)

    def _leading_to(self, number: ObjectId) -> Leads:
        return lambda given: number in self._reachable.closure([given])

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

    def _same_gift(self, number: ObjectId, first: Access, second: Access) -> bool:
        """Whether two threads were given the very same value, or come to an object by one."""
        gifts = [self._direct_gifts(number, access.context) for access in (first, second)]
        if gifts[0] & gifts[1]:
            return True
        behind = [
            self._gifts.behind(access.run.clone, access.base, access.context)
            for access in (first, second)
            if access.base is not None
        ]
        return len(behind) == 2 and bool(behind[0] & behind[1])

    def _direct_gifts(self, number: ObjectId, context: Context) -> set[object]:
        return {
            self._gifts.root(clone, node)
            for _, clone, node in (context.spawned.payload if context.spawned is not None else ())
            if number in self.program.at(node) or number in self.distinct.carried(node)
        }
