"""Which files besides those that speak of threads have to do with them, before anything is solved.

Who calls what starts threads decides how many there are and what they are given; who derives from a
class that owns a lock says that that class is meant for threads, too. Both are found by names.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.model import ModuleFacts
from flake8_sharedstate.libraries import book
from flake8_sharedstate.program.mentions import Mentions
from flake8_sharedstate.program.workspace import ProjectWorkspace


def concerned(workspace: ProjectWorkspace, staked: Iterable[str]) -> dict[str, frozenset[str] | None]:
    """The files to analyse together with those that have a stake.

    Args:
        workspace: the project.
        staked: the files whose text has a word of threads or locks.

    Returns:
        the files and, for each, the definitions that matter; None for all of them.
    """
    found: dict[str, frozenset[str] | None] = dict.fromkeys(staked)
    starting: deque[tuple[str, frozenset[str]]] = deque()
    locking: deque[tuple[str, frozenset[str]]] = deque()
    for path in found:
        facts = workspace.facts(path)
        if facts is not None:
            starting.append((path, workspace.defined_with(path, _starters(facts)) or frozenset()))
            locking.append((path, _locking_classes(facts)))
    _follow(workspace, starting, found, workspace.defined_with)
    _follow(workspace, locking, found, lambda path, names: workspace.derived_from(path, set(names)) or None)
    return found


def _follow(
    workspace: ProjectWorkspace,
    waiting: deque[tuple[str, frozenset[str]]],
    found: dict[str, frozenset[str] | None],
    concerns: Callable[[str, Iterable[str]], frozenset[str] | None],
) -> None:
    """Adds to ``found`` the files that use names, and definitions, in turn."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    while waiting:
        path, names = waiting.popleft()
        fresh = names - known[path]
        known[path] |= fresh
        for use in workspace.uses(path, fresh) if fresh else ():
            definitions = concerns(use.path, [use.name])
            if definitions is None:
                continue
            waiting.append((use.path, definitions))
            before = found.get(use.path, frozenset())
            found[use.path] = None if before is None else before | definitions


def _starters(facts: ModuleFacts) -> set[str]:
    """The names by which a file may start threads: those of the libraries, and what it calls them."""
    words = set(book().starters)
    for block in facts.functions[0].blocks:
        imported = {}
        for i in block.instructions:
            if isinstance(i, model.Import):
                imported[i.dst] = i.name if i.name is not None else i.module
            elif isinstance(i, model.StoreGlobal) and imported.get(i.src or -1) in words:
                words.add(i.name)
    return words


def _locking_classes(facts: ModuleFacts) -> frozenset[str]:
    mentions = Mentions(facts)
    return frozenset(
        f.name for f in facts.functions if f.kind == "class" and f.parent == 0 and mentions.locks[f.number]
    )
