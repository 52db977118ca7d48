"""Where a value that a library call deals with comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument of the call, by position (without ``self``), by keyword, or by either."""

    position: int | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """What the receiver keeps under this name (see :class:`Keep`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Each:
    """Any item of a container that is given."""

    of: Arg


@dataclass(frozen=True, slots=True)
class Keywords:
    """Any of the keyword arguments."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The object whose method is called (or that is being made)."""


@dataclass(frozen=True, slots=True)
class Named:
    """The one object that a module or class of a library has under this qualified name."""

    name: str


@dataclass(frozen=True, slots=True)
class New:
    """A new object of a library type, made by the call."""

    type: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute of an object is: assigned by the program, or a method of a class of its own."""

    name: str
    of: Arg | Receiver = field(default_factory=Receiver)


Source: TypeAlias = "Arg | Field | Attribute | Each | Keywords | Receiver | Named | New"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a callable is called with when the library calls it."""

    values: tuple[Source, ...] = ()
    """These values, in this order, first."""
    rest: int | None = None
    """The call's positional arguments from here on, and its keyword arguments."""
    unpacked: Source | None = None
    """The elements of this tuple or list."""
    named: Source | None = None
    """The items of this dict, as keyword arguments."""
    each: Source | None = None
    """One element of this iterable."""
    each_rest: int | None = None
    """One element of each of the call's positional arguments from here on."""
    each_unpacked: Source | None = None
    """The elements of one element of this iterable (``starmap``)."""
