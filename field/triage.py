"""Run flake8 with the plugin over pinned packages, and compare with what was judged of each report.

    python field/triage.py [--site DIR] [--report]

`packages.txt` lists the packages. pip installs them (without what they depend on) into a virtual environment
in a temporary directory, or with `--site` they are read from a directory that has them, such as an
environment's site-packages. Each is analysed in two ways: file by file, as installed code is, and as the
project that it is where it is written, with the tests that it brings, and the other packages to import.

`triage.toml` has one entry for each report: its verdict, read from the code, and the reason, and `only` where
just one of the two ways gives it. A report without an entry and an entry without a report fail the run; what
to add is printed as entries to fill in. The standard library's own modules are read too, file by file, where
the running Python is the version that was judged.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "packages.txt"
JUDGED = HERE / "triage.toml"

VERDICTS = ("real", "false", "debatable")
# The two ways; an entry that names neither is for both.
FILES, PROJECTS = "files", "projects"
STDLIB = "stdlib"
STDLIB_VERSION = (3, 11)
FORMAT = "%(path)s\t%(row)d\t%(code)s\t%(text)s"
# Programs that test a package are no part of it, and some of them race on purpose.
NOT_THE_PACKAGE = frozenset(["test", "tests"])
# Each file by itself: a directory of installed packages is no project.
OFF = "--sharedstate-project-root=off"


@dataclass(frozen=True, order=True)
class Report:
    """One report, and where it is: the file relative to what pip installed or to the standard library."""

    package: str
    file: str
    line: int
    code: str
    text: str
    only: str = ""
    message: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same report when lines move."""
        return (self.package, self.file, self.code, self.text, self.only)


@dataclass(frozen=True)
class Entry:
    """What was judged of one report."""

    report: Report
    verdict: str
    reason: str


