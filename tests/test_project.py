"""Programs of several modules: each file gets the reports that its lines expect, however it is asked for."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from flake8_sharedstate.answers import Answers
from flake8_sharedstate.project import discovery
from flake8_sharedstate.project.discovery import Extent, Roots
from flake8_sharedstate.settings import Settings
from marks import read_marks
from real_flake8 import ROOT, Reported, Run, flake8, python

PROJECTS = ROOT / "tests" / "fixtures" / "project"
NAMES = sorted(path.name for path in PROJECTS.iterdir())
OPTIONS = ("--isolated", "--select=SHS,E9")


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the projects to where each has a root of its own."""
    copied = tmp_path_factory.mktemp("projects")
    shutil.copytree(PROJECTS, copied, dirs_exist_ok=True)
    for name in NAMES:
        (copied / name / "pyproject.toml").touch()
    return copied


Found = dict[str, list[tuple[int, int, str, str]]]


def by_file(reports: list[Reported], projects: Path, cwd: Path) -> Found:
    """Give the reports by file, as a path from the folder of all projects."""
    found: Found = {}
    for report in reports:
        path = str((cwd / report.path).resolve().relative_to(projects.resolve()))
        found.setdefault(path, []).append((report.line, report.column, report.code, report.text))
    return found


@pytest.fixture(scope="session")
def whole(projects: Path) -> Found:
    """Run flake8 once over all projects."""
    return by_file(flake8(*OPTIONS, "--jobs=1", projects).reports, projects, projects)


