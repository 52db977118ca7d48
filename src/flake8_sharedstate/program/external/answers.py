"""What a qualified name outside the analysis denotes, in the words of ``libraries/``."""

from __future__ import annotations

import logging

from astroid import nodes
from astroid.exceptions import AstroidError

from flake8_sharedstate.libraries import Book
from flake8_sharedstate.libraries.vocabulary import TypeModel
from flake8_sharedstate.program.external.answer import UNKNOWN, Answer
from flake8_sharedstate.program.external.classes import Classes
from flake8_sharedstate.program.external.functions import Functions, made_by
from flake8_sharedstate.program.external.meanings import Defined, Instance, Known, OverBudgetError, Reading
from flake8_sharedstate.program.external.outlines import Outlines
from flake8_sharedstate.project.installed import Installed

LOG = logging.getLogger("flake8.sharedstate")


def answer(name: str, installed: Installed, outlines: Outlines, book: Book) -> Answer:
    """What is known of a name; whatever goes wrong on the way, nothing is known."""
    reading = Reading(installed, outlines, book)
    try:
        return _answer(name, reading)
    except (OverBudgetError, AstroidError, RecursionError, MemoryError):
        return UNKNOWN
    except Exception:
        # Whatever stands on the disk is none of the file's faults: its own analysis goes on.
        LOG.info("%s could not be found out", name, exc_info=True)
        return UNKNOWN


def _answer(name: str, reading: Reading) -> Answer:
    classes = Classes(reading)
    functions = Functions(reading, classes)
    is_made = name.endswith("()")
    found = reading.named(name.removesuffix("()"))
    if isinstance(found, Known):
        is_type = found.name in reading.book.types
        return Answer(alias=found.name, type=TypeModel(bases=(found.name,)) if is_type else None)
    if isinstance(found, Instance):
        if isinstance(found.of, Known) or classes.lock_type(found) is not None:
            return Answer(instance_of=found.of.name)
    elif isinstance(found, Defined) and isinstance(found.node, nodes.ClassDef):
        described = classes.describe(found)
        return Answer(type=described, makes=described is not None and not classes.is_opaque(found))
    elif isinstance(found, Defined) and is_made:
        made = functions.decorator_type(found.node)
        return Answer(type=made) if made_by(found.node) == name else UNKNOWN
    elif isinstance(found, Defined):
        return Answer(effects=functions.describe(found.node))
    return UNKNOWN
