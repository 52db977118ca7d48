"""The plugin within the real flake8: what users meet before any analysis."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from flake8.api import legacy
from flake8.main.cli import main
from flake8.options.parse_args import parse_args

from flake8_sharedstate import __version__, whole
from flake8_sharedstate.answers import Answers
from flake8_sharedstate.plugin import SharedState, Violation
from flake8_sharedstate.settings import Settings
from real_flake8 import ROOT, flake8, python

COUNTER = ROOT / "examples" / "counter.py"

# One report, SHS101 on line 7, and one of pyflakes: F401 on line 1.
RACY = """\
import os
from threading import Thread

class Tally:
    n = 0
    def run(self):
        self.n += 1

tally = Tally()
for _ in range(5):
    Thread(target=tally.run).start()
"""


@pytest.fixture
def racy(tmp_path: Path) -> Path:
    """Give a file with one report of ours and one of another plugin's."""
    path = tmp_path / "racy.py"
    path.write_text(RACY)
    return path


# The main job


def test_the_document_s_counter_is_reported() -> None:
    (report,) = flake8("--isolated", "--select=SHS", COUNTER).reports
    assert (report.line, report.column, report.code) == (8, 9, "SHS101")
    assert "`self.count += 1`" in report.text
    assert "worker" in report.text
    assert "Thread at line 20" in report.text
    assert report.text.endswith("[free-threaded]")


def test_the_document_s_locking_counter_is_not() -> None:
    assert flake8("--isolated", "--select=SHS", COUNTER.with_name("locking_counter.py")).reports == []


# In flake8


def test_version_names_the_plugin() -> None:
    assert f"flake8-sharedstate: {__version__}" in python("-m", "flake8", "--version").stdout


def test_works_without_configuration(racy: Path) -> None:
    run = flake8(racy, cwd=racy.parent)
    assert run.status == 1
    assert {"SHS101", "F401"} <= set(run.codes)


def test_select_runs_it_alone(racy: Path) -> None:
    assert flake8("--isolated", "--select=SHS", racy).codes == ["SHS101"]


@pytest.mark.parametrize("argument", ["--select=F", "--extend-ignore=SHS", "--ignore=SHS", "--ignore=S"])
def test_can_be_left_out(argument: str, racy: Path) -> None:
    codes = flake8("--isolated", argument, racy).codes
    assert "F401" in codes
    assert "SHS101" not in codes


def test_reads_the_unsaved_buffer(racy: Path) -> None:
    run = flake8("--isolated", "--select=SHS", f"--stdin-display-name={racy}", "-", stdin="\n" + RACY)
    assert [(report.path, report.line) for report in run.reports] == [(str(racy), 8)]


def test_the_number_of_jobs_changes_nothing(racy: Path) -> None:
    racy.with_name("other.py").write_text(RACY)
    serial, parallel = (
        flake8("--isolated", "--select=SHS", f"--jobs={jobs}", racy.parent).stdout for jobs in (1, 2)
    )
    assert serial == parallel
    assert serial.count("SHS101") == 2


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# noqa: SHS101", []),
        ("# noqa:SHS101,E501", []),
        ("# noqa", []),
        ("# noqa: SHS102", ["SHS101"]),
    ],
)
def test_noqa(comment: str, codes: list[str], racy: Path) -> None:
    racy.write_text(RACY.replace("+= 1", f"+= 1  {comment}"))
    assert flake8("--isolated", "--select=SHS", racy).codes == codes
    assert flake8("--isolated", "--select=SHS", "--disable-noqa", racy).codes == ["SHS101"]


def test_a_file_that_does_not_parse_is_left_to_flake8(racy: Path) -> None:
    racy.write_text(RACY + "def (:\n")
    assert flake8("--isolated", "--select=SHS,E9", racy).codes == ["E999"]


