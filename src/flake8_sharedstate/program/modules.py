"""Imports between the modules of a project: each is opened when something of it is needed.

A module body runs when the module is opened, but what it imports is looked up only when the name that
the import binds is read: a project's modules all hang together by imports, and threads reach few.
"""

from __future__ import annotations

from collections.abc import Callable

from flake8_sharedstate.facts import model
from flake8_sharedstate.program.heap import Heap
from flake8_sharedstate.program.mentions import Mentions
from flake8_sharedstate.program.objects import Module, ModuleObject, Node


class Modules(Heap):
    """Module objects, what they have under their names, and what their imports denote."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__([])
        self.mentions: dict[Module, Mentions] = {}
        self._by_path: dict[str, Module] = {}
        self._read: set[tuple[Module, str]] = set()
        self._waiting: dict[tuple[Module, str], list[Callable[[], None]]] = {}
        self._deferred: dict[Node, Callable[[], None]] = {}
        self._deferred_with: dict[Node, Node] = {}
        for module in modules:
            self._add_module(module)

    def _add_module(self, module: Module) -> None:
        self.modules.append(module)
        self._by_path[module.path] = module
        self.mentions[module] = Mentions(module.facts)
        self.grow()
        module.object = self.intern(("module", module.index), lambda n: ModuleObject(n, None, module))

    def run_body(self, module: Module) -> None:
        """Runs the body of a module, once."""
        raise NotImplementedError

    def opened(self, near: Module, path: str) -> Module | None:
        """The module at a path of the project that another module is of; None where it cannot be read."""
        known = self._by_path.get(path)
        if known is None and near.workspace is not None:
            known = near.workspace.module(path, len(self.modules))
            if known is not None:
                self._add_module(known)
                self.later(lambda: self.run_body(known))
        return known

    # -- names of modules

    def read_global(self, module: Module, name: str, dst: Node) -> bool:
        """``dst`` gets what a module binds under a name; whether it binds it, itself or by ``*``."""
        source = self._binder(module, name, set())
        if isinstance(source, str):
            self.add(dst, self.qualified(f"{source}.{name}"))
        elif source is not None:
            self._need(source, name)
            self.edge(self.field(source.object, name), dst)
        return source is not None

    def _binder(self, module: Module, name: str, seen: set[Module]) -> Module | str | None:
        """The module that a global name of a module comes from; a library's is a name."""
        seen.add(module)
        if name in self.mentions[module].globals:
            return module
        if name.startswith("_"):
            return None
        for star in self.mentions[module].stars:
            source = self._imported(module, star.module, star.level)
            if source is None:
                library = self.absolute_name(module, star.module, star.level)
                if self.book.is_known(f"{library}.{name}"):
                    return library
            elif source not in seen:
                found = self._binder(source, name, seen)
                if found is not None:
                    return found
        return None

    def read_module(self, module: Module, name: str, dst: Node) -> None:
        """``dst`` gets what a module has under a name: a global or a submodule."""
        if not self.read_global(module, name, dst):
            child = self._child(module, name)
            if child is not None:
                self.add(dst, child.object)

    def when_read(self, module: Module, name: str, do: Callable[[], None]) -> None:
        """Does something as soon as anything reads a global of a module."""
        if (module, name) in self._read:
            do()
        else:
            self._waiting.setdefault((module, name), []).append(do)

    def _need(self, module: Module, name: str) -> None:
        if (module, name) not in self._read:
            self._read.add((module, name))
            for do in self._waiting.pop((module, name), ()):
                do()

    # -- imports

    def import_from_project(self, module: Module, i: model.Import, dst: Node) -> bool:
        """``dst`` gets what an import brings; whether that is of the project."""
        source = self._imported(module, i.module, i.level)
        if source is None:
            return False
        if i.name is None:
            self.add(dst, source.object)
            return True
        child = None
        if source is module or self._binder(source, i.name, set()) is None:
            child = self._child(source, i.name)
        if child is not None:
            self.add(dst, child.object)
        else:
            self.read_module(source, i.name, dst)
        return True

    def _imported(self, module: Module, name: str, level: int) -> Module | None:
        workspace = module.workspace
        path = workspace.find(module.path, name, level) if workspace is not None else None
        if path is None or (path.endswith("/") and self.book.is_module(name)):
            # An installed package comes before a mere folder of its name.
            return None
        return self.opened(module, path)

    def _child(self, module: Module, name: str) -> Module | None:
        path = module.workspace.child(module.path, name) if module.workspace is not None else None
        return self.opened(module, path) if path is not None else None

    def absolute_name(self, module: Module, name: str, level: int) -> str:
        """The absolute name of a module that an import names, perhaps relatively."""
        if level == 0:
            return name
        parts = module.package.split(".") if module.package else []
        parts = parts[: len(parts) - (level - 1)] if level > 1 else parts
        return ".".join([*parts, name] if name else parts) or "."

    # -- annotations

    def defer(self, node: Node, fill: Callable[[], None]) -> None:
        """Leaves a node empty until :meth:`reveal`: annotations name modules that nothing else needs."""
        self._deferred[node] = fill

    def defer_with(self, node: Node, base: Node) -> None:
        """Notes that a node is computed from one that may be deferred."""
        if base in self._deferred or base in self._deferred_with:
            self._deferred_with[node] = base

    def reveal(self, node: Node) -> bool:
        """Has a node filled by the next :meth:`solve`; whether there was anything to fill it with."""
        while node in self._deferred_with:
            node = self._deferred_with[node]
        fill = self._deferred.pop(node, None)
        if fill is not None:
            fill()
        return fill is not None
