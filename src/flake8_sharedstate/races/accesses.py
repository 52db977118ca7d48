"""The vocabulary of races: locations, and what a write does to one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from flake8_sharedstate.dataflow import Run
from flake8_sharedstate.facts.model import Instruction, Value
from flake8_sharedstate.locks.held import Held
from flake8_sharedstate.program.objects import Clone, ObjectId
from flake8_sharedstate.races.flows import Write
from flake8_sharedstate.races.origins import Origin
from flake8_sharedstate.threads.contexts import Context


class Place(Enum):
    """What kind of state a location is; each has a code of its own."""

    INSTANCE = "instance attribute"
    CLASS = "class attribute"
    GLOBAL = "module global"
    CLOSURE = "closure variable"
    ITEM = "item"


class Shape(Enum):
    """What a write does."""

    STORE = "a plain store"
    UPDATE = "a read-modify-write"
    IN_PLACE = "an in-place operation that stores the same object back"
    ACT = "a change that relies on a decision taken before"
    LAZY = "an initialisation on first use"
    DRAIN = "an emptying of a container of which all items were read before"
    WALK = "no write but an iteration, which others' changes break"
    ADVANCE = "the next step of an iterator"


@dataclass(frozen=True, slots=True)
class Location:
    """One piece of state: a field of an object.

    ``key`` is the literal key of an item, if known; ``own_keys`` tells which of the keys on the way to
    it, counted from the end, is another for each thread of the context.
    """

    owner: ObjectId
    field: str
    key: str | None = None
    own_keys: frozenset[int] = frozenset()


@dataclass(eq=False)
class Access:
    """A write of a location by a run.

    ``held`` are the locks at the write; ``window`` those held without a gap from what the write
    rests on to the write; ``split`` tells that a lock was held at both ends but given up between.
    """

    location: Location
    place: Place
    shape: Shape
    run: Run
    context: Context
    write: Write
    base: Value | None
    origin: Origin
    held: frozenset[Held]
    window: frozenset[Held]
    split: bool
    today: bool
    awaits: bool
    """Whether other tasks of the same loop get a turn between what the write rests on and the write."""
    reporter: Clone
    """The clone that joins read and write: the writing one, or its caller."""
    container: str | None = None
    """What kind of container a walk goes over."""

    @property
    def at(self) -> Instruction:
        """The instruction that writes."""
        return self.write.instruction

    @property
    def reported(self) -> Instruction:
        """The instruction that is reported: the write, or what calls a setter for it."""
        return self.write.at if self.write.is_setters else self.at

    @property
    def line(self) -> int:
        """The line of the statement."""
        return self.run.clone.module.facts.spans[self.at.at][0]

    @cached_property
    def order(self) -> tuple[str, int, int, int]:
        """Sorts accesses by path and place in the text, then by context."""
        line, column, *_ = self.run.clone.module.facts.spans[self.at.at]
        return (self.run.clone.module.path, line, column, self.run.context)