def test_the_engine_is_not_loaded_for_a_file_without_threads(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("block = 1\nclock = block + 1\n")
    run = python(
        "-c",
        "import sys\n"
        "from flake8.main.cli import main\n"
        "assert main(['--isolated', '--select=SHS', sys.argv[1]]) == 0\n"
        "print(*{'flake8_sharedstate.pipeline', 'astroid'} & sys.modules.keys())",
        tmp_path / "plain.py",
    )
    assert (run.status, run.stdout, run.stderr) == (0, "\n", "")


def test_annotations_bring_nothing_along() -> None:
    run = python(
        "-c",
        "import sys; before = set(sys.modules)\n"
        "import typing; from flake8_sharedstate.annotations import GuardedBy\n"
        "marked = typing.Annotated[int, GuardedBy('_lock')]\n"
        "assert marked == typing.Annotated[int, GuardedBy('_lock')]\n"
        "assert marked != typing.Annotated[int, GuardedBy('_other')]\n"
        "print(*sorted(name for name in set(sys.modules) - before if 'flake8' in name or 'astroid' in name))",
    )
    assert run.stdout.split() == ["flake8_sharedstate", "flake8_sharedstate.annotations"]


# Work that nobody would see is not done


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., bool]:
    """Give a function that tells whether the engine was asked under these arguments of flake8."""

    def ask(*arguments: str, text: str = RACY) -> bool:
        asked = []
        monkeypatch.setattr(whole, "analyse_project", lambda *given: asked.append(given) or {})
        monkeypatch.chdir(tmp_path)
        parse_args(["--isolated", *arguments])
        assert run_plugin(text) == []
        return bool(asked)

    return ask


def run_plugin(text: str) -> list[Violation]:
    return list(SharedState(ast.parse(text), "racy.py", text.splitlines(keepends=True)).run())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], True),
        (["--select=SHS"], True),
        (["--select=S"], True),
        (["--select=E,SHS101"], True),
        (["--select=E"], False),
        (["--select=E", "--extend-select=SHS2"], True),
        (["--ignore=SHS"], False),
        (["--extend-ignore=S"], False),
        (["--ignore=S", "--extend-select=SHS"], True),
        (["--ignore=SHS101"], True),
        (["--ignore=SHS", "--extend-select=SHS101"], True),
        (["--select=SHS101", "--extend-ignore=SHS1"], True),
        (["--select=SHS1", "--extend-ignore=SHS1"], False),
        (["--select=E,SHS", "--extend-ignore=SHS"], False),
        (["--enable-extensions=XYZ"], True),
    ],
)
def test_the_selection_decides(arguments: list[str], expected: bool, analysed: Callable[..., bool]) -> None:
    assert analysed(*arguments) is expected


def test_the_selection_is_read_late(racy: Path) -> None:
    """flake8's legacy API sets options when parse_options is over."""
    for selected, code in ("SHS", "SHS101"), ("F", "F401"):
        report = legacy.get_style_guide(select=[selected]).check_files([str(racy)])
        assert [line.split()[1] for line in report.get_statistics("")] == [code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("block = clock = 'BLOCK'\n", False),
        ("import os\nclass Clock: pass\n", False),
        ("def f(db_lock): pass\n", True),
        ("class DBLock: pass\n", True),
        ("MUTEX = None\n", True),
        ("n = 0  # Guarded by: _guard\n", True),
    ],
)
def test_the_gate(text: str, expected: bool, analysed: Callable[..., bool]) -> None:
    assert analysed(text=text) is expected
    assert analysed("--sharedstate-assume-threads=mypkg.*", text=text)