def main() -> int:
    """Compare, and print the totals."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--site", type=Path, help="a directory that has the packages already")
    parser.add_argument("--report", action="store_true", help="print the reports and compare nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        site = arguments.site.resolve() if arguments.site else _install(Path(scratch, "environment"))
        installed = _files(site)
        files = {file: package for file, package in installed.items() if _is_judged(file)}
        reports = _both(_flake8(site, files, OFF), _as_projects(site, installed, Path(scratch, "projects")))
        lines = _lines(site, files)
        if sys.version_info[:2] == STDLIB_VERSION:
            stdlib = Path(sysconfig.get_path("stdlib"))
            modules = {module.name: STDLIB for module in stdlib.glob("*.py")}
            reports += _both(_flake8(stdlib, modules, OFF), [])
            lines += _lines(stdlib, modules)
            files |= modules
    if arguments.report:
        for report in reports:
            only = f" (only as {report.only})" if report.only else ""
            print(f"{report.file}:{report.line}: {report.code} {report.message}{only}")
        return 0
    packages = set(files.values())
    entries = [entry for entry in _judged() if entry.report.package in packages]
    new, vanished = _compare(reports, entries)
    for report in new:
        print(_toml(report))
    for entry in vanished:
        gone = entry.report
        print(f"# no longer reported: {gone.file}:{gone.line}: {gone.code} {gone.text}")
    print(f"packages {len(packages)}, lines {lines}")
    for way in (FILES, PROJECTS):
        verdicts = Counter(entry.verdict for entry in entries if entry.report.only in ("", way))
        totals = {"reports": verdicts.total()} | {verdict: verdicts[verdict] for verdict in VERDICTS}
        print(f"{way}: " + ", ".join(f"{name} {total}" for name, total in totals.items()))
    if new or vanished:
        print(f"{len(new)} reports to judge, {len(vanished)} entries to take out", file=sys.stderr)
        return 1
    return 0


def _install(scratch: Path) -> Path:
    """Install the packages, and give the directory where they are."""
    venv.create(scratch, with_pip=True)
    python = scratch / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*pip, "--no-deps", "-r", PACKAGES], check=True)
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())


def _pinned() -> dict[str, str]:
    """Give the version of each package in the list."""
    lines = (line.partition("#")[0].strip() for line in PACKAGES.read_text(encoding="utf-8").splitlines())
    return dict(line.split("==") for line in lines if line)


def _files(site: Path) -> dict[str, str]:
    """Give each Python file of the packages and whose it is, and insist on the pinned versions."""
    there = {_plain(found.metadata["Name"]): found for found in distributions(path=[str(site)])}
    files: dict[str, str] = {}
    wrong = []
    for name, version in _pinned().items():
        found = there.get(_plain(name))
        if found is None or found.version != version:
            wrong.append(f"{name}=={version}")
            continue
        paths = [path for path in found.files or () if path.suffix == ".py"]
        files |= {path.as_posix(): name for path in paths if ".." not in path.parts}
    if wrong:
        sys.exit(f"not in {site}: {', '.join(wrong)}")
    return files


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_judged(file: str) -> bool:
    return NOT_THE_PACKAGE.isdisjoint(file.split("/"))


def _as_projects(site: Path, files: Mapping[str, str], scratch: Path) -> list[Report]:
    """Copy each package to where it is no installed code, one by one, and run flake8 there."""
    reports = []
    for package in sorted(set(files.values())):
        project = scratch / package
        own = [file for file in files if files[file] == package]
        for file in own:
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(site / file, project / file)
        (project / "pyproject.toml").touch()
        judged = dict.fromkeys(filter(_is_judged, own), package)
        # The analysis may have changed since something was kept.
        reports += _flake8(project, judged, "--sharedstate-no-cache", path=site)
        shutil.rmtree(project)
    return sorted(reports)


def _both(files: Iterable[Report], projects: Iterable[Report]) -> list[Report]:
    """Make one report of what is reported both ways, and say of the others in which way they are."""
    by_files, by_projects = Counter(files), Counter(projects)
    reports = [*(by_files & by_projects).elements()]
    reports += [replace(report, only=FILES) for report in (by_files - by_projects).elements()]
    reports += [replace(report, only=PROJECTS) for report in (by_projects - by_files).elements()]
    return sorted(reports)


def _flake8(root: Path, files: Mapping[str, str], *options: str, path: Path | None = None) -> list[Report]:
    """Run flake8 as users do over the directories and modules that the files are in, and read its reports."""
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=SHS", "--disable-noqa", "--exit-zero"]
    command += [*options, f"--format={FORMAT}", f"--extend-exclude={','.join(sorted(NOT_THE_PACKAGE))}"]
    command += sorted({file.partition("/")[0] for file in files})
    # What flake8 itself imports comes first.
    paths = {"PYTHONPATH": os.pathsep.join([*sys.path[1:], str(path)])} if path else {}
    given = os.environ | paths
    run = subprocess.run(command, cwd=root, env=given, capture_output=True, text=True, encoding="utf-8")
    if run.returncode or run.stderr:
        sys.exit(f"flake8 in {root} ended with {run.returncode}:\n{run.stderr}")
    reports = []
    for row in run.stdout.splitlines():
        place, line, code, message = row.split("\t", maxsplit=3)
        file = Path(place).as_posix()
        _, quote, rest = message.partition("`")
        text = rest.partition("`")[0] if quote else message
        # A directory that several distributions share may have files of one that is not in the list.
        if file in files:
            reports.append(Report(files[file], file, int(line), code, text, message=message))
    return sorted(reports)


def _lines(root: Path, files: Iterable[str]) -> int:
    return sum((root / file).read_bytes().count(b"\n") for file in files)


def _judged() -> list[Entry]:
    """Read the verdicts."""
    entries = []
    for row in tomllib.loads(JUDGED.read_text(encoding="utf-8"))["report"]:
        verdict, reason = row.pop("verdict"), row.pop("reason")
        if verdict not in VERDICTS or not reason:
            sys.exit(f"{JUDGED.name}: {row['file']}:{row['line']} lacks a verdict or a reason")
        entry = Entry(Report(**row), verdict, reason)
        if entry.report.only not in ("", FILES, PROJECTS):
            sys.exit(f"{JUDGED.name}: {row['file']}:{row['line']} is only in {row['only']}")
        entries.append(entry)
    return entries


def _compare(reports: Iterable[Report], entries: Iterable[Entry]) -> tuple[list[Report], list[Entry]]:
    """Pair reports with entries, the same statement of one file in the order of its lines."""
    judged = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.report):
        judged[entry.report.key].append(entry)
    new = [report for report in sorted(reports) if not (judged[report.key] and judged[report.key].pop(0))]
    return new, [entry for rest in judged.values() for entry in rest]


def _toml(report: Report, verdict: str = "", reason: str = "") -> str:
    """Write an entry, as TOML has it (its strings are JSON's)."""
    fields = {"package": report.package, "file": report.file, "line": report.line, "code": report.code}
    fields |= {"text": report.text} | ({"only": report.only} if report.only else {})
    fields |= {"verdict": verdict, "reason": reason}
    rows = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
    head = f"# {report.message}\n" if report.message else ""
    return head + "[[report]]\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
