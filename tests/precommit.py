"""Checks both hooks with the real pre-commit, on a scratch repository.

    python tests/precommit.py [CHECKOUT]

Run by the Python of an environment that has ``pre-commit`` and the plugin. ``try-repo`` installs the hooks
from a checkout of the plugin, which has to be a git repository; without one, from a copy of this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from editor import LOCKED, MAIN, RACY

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
CHANGED, WHOLE = "flake8-sharedstate", "flake8-sharedstate-project"
Command = Callable[[str], tuple[str, ...]]
IDENTITY = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")


def run(*command: object, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command; what the environment says of git is not meant for these repositories."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["XDG_CACHE_HOME"] = os.devnull
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    process = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, text=True, stdout=-1, stderr=subprocess.STDOUT
    )
    if check and process.returncode != 0:
        sys.exit(f"{command} ended with status {process.returncode}:\n{process.stdout}")
    return process


def repository(folder: Path, files: dict[str, str]) -> None:
    """Make a git repository with these files."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", ".", cwd=folder)
    run("git", *IDENTITY, "commit", "--quiet", "--message=Begin", cwd=folder)


def checkout(folder: Path) -> Path:
    """Make a repository of the plugin."""
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    repository(folder, {})
    return folder


def local() -> str:
    """Give a configuration that has the hooks as ``repo: local``, from the installed plugin."""
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text().replace("language: python", "language: system")
    return "repos:\n- repo: local\n  hooks:\n" + "".join(f"  {line}\n" for line in hooks.splitlines())


def main() -> None:
    """Run the hooks where there is a race, where there is none, and where a change makes one elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name).resolve()
        project = scratch / "project"
        begin = {"setup.cfg": "[flake8]\n", "counter.py": RACY, "main.py": "", "other.py": ""}
        repository(project, {**begin, ".pre-commit-config.yaml": local()})
        os.environ["PRE_COMMIT_HOME"] = str(scratch / "home")
        plugin = Path(sys.argv[1]) if len(sys.argv) > 1 else checkout(scratch / "plugin")
        commands: list[Command] = [
            lambda hook: ("pre-commit", "run", hook),
            lambda hook: ("pre-commit", "try-repo", str(plugin), hook),
        ]
        for command in commands:
            # The thread comes with a change; the race is in a file that did not change.
            expect(project, {"main.py": MAIN}, command, {CHANGED: 0, WHOLE: 1})
            expect(project, {"main.py": MAIN, "counter.py": RACY + "\n"}, command, {CHANGED: 1, WHOLE: 1})
            expect(project, {"main.py": MAIN, "counter.py": LOCKED}, command, {CHANGED: 0, WHOLE: 0})
    print("both hooks find what they should")


def expect(project: Path, files: dict[str, str], command: Command, statuses: dict[str, int]) -> None:
    """Stage some changes, run the hooks, and compare how they end."""
    run("git", "reset", "--quiet", "--hard", cwd=project)
    for name, text in files.items():
        (project / name).write_text(text)
    run("git", "add", ".", cwd=project)
    for hook, status in statuses.items():
        ended = run(*command(hook), cwd=project, check=False)
        found = "counter.py:6:9: SHS101" in ended.stdout
        if ended.returncode != status or found is not bool(status):
            sys.exit(f"{command(hook)}: status {ended.returncode}, not {status}:\n{ended.stdout}")


if __name__ == "__main__":
    main()
