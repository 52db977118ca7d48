"""The syntax trees of modules outside the analysis: astroid's, built and never inferred over.

Astroid's own inference follows every import and every attribute assignment of each module that it
meets: 0.5 to 2.6 seconds for one large module, of which next to nothing is asked here. So only its
tree and its tables of names are taken, at some 20 microseconds a line, and names are followed by
:mod:`~flake8_sharedstate.program.external.meanings`, which stops where ``libraries/`` knows them.
"""

from __future__ import annotations

from functools import lru_cache

from astroid import nodes
from astroid.manager import AstroidManager
from astroid.rebuilder import TreeRebuilder

from flake8_sharedstate.project.installed import Source
from flake8_sharedstate.project.sources import parsed

# A tree takes some hundred times its text: what was found is remembered, the trees are not.
_MAX_TREES = 12


@lru_cache(_MAX_TREES)
def tree_of(source: Source) -> nodes.Module | None:
    """The tree of a module with its tables of names; None for what is no Python."""
    try:
        # Not through AstroidManager: what other plugins keep in it stays as it is.
        builder = TreeRebuilder(AstroidManager(), data=source.text)
        tree = builder.visit_module(parsed(source.text), source.name, source.path, source.is_package)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in tree.nodes_of_class(nodes.ImportFrom):
        for name, alias in node.names:
            if name != "*":
                node.scope().set_local(alias or name, node)
    return tree
