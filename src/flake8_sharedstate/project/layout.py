"""Which file of a project an import means (language reference, 5.3 and 5.7), and what a module is called."""

from __future__ import annotations

import sys

_SUFFIX = ".py"
_PACKAGE = "__init__.py"


class Layout:
    """The modules of a project by place.

    A module is a file's path from the project's folder; a namespace package is its folder's path,
    which ends with ``/``.
    """

    def __init__(self, files: list[str]) -> None:
        self._files = frozenset(files)
        self._folders = {""}
        for path in files:
            folder = _folder(path)
            while folder not in self._folders:
                self._folders.add(folder)
                folder = _folder(folder[:-1])
        packages = {_folder(path) for path in files if path.endswith(f"/{_PACKAGE}")}
        # Where packages lie that are imported by their own names: ``src/``, or a folder of several projects.
        self._package_roots = sorted({_folder(p[:-1]) for p in packages} - packages - {"", "src/"})

    def find(self, importer: str, module: str, level: int) -> str | None:
        """The module that an import names.

        Args:
            importer: the file that has the import.
            module: the dotted name, without the dots of a relative import.
            level: the number of these dots.

        Returns:
            a file, or a folder that is a namespace package; None where it is none of the project's.
        """
        if level:
            folder = _folder(importer)
            for _ in range(level - 1):
                if not folder:
                    return None
                folder = _folder(folder[:-1])
            return self._below(folder, module)
        top = module.partition(".")[0]
        own = self.outside_packages(_folder(importer))
        if top in sys.stdlib_module_names:
            # Only a script's own folder comes before the standard library, and a file beside it.
            is_script = own == _folder(importer)
            return self._below(own, module) if is_script and f"{own}{top}{_SUFFIX}" in self._files else None
        for folder in dict.fromkeys((own, "", "src/")):
            found = self._below(folder, module)
            if found is not None:
                return found
        for folder in self._package_roots:
            if f"{folder}{top}/{_PACKAGE}" in self._files:
                return self._below(folder, module)
        return None

    def child(self, module: str, name: str) -> str | None:
        """The submodule of a package; None for what is no package, or has no such submodule."""
        if module.endswith("/"):
            return self._below(module, name)
        return self._below(_folder(module), name) if module.rpartition("/")[2] == _PACKAGE else None

    def _below(self, folder: str, module: str) -> str | None:
        path = folder + module.replace(".", "/")
        if not module:
            path = folder.removesuffix("/")
        package = f"{path}/{_PACKAGE}" if path else _PACKAGE
        if package in self._files:
            return package
        if module and path + _SUFFIX in self._files:
            return path + _SUFFIX
        return f"{path}/" if path and f"{path}/" in self._folders else None

    def outside_packages(self, folder: str) -> str:
        """The nearest folder, from here upwards, that is no regular package."""
        while folder and folder + _PACKAGE in self._files:
            folder = _folder(folder[:-1])
        return folder

    def name(self, path: str) -> str:
        """The dotted name of a module, from the outermost package around it."""
        outside = self.outside_packages(_folder(path)) if not path.endswith("/") else _folder(path[:-1])
        parts = path.removeprefix(outside).removesuffix("/").removesuffix(_SUFFIX).split("/")
        if parts[-1] == "__init__":
            parts.pop()
        return ".".join(parts)


def _folder(path: str) -> str:
    """The folder of a path, with its slash; empty for the project's own."""
    return path[: path.rfind("/") + 1]
