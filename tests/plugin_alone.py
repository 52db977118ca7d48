"""Run as a script: flake8's own checker of one file with this plugin and no other.

flake8's other plugins recurse too, and end a run on nesting that this plugin must bear.
"""

from __future__ import annotations

import sys

from flake8.checker import FileChecker
from flake8.options.parse_args import parse_args


def main(path: str) -> None:
    """Check the file."""
    plugins, options = parse_args(["--isolated", "--select=SHS,E9"])
    ours = [plugin for plugin in plugins.checkers.tree if plugin.entry_name == "SHS"]
    assert len(ours) == 1
    checkers = plugins.checkers._replace(tree=ours, logical_line=[], physical_line=[])
    _, results, _ = FileChecker(filename=path, plugins=checkers, options=options).run_checks()
    for code, line, _, text, _ in results:
        print(line, code, text)


if __name__ == "__main__":
    main(sys.argv[1])