# When the plugin itself fails


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError()], ids=repr)
def test_an_internal_error_is_one_report(
    error: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(whole, "analyse_project", broken)
    monkeypatch.chdir(tmp_path)
    parse_args(["--isolated"])
    ((line, column, text, _),) = run_plugin(RACY)
    assert (line, column) == (1, 0)
    assert text.startswith(f"SHS900 internal error: {type(error).__name__} in answers._reports, line ")
    assert "please report it" in text


def test_a_project_that_fails_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    def broken(*_: object) -> None:
        tried.append(1)
        raise KeyError("x")

    monkeypatch.setattr(whole, "analyse_project", broken)
    monkeypatch.chdir(tmp_path)
    names = ["one.py", "plain.py", "two.py"]
    for name in names:
        Path(name).write_text("x = 1\n" if name == "plain.py" else RACY)
    main(["--isolated", "--select=SHS", "--jobs=1", "--sharedstate-no-cache", "."])
    lines = sorted(capsys.readouterr().out.splitlines())
    assert [line.split(":")[0] for line in lines] == [f"./{name}" for name in names]
    assert all("SHS900 internal error: KeyError" in line for line in lines)
    assert len(tried) == 1
    # The text of an editor is another project, which may fare better.
    (report,) = Answers(Settings()).of(ast.parse(""), "one.py", "import threading")
    assert (report.code, len(tried)) == ("SHS900", 2)


def test_after_an_internal_error_other_results_survive(racy: Path) -> None:
    """A second plugin, made here, breaks the engine within the real flake8."""
    racy.with_name("saboteur.py").write_text(
        "import flake8_sharedstate.whole\n"
        "flake8_sharedstate.whole.analyse_project = None\n"
        "def check(tree):\n"
        "    yield 2, 0, 'ZZZ100 still here', None\n"
    )
    racy.with_name("setup.cfg").write_text(
        "[flake8]\nselect = SHS,F,ZZZ\n[flake8:local-plugins]\nextension = ZZZ = saboteur:check\npaths = .\n"
    )
    run = flake8(racy, cwd=racy.parent)
    assert sorted((report.line, report.code) for report in run.reports) == [
        (1, "F401"),
        (1, "SHS900"),
        (2, "ZZZ100"),
    ]
    assert "Traceback" in flake8("-v", racy, cwd=racy.parent).stderr


# Options


WRONG = [
    ("builds", "pypy", "--sharedstate-builds: 'pypy' is neither 'all' nor 'gil'"),
    ("builds", "", "--sharedstate-builds: '' is neither 'all' nor 'gil'"),
    (
        "assume-threads",
        "my/pkg",
        "--sharedstate-assume-threads: 'my/pkg' is not a dotted name with wildcards, such as mypkg.*",
    ),
    (
        "assume-threads",
        "ok.*, a..b",
        "--sharedstate-assume-threads: 'a..b' is not a dotted name with wildcards, such as mypkg.*",
    ),
]


@pytest.mark.parametrize("place", ["command line", "configuration"])
@pytest.mark.parametrize(("option", "value", "message"), WRONG)
def test_a_wrong_option_is_one_clear_line(
    place: str, option: str, value: str, message: str, racy: Path
) -> None:
    if place == "configuration":
        racy.with_name("setup.cfg").write_text(f"[flake8]\nsharedstate-{option} = {value}\n")
        run = flake8(racy, cwd=racy.parent)
    else:
        run = flake8("--isolated", f"--sharedstate-{option}={value}", racy)
    assert run.status == 1
    assert run.stdout.splitlines()[1:] == [message]
    assert run.stderr == ""


@pytest.mark.parametrize("place", ["command line", "configuration"])
def test_builds_of_the_gil_alone(place: str, racy: Path) -> None:
    racy.write_text(RACY.replace("+= 1", "+= 1\n        self.n += self.m()") + "Tally.m = lambda self: 1\n")
    if place == "configuration":
        racy.with_name("setup.cfg").write_text("[flake8]\nselect = SHS\nsharedstate_builds = gil\n")
        run = flake8(racy, cwd=racy.parent)
    else:
        run = flake8("--isolated", "--select=SHS", "--sharedstate-builds=gil", racy)
    assert [(report.line, report.code) for report in run.reports] == [(8, "SHS101")]
    assert run.reports[0].text.endswith("[today]")


def test_assumed_threads(racy: Path) -> None:
    racy.write_text("class Tally:\n    n = 0\n    def add(self):\n        self.n += 1\n")
    assert flake8("--isolated", "--select=SHS", racy).reports == []
    assumed = flake8("--isolated", "--select=SHS", "--sharedstate-assume-threads=rac*.Tally", racy)
    assert [(report.line, report.code) for report in assumed.reports] == [(4, "SHS101")]
    other = flake8("--isolated", "--select=SHS", "--sharedstate-assume-threads=other.*", racy)
    assert other.reports == []
