"""Imports between the modules of a project: each is opened when something of it is needed.

A project's modules all hang together by imports, and threads reach few. So a module body runs when the
module is opened, but what it imports is looked up only when somebody reads the name that the import
binds. Who has nothing to do with threads does not have modules opened: what such code reads of them
comes to it if others do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flake8_sharedstate.facts import model
from flake8_sharedstate.facts.imports import absolute_name
from flake8_sharedstate.program.heap import Heap
from flake8_sharedstate.program.mentions import Mentions
from flake8_sharedstate.program.objects import Clone, Module, ModuleObject, Node


@dataclass(eq=False)
class _Import:
    """An import that is looked up when there is need."""

    module: Module
    instruction: model.Import
    dst: Node
    is_done: bool = False


class Modules(Heap):
    """Module objects, what they have under their names, and what their imports denote."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__(modules)
        self.modules = []
        self.mentions: dict[Module, Mentions] = {}
        self._by_path: dict[str, Module] = {}
        self._imports: dict[tuple[Module, str], list[_Import]] = {}
        """The imports of module bodies by the global that they bind."""
        self._needed: set[tuple[Module, str]] = set()
        self._wished: set[tuple[Module, str]] = set()
        """The globals that are read, by code that has modules opened, and by other."""
        self._unopened: dict[str, list[_Import]] = {}
        """The imports that wait for a module to be opened by others."""
        self._wishes: dict[Clone, list[Callable[[], None]]] = {}
        """What is to be done when a clone turns out to have to do with threads."""
        self._deferred: dict[Node, Callable[[], None]] = {}
        self._deferred_with: dict[Node, Node] = {}
        for module in modules:
            self._add_module(module)

    # -- modules

    def _add_module(self, module: Module) -> None:
        self.modules.append(module)
        self._by_path[module.path] = module
        self.mentions[module] = module.mentions or Mentions(module.facts)
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
                for waiting in self._unopened.pop(path, ()):
                    self._look_up(waiting)
        return known

    # -- names of modules

    def read_global(self, module: Module, name: str, dst: Node, reader: Clone) -> bool:
        """``dst`` gets what a module binds under a name; whether it binds it, itself or by ``*``."""
        source = self._binder(module, name, set())
        if isinstance(source, str):
            self.add(dst, self.qualified(f"{source}.{name}"))
        elif source is not None:
            self._need(source, name, reader)
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
                library = absolute_name(star.module, star.level, module.package)
                if self.book.is_described(f"{library}.{name}"):
                    return library
            elif source not in seen:
                found = self._binder(source, name, seen)
                if found is not None:
                    return found
        return None

    def read_module(self, module: Module, name: str, dst: Node, reader: Clone) -> None:
        """``dst`` gets what a module has under a name: a global or a submodule."""
        if not self.read_global(module, name, dst, reader):
            child = self._child(module, name)
            if child is not None:
                self.add(dst, child.object)

    # -- imports

    def bring(self, clone: Clone, i: model.Import, bound: str | None) -> None:
        """Does what an import does, as soon as there is need.

        Args:
            clone: the code that it stands in.
            i: the import.
            bound: the global that it binds, if it stands in a module body.
        """
        found = _Import(clone.module, i, clone.node(i.dst))
        key = (clone.module, bound or "")
        if bound is not None:
            self._imports.setdefault(key, []).append(found)
        if key in self._needed or (bound is None and clone.opens):
            self._look_up(found)
        elif key in self._wished or bound is None:
            self._wish(found)
            self._wishes.setdefault(clone, []).append(lambda: self._look_up(found))

    def _need(self, module: Module, name: str, reader: Clone) -> None:
        """Somebody reads a global."""
        key = (module, name)
        if key in self._needed:
            return
        if reader.opens:
            self._needed.add(key)
            for found in self._imports.get(key, ()):
                self._look_up(found)
        else:
            self._wished.add(key)
            for found in self._imports.get(key, ()):
                self._wish(found)
            self._wishes.setdefault(reader, []).append(lambda: self._need(module, name, reader))

    def _wish(self, found: _Import) -> None:
        """Looks an import up if that opens nothing, else when others have opened what it names."""
        path = self._path(found.module, found.instruction.module, found.instruction.level)
        if path is None or path in self._by_path:
            self._look_up(found)
        else:
            self._unopened.setdefault(path, []).append(found)

    def let_open(self, clone: Clone) -> None:
        """A clone turns out to have to do with threads, and so does what it calls."""
        waiting = [clone]
        while waiting:
            current = waiting.pop()
            if current.opens:
                continue
            current.opens = True
            for wish in self._wishes.pop(current, ()):
                wish()
            for block in current.function.blocks:
                for i in block.instructions:
                    waiting.extend(t.clone for t in self.targets.get((current.number, id(i)), ()))

    def _look_up(self, found: _Import) -> None:
        if found.is_done:
            return
        found.is_done = True
        module, i, dst = found.module, found.instruction, found.dst
        source = self._imported(module, i.module, i.level)
        if source is None:
            base = absolute_name(i.module, i.level, module.package)
            self.add(dst, self.qualified(base if i.name is None else f"{base}.{i.name}"))
        elif i.name is None:
            self.add(dst, source.object)
        else:
            is_submodule = source is module or self._binder(source, i.name, set()) is None
            child = self._child(source, i.name) if is_submodule else None
            if child is not None:
                self.add(dst, child.object)
            else:
                self.read_global(source, i.name, dst, self.body_of(source))

    def body_of(self, module: Module) -> Clone:
        """The clone of a module's body."""
        return self.clone_of(module, module.facts.functions[0], None, None, None)[0]

    def _imported(self, module: Module, name: str, level: int) -> Module | None:
        path = self._path(module, name, level)
        return self.opened(module, path) if path is not None else None

    def _path(self, module: Module, name: str, level: int) -> str | None:
        path = module.workspace.find(module.path, name, level) if module.workspace is not None else None
        # An installed package comes before a mere folder of its name.
        return None if path is not None and path.endswith("/") and self.book.is_module(name) else path

    def _child(self, module: Module, name: str) -> Module | None:
        path = module.workspace.child(module.path, name) if module.workspace is not None else None
        return self.opened(module, path) if path is not None else None

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
