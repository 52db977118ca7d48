"""What is found out of one qualified name."""

from __future__ import annotations

from dataclasses import dataclass

from flake8_sharedstate.libraries.vocabulary import Effect, TypeModel


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name outside the analysis denotes; all of it empty where that is not known."""

    alias: str | None = None
    """The name under which ``libraries/`` describe the same thing."""
    type: TypeModel | None = None
    """How a class behaves."""
    makes: bool = False
    """Whether what calling the class makes is understood, too."""
    effects: tuple[Effect, ...] | None = None
    """What calling a function does."""
    instance_of: str | None = None
    """The type of the object that has this name."""


UNKNOWN = Answer()