def files(projects: Path, name: str = ".") -> list[Path]:
    """Give the files of one project, or of all."""
    return sorted((projects / name).rglob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_project(name: str, projects: Path, whole: Found) -> None:
    expected = 0
    for path in files(projects, name):
        marks = read_marks(path.read_text(encoding="utf-8"))
        got = whole.get(str(path.relative_to(projects)), [])
        assert marks.disagreements({(line, code) for line, _, code, _ in got}) == [], (path, got)
        expected += len(marks.expected)
    assert name.endswith("_racy") is (expected > 0)


@pytest.mark.parametrize("name", NAMES)
def test_each_file_alone(name: str, projects: Path, whole: Found) -> None:
    for path in files(projects, name):
        text = path.read_text(encoding="utf-8")
        found = Answers(Settings()).of(ast.parse(text), str(path), text)
        reports = [(report.line, report.column + 1, report.code, report.text) for report in found]
        assert reports == whole.get(str(path.relative_to(projects)), [])


def test_in_all_modes(projects: Path, whole: Found) -> None:
    subfolder = projects / "document_racy"
    absolute = [str(path) for path in files(projects)]
    modes: list[tuple[Path, list[object]]] = [
        (projects, ["--jobs=2", "."]),
        (projects, ["--jobs=1", *reversed(absolute)]),
        (projects, ["--jobs=2", *(path.relative_to(projects) for path in reversed(files(projects)))]),
        (subfolder, [".."]),
        (subfolder, ["--jobs=1", ".", *(f"../{name}" for name in NAMES if name != subfolder.name)]),
    ]
    for cwd, arguments in modes:
        assert by_file(flake8(*OPTIONS, *arguments, cwd=cwd).reports, projects, cwd) == whole


def test_the_document_s_program_in_three_modules(projects: Path) -> None:
    folder = projects / "document_racy"
    run = flake8(*OPTIONS, "counter.py", cwd=folder)
    assert [(report.path, report.line, report.code) for report in run.reports] == [
        ("counter.py", 9, "SHS101")
    ]
    assert "(Thread at line 10 of main.py, via worker)" in run.reports[0].text
    assert flake8(*OPTIONS, "--sharedstate-project-root=off", ".", cwd=folder).reports == []


# Once per run


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_workers_do_not_analyse_again(method: str, projects: Path) -> None:
    folder = projects / "document_racy"
    run = python(
        "-c",
        "import multiprocessing, sys\n"
        "from flake8.main.cli import main\n"
        "multiprocessing.set_start_method(sys.argv.pop(1))\n"
        "sys.exit(main())",
        method,
        "-v",
        "--jobs=2",
        *OPTIONS,
        ".",
        cwd=folder,
    )
    assert "SHS101" in run.stdout
    assert run.stderr.count("analysing the project in") == 1


def test_nothing_is_left_behind(projects: Path, tmp_path: Path) -> None:
    assert run_with_temporary(tmp_path, projects / "document_racy").status == 1
    assert list(tmp_path.iterdir()) == []


def run_with_temporary(folder: Path, cwd: Path) -> Run:
    """Run flake8 with another folder for temporary files."""
    return python(
        "-c",
        "import os, sys, tempfile\n"
        "tempfile.tempdir = sys.argv.pop(1)\n"
        "from flake8.main.cli import main\n"
        "sys.exit(main())",
        folder,
        *OPTIONS,
        ".",
        cwd=cwd,
    )


def test_nothing_is_analysed_without_a_code_selected(projects: Path) -> None:
    run = flake8("-v", "--isolated", "--select=F", ".", cwd=projects / "document_racy")
    assert "analysing" not in run.stderr


# The unsaved buffer


def test_the_buffer_replaces_the_file(projects: Path) -> None:
    folder = projects / "document_racy"
    text = (folder / "counter.py").read_text()
    locked = "from threading import Lock\nLOCK = Lock()\n" + text.replace(
        "        self.count += 1", "        with LOCK:\n            self.count += 1"
    )
    for buffer, codes in (text, ["SHS101"]), (locked, []):
        run = flake8(*OPTIONS, "--stdin-display-name=counter.py", "-", cwd=folder, stdin=buffer)
        assert run.codes == codes


def test_the_buffer_makes_a_race_in_another_file(projects: Path) -> None:
    """What an editor has not saved counts for the file that it is, under its own name."""
    folder = projects / "document_safe"
    text = (folder / "counter.py").read_text().replace("with self._lock:", "if True:")
    run = flake8(*OPTIONS, "--stdin-display-name=counter.py", "-", cwd=folder, stdin=text)
    assert [(report.line, report.code) for report in run.reports] == [(12, "SHS101")]


# Which files belong to a project


@pytest.fixture
def scattered(tmp_path: Path) -> Path:
    """Give a project whose threads are in folders that may not count."""
    (tmp_path / "setup.cfg").touch()
    counter = (PROJECTS / "document_racy" / "counter.py").read_text().partition("  # expect")[0]
    (tmp_path / "counter.py").write_text(counter + "\n")
    return tmp_path


MAIN = "import threading\nfrom counter import Counter\nc = Counter()\n" + (
    "for _ in range(3):\n    threading.Thread(target=c.increment).start()\n"
)


@pytest.mark.parametrize(
    ("folder", "marker", "counts"),
    [
        ("scripts", None, True),
        (".hidden", None, False),
        ("build", None, False),
        ("build", "__init__.py", True),
        ("node_modules", None, False),
        ("env", "pyvenv.cfg", False),
        ("inner", "pyproject.toml", False),
        ("thing.egg-info", None, False),
    ],
)
def test_folders(folder: str, marker: str | None, counts: bool, scattered: Path) -> None:
    (scattered / folder).mkdir()
    (scattered / folder / "main.py").write_text(MAIN)
    if marker is not None:
        (scattered / folder / marker).touch()
    codes = flake8(*OPTIONS, scattered / "counter.py").codes
    assert codes == (["SHS101"] if counts else [])


def test_excluded_files_are_analysed_but_not_reported(scattered: Path) -> None:
    (scattered / "main.py").write_text(MAIN)
    run = flake8(*OPTIONS, "--exclude=main.py", ".", cwd=scattered)
    assert [report.path for report in run.reports] == ["./counter.py"]
    assert flake8(*OPTIONS, "--exclude=counter.py", ".", cwd=scattered).reports == []


def test_a_root_that_the_user_names(scattered: Path) -> None:
    inner = scattered / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").touch()
    (inner / "main.py").write_text(MAIN)
    counter = scattered / "counter.py"
    assert flake8(*OPTIONS, counter).codes == []
    assert flake8(*OPTIONS, f"--sharedstate-project-root={scattered}", counter).codes == ["SHS101"]
    (scattered / "setup.cfg").write_text("[flake8]\nselect = SHS\nsharedstate-project-root = ./\n")
    assert flake8(counter, cwd=scattered).codes == ["SHS101"]


def test_without_a_root_the_folder_and_its_packages_count(scattered: Path) -> None:
    (scattered / "setup.cfg").unlink()
    (scattered / "main.py").write_text(MAIN)
    (scattered / "far").mkdir()
    (scattered / "far" / "other.py").write_text(MAIN)
    assert flake8(*OPTIONS, scattered / "counter.py").codes == ["SHS101"]
    (scattered / "main.py").unlink()
    assert flake8(*OPTIONS, scattered / "counter.py").codes == []


def test_a_file_that_does_not_parse_is_as_good_as_none(scattered: Path) -> None:
    (scattered / "main.py").write_text(MAIN)
    (scattered / "broken.py").write_text(MAIN + "def (:\n")
    assert flake8(*OPTIONS, ".", cwd=scattered).codes == ["E999", "SHS101"]


def test_what_python_warns_of_in_another_file_is_not_said(scattered: Path) -> None:
    (scattered / "main.py").write_text(MAIN + 'PATTERN = "\\d"\n')
    assert flake8("counter.py", cwd=scattered).codes == ["SHS101"]


def test_installed_code_is_no_project(tmp_path: Path) -> None:
    """A package among installed ones is analysed file by file: what lies beside it is no part of it."""
    package = tmp_path / "lib" / "site-packages" / "mill"
    shutil.copytree(PROJECTS / NAMES[0], package)
    (tmp_path / "pyproject.toml").touch()
    root = Roots().of(str(package / "main.py"))
    assert root.extent is Extent.NOTHING
    assert discovery.files(root) is None
    assert Roots().of(str(tmp_path / "main.py")).extent is Extent.PROJECT
