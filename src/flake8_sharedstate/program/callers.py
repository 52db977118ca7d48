"""Which files besides those that speak of threads have to do with them, before anything is solved.

Who calls what starts threads decides how many there are and what they are given; who derives from a
class that owns a lock says that that class is meant for threads, too; who fills the container from which
threads are given what they run has them run it. All are found by names.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import ModuleFacts
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.registries import Registrar, registrars
from flake8_sharedstate.program.workspace import ProjectWorkspace
from flake8_sharedstate.project.units import Unit

# What more files use than this is a tool of the whole project: those next to it tell how it is used.
_MAX_CALLERS = 30


def unit_of(workspace: ProjectWorkspace, path: str, callers: bool = True) -> Unit:
    """A file that has a stake, with those that use what starts threads in it, the nearest of them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    facts = workspace.facts(path)
    if facts is not None:
        starting = workspace.defined_with(path, _starters(facts)) or frozenset()
        locking = workspace.locking_classes(path)
        found[path] |= starting | locking
        if callers:
            _follow(workspace, (path, starting), found, workspace.defined_with)
            _follow(workspace, (path, locking), found, workspace.derived_from)
            _add_registered(workspace, registrars(workspace, path, starting), found)
    return Unit(frozenset([path]), {file: frozenset(definitions) for file, definitions in found.items()})


def _follow(
    workspace: ProjectWorkspace,
    beginning: tuple[str, frozenset[str]],
    found: defaultdict[str, set[str]],
    concerns: Callable[[str, frozenset[str]], frozenset[str] | None],
) -> None:
    """Adds to ``found`` the files that use names, and definitions, in turn."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    waiting = deque([beginning])
    while waiting:
        path, names = waiting.popleft()
        fresh = names - known[path]
        known[path] |= fresh
        for use in workspace.uses(path, fresh) if fresh else ():
            if use.path not in found and len(found) >= _MAX_CALLERS:
                continue
            definitions = concerns(use.path, frozenset([use.name]))
            if definitions is not None:
                waiting.append((use.path, definitions))
                found[use.path] |= definitions


def _add_registered(
    workspace: ProjectWorkspace, known: list[Registrar], found: defaultdict[str, set[str]]
) -> None:
    """Adds to ``found`` the files that put something into the containers of some modules, and what."""
    for registrar in known:
        if registrar.method == "__init_subclass__":
            # Whoever derives from the class registers with it.
            _follow(workspace, (registrar.path, frozenset([registrar.name])), found, workspace.derived_from)
            continue
        for use in workspace.uses(registrar.path, [registrar.name]):
            if use.path not in found and len(found) >= _MAX_CALLERS:
                continue
            definitions = workspace.defined_with(use.path, [use.name])
            if registrar.method is not None and definitions is not None:
                naming = workspace.defined_with(use.path, [registrar.method])
                definitions = definitions & naming if naming is not None else None
            if definitions is not None:
                found[use.path] |= definitions


def _starters(facts: ModuleFacts) -> set[str]:
    """The names by which a file may start threads: those of the libraries, and what it calls them."""
    instructions = (
        i for function in facts.functions for block in function.blocks for i in block.instructions
    )
    modules = [i.module for i in instructions if isinstance(i, (model.Import, model.ImportStar))]
    words = book().starters({module.partition(".")[0] for module in modules})
    for block in facts.functions[0].blocks:
        imported = {}
        for i in block.instructions:
            if isinstance(i, model.Import):
                imported[i.dst] = i.name if i.name is not None else i.module
            elif isinstance(i, model.StoreGlobal) and imported.get(i.src or -1) in words:
                words.add(i.name)
    return words
