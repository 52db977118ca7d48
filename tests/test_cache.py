"""What is kept from one run to the next: the same reports as without, and less work."""

from __future__ import annotations

import ast
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flake8_sharedstate import pipeline
from flake8_sharedstate.answers import Answers
from flake8_sharedstate.program import external
from flake8_sharedstate.program.graph import BudgetError
from flake8_sharedstate.project import memory, scans, sources, store
from flake8_sharedstate.project.store import Store
from flake8_sharedstate.settings import Settings
from real_flake8 import ROOT, flake8

FIXTURES = ROOT / "tests" / "fixtures" / "project"
OPTIONS = ("--isolated", "--select=SHS,E9")
UNLOCKED = "class Counter:\n    def __init__(self):\n        self.count = 0\n\n    def increment(self):\n"
RACY = UNLOCKED + "        self.count += 1\n"
SAFE = (
    "import threading\n\nLOCK = threading.Lock()\n\n\n"
    + UNLOCKED
    + "        with LOCK:\n            self.count += 1\n"
)
MAIN = "import threading\n\nfrom counter import Counter\n\nc = Counter()\n" + (
    "for _ in range(3):\n    threading.Thread(target=c.increment).start()\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project with a race in one file, a thread in another, and something apart."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "counter.py").write_text(RACY)
    (folder / "main.py").write_text(MAIN)
    (folder / "apart.py").write_text(
        MAIN.replace("from counter import Counter\n", RACY).replace("Counter", "Other")
    )
    return folder


Lint = Callable[..., list[tuple[str, int, str]]]


@pytest.fixture
def lint(project: Path, tmp_path: Path) -> Lint:
    """Give a function that runs flake8 on the project with a cache."""

    def run(*arguments: str, cwd: Path = project) -> list[tuple[str, int, str]]:
        reports = flake8(
            *OPTIONS, f"--sharedstate-cache-dir={tmp_path / 'kept'}", *arguments, cwd=cwd
        ).reports
        return [(Path(report.path).name, report.line, report.code) for report in reports]

    return lambda *arguments, **given: run(*(arguments or (".",)), **given)


def kept(tmp_path: Path) -> list[Path]:
    """Give the entries of the cache."""
    return sorted((tmp_path / "kept").iterdir())


class Work:
    """Counts what is worked out, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, project: Path, folder: Path) -> None:
        self.project = project
        self.settings = Settings(cache_dir=str(folder))
        self.solved: list[list[str]] = []
        self.parsed: list[str] = []
        analysis, tree = pipeline._Analysis, pipeline.ProjectWorkspace.tree

        def solving(workspace: object, unit: pipeline.Unit, settings: object) -> object:
            self.solved.append(sorted(unit.concerned))
            return analysis(workspace, unit, settings)  # type: ignore[arg-type]

        def parsing(workspace: pipeline.ProjectWorkspace, path: str) -> ast.Module | None:
            self.parsed.append(path)
            return tree(workspace, path)

        monkeypatch.setattr(pipeline, "_Analysis", solving)
        monkeypatch.setattr(pipeline.ProjectWorkspace, "tree", parsing)

    def run(self, settings: Settings | None = None) -> dict[str, list[tuple[int, str]]]:
        """Analyse the project as a new process does; give its reports."""
        self.solved.clear()
        self.parsed.clear()
        external._remembered.cache_clear()
        importlib.invalidate_caches()
        answers = Answers(settings or self.settings)
        found = {}
        for path in sorted(self.project.rglob("*.py")):
            text = path.read_text()
            found[path.name] = [(r.line, r.code) for r in answers.of(ast.parse(text), str(path), text)]
        return {name: reports for name, reports in found.items() if reports}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path) -> Work:
    """Give the project with its work counted."""
    return Work(monkeypatch, project, tmp_path / "kept")


# Only what changed is worked out


def test_an_unchanged_project_is_not_analysed(work: Work) -> None:
    cold = work.run()
    assert cold == {"counter.py": [(6, "SHS101")], "apart.py": [(8, "SHS101")]}
    assert len(work.solved) == 2
    assert work.run() == cold
    assert (work.solved, work.parsed) == ([], [])


def test_a_change_costs_what_it_matters_to(work: Work, project: Path) -> None:
    work.run()
    (project / "counter.py").write_text(SAFE)
    assert work.run() == {"apart.py": [(8, "SHS101")]}
    assert work.solved == [["counter.py"], ["main.py"]]
    assert set(work.parsed) <= {"counter.py", "main.py"}
    (project / "counter.py").write_text(RACY)
    assert work.run() == {"counter.py": [(6, "SHS101")], "apart.py": [(8, "SHS101")]}
    assert work.solved == []


def test_a_file_that_nothing_rests_on_costs_no_work(work: Work, project: Path) -> None:
    (project / "quiet.py").write_text("x = 1\n")
    cold = work.run()
    (project / "quiet.py").write_text("x = 2\n")
    assert work.run() == cold
    assert (work.solved, work.parsed) == ([], [])


@pytest.mark.parametrize(
    ("error", "again"), [(BudgetError(), False), (RecursionError(), False), (MemoryError(), True)], ids=repr
)
def test_what_is_past_the_budget_is_not_tried_again(
    error: Exception, again: bool, work: Work, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def past(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "Program", past)
        assert work.run() == {}
    assert len(work.solved) == 2
    work.run()
    assert len(work.solved) == (2 if again else 0)


def test_settings_that_matter_are_told_apart(work: Work, tmp_path: Path) -> None:
    cold = work.run()
    assert work.run(Settings(cache_dir=str(tmp_path / "kept"), builds="gil")) == {}
    assert work.run() == cold


def test_another_version_begins_anew(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    work.run()
    monkeypatch.setattr(memory, "_own_state", lambda: "another")
    work.run()
    assert len(work.solved) == 2


def test_what_is_kept_is_good_in_another_folder(work: Work, tmp_path: Path) -> None:
    cold = work.run()
    work.project = work.project.rename(tmp_path / "elsewhere")
    assert work.run() == cold
    assert work.solved == []


# What files say


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the files that are read; any file has rested long enough to be known by its looks."""
    names: list[str] = []
    reading = sources.read

    def noted(path: str) -> str | None:
        names.append(Path(path).name)
        return reading(path)

    monkeypatch.setattr(sources, "read", noted)
    monkeypatch.setattr(scans, "_REST", -(10**9))
    return names


def test_files_that_look_as_they_did_are_not_read(work: Work, project: Path, read: list[str]) -> None:
    cold = work.run()
    read.clear()
    assert work.run() == cold
    assert read == []
    (project / "apart.py").write_text("x = 1\n")
    assert work.run() == {"counter.py": [(6, "SHS101")]}
    assert set(read) == {"apart.py"}


def rewritten(path: Path, old: str, new: str) -> None:
    """Write a text as long as the last, with no trace of it but what the system notes itself."""
    status = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_what_is_written_within_a_tick(work: Work, project: Path) -> None:
    cold = work.run()
    update, setting = "self.count += 1", "self.count = 11"
    for old, new, expected in [
        (update, setting, {"apart.py": cold["apart.py"]}),
        (setting, update, cold),
    ] * 2:
        rewritten(project / "counter.py", old, new)
        assert work.run() == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has no time of the last change but what programs set")
def test_a_set_back_date(work: Work, project: Path, read: list[str]) -> None:
    assert "counter.py" in work.run()
    rewritten(project / "counter.py", "self.count += 1", "self.count = 11")
    assert "counter.py" not in work.run()
    assert "counter.py" in read


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1],
        {"counter.py": None},
        {"counter.py": [None, "0"]},
        {"counter.py": [[1], 2, "x", 3, 4]},
        {"counter.py": [[1], "0", True, True, [["a", "b", "c", "d"]]], 3: []},
        {"counter.py": [[1], "0", True, True, [], "more"]},
    ],
)
def test_foreign_scans(value: object, work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = Store.put

    def putting(entries: Store, key: str, kept: object) -> None:
        put(entries, key, value if '"scans"' in key else kept)

    monkeypatch.setattr(Store, "put", putting)
    cold = work.run()
    assert cold == {"counter.py": [(6, "SHS101")], "apart.py": [(8, "SHS101")]}
    assert work.run() == cold
    assert work.solved == []


def test_what_changes_under_way_is_not_kept(
    work: Work, project: Path, tmp_path: Path, read: list[str]
) -> None:
    cold = work.run()
    for path in kept(tmp_path):
        if b'"value"' in path.read_bytes():
            path.unlink()
    digest = sources.Sources.digest

    def telling(asked: sources.Sources, path: str) -> str | None:
        told = digest(asked, path)
        if path == "counter.py" and not work.parsed:
            (project / path).write_text(SAFE)
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources.Sources, "digest", telling)
        work.run()
    assert "counter.py" in work.parsed
    (project / "counter.py").write_text(RACY)
    assert work.run() == cold


# What an import means


def test_a_new_file_that_an_import_means_now(work: Work, project: Path) -> None:
    (project / "main.py").unlink()
    scripts = project / "scripts"
    scripts.mkdir()
    (scripts / "main.py").write_text(MAIN)
    assert work.run()["counter.py"] == [(6, "SHS101")]
    # The file beside a script comes before the one of the project's folder.
    (scripts / "counter.py").write_text(RACY.replace("count", "number"))
    (project / "counter.py").write_text(RACY)
    found = work.run()
    assert found == {"counter.py": [(6, "SHS101")], "apart.py": [(8, "SHS101")]}
    assert work.solved == [["scripts/main.py"]]
    assert found == work.run(Settings(no_cache=True))
    (scripts / "counter.py").write_text(SAFE)
    assert work.run() == {"apart.py": [(8, "SHS101")]}


def test_a_new_file_that_uses_a_class(work: Work, project: Path) -> None:
    (project / "main.py").unlink()
    assert "counter.py" not in work.run()
    (project / "late.py").write_text(MAIN)
    assert work.run()["counter.py"] == [(6, "SHS101")]
    (project / "late.py").unlink()
    assert "counter.py" not in work.run()


def test_what_an_installed_module_says(
    work: Work, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    (project / "apart.py").unlink()
    (project / "main.py").write_text(
        "from lender import Base\n\nfrom counter import Counter\n\nc = Counter()\n\n\n"
        "class Worker(Base):  # a thread, perhaps\n    def run(self):\n        c.increment()\n\n\n"
        "for _ in range(3):\n    Worker().start()\n"
    )
    threads = "import threading\n\n\nclass Base(threading.Thread):\n    pass\n"
    plain = "class Base:\n    def start(self):\n        self.run()\n"
    assert work.run() == {}
    for text, expected in [(threads, {"counter.py": [(6, "SHS101")]}), (plain, {})] * 2:
        (site / "lender.py").write_text(text)
        assert work.run() == expected
        assert work.run() == expected
        assert (work.solved, work.parsed) == ([], [])


# Whatever lies in the folder


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def resealed(value: object) -> Callable[[bytes], bytes]:
    """Give what writes something else with a right digest."""
    data = json.dumps(value).encode()
    return lambda _: store.digest(data).encode() + b"\n" + data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"SHS101", b"SHS999"),
        lambda data: b"\x80\x04K\x01.",
        lambda data: b"\xff\n" + data,
        lambda data: b"[" * 100_000,
        resealed(None),
        resealed([1, 2]),
        resealed({"value": 3, "outside": 4, "noted": 5}),
        resealed({"value": [["a"]], "outside": "b", "noted": [[["text"], "c"]]}),
        resealed({"value": {"counter.py": [[1]]}, "outside": "b", "noted": [1, None]}),
    ],
)
def test_damaged_and_foreign_entries(change: Callable[[bytes], bytes], work: Work, tmp_path: Path) -> None:
    cold = work.run()
    for path in kept(tmp_path):
        rewrite(path, change)
    assert work.run() == cold
    assert len(work.solved) == 2
    assert work.run() == cold
    assert work.solved == []


def test_a_folder_that_cannot_be_written(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below", "/dev/null"):
        run = flake8(*OPTIONS, f"--sharedstate-cache-dir={folder}", ".", cwd=project)
        assert run.codes == ["SHS101", "SHS101"]


def test_entries_are_folders(work: Work, tmp_path: Path) -> None:
    cold = work.run()
    for path in kept(tmp_path):
        path.unlink()
        path.mkdir()
    assert work.run() == cold
    assert not [path for path in kept(tmp_path) if path.is_file()]


def test_the_folder_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_MOST_BYTES", 3000)
    monkeypatch.setattr(store, "_LEFT_BYTES", 2000)
    entries = Store(str(tmp_path))
    for number in range(4):
        entries.put(str(number), "x" * 900)
        for path in tmp_path.iterdir():
            status = path.stat()
            # Each is older by a second than the next.
            times = (status.st_atime_ns - 10**9, status.st_mtime_ns - 10**9)
            os.utime(path, ns=times)
    assert entries.get("0") is not None
    entries.trim()
    assert [number for number in range(4) if entries.get(str(number)) is not None] == [0, 3]


# The real flake8


def test_without_a_cache_nothing_is_written(lint: Lint, tmp_path: Path, project: Path) -> None:
    assert len(lint("--sharedstate-no-cache", ".")) == 2
    assert not (tmp_path / "kept").exists()
    (project / "setup.cfg").write_text(
        f"[flake8]\nselect = SHS\nsharedstate-no-cache = true\nsharedstate-cache-dir = {tmp_path / 'kept'}\n"
    )
    assert flake8(".", cwd=project).codes == ["SHS101", "SHS101"]
    assert not (tmp_path / "kept").exists()


def test_a_folder_in_the_configuration_is_beside_it(tmp_path: Path, project: Path) -> None:
    (project / "setup.cfg").write_text("[flake8]\nselect = SHS\nsharedstate-cache-dir = ./.cache/shs\n")
    (project / "below").mkdir()
    assert flake8("..", cwd=project / "below").status == 1
    assert list((project / ".cache" / "shs").iterdir())


def test_runs_at_once(project: Path, tmp_path: Path) -> None:
    arguments = [*OPTIONS, "--jobs=1", f"--sharedstate-cache-dir={tmp_path / 'kept'}", "."]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "flake8", *arguments], cwd=project, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    outputs = {run.communicate(timeout=120)[0] for run in runs}
    assert len(outputs) == 1
    assert outputs.pop().count("SHS101") == 2
    assert all(path.suffix == ".json" for path in kept(tmp_path))


def test_all_fixture_projects_cold_and_warm(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    shutil.copytree(FIXTURES, projects)
    for folder in projects.iterdir():
        (folder / "pyproject.toml").touch()
    bare = flake8(*OPTIONS, ".", cwd=projects).reports
    cached = (*OPTIONS, f"--sharedstate-cache-dir={tmp_path / 'kept'}")
    assert bare
    for _ in range(2):
        assert flake8(*cached, "--jobs=2", ".", cwd=projects).reports == bare
    # Each gets its pieces from the cache, where one more file makes it another project.
    for folder in projects.iterdir():
        (folder / "quiet_addition.py").write_text("nothing = None\n")
    assert flake8(*cached, ".", cwd=projects).reports == bare


def test_an_editor_s_buffer(lint: Lint, project: Path, tmp_path: Path) -> None:
    cached = (*OPTIONS, f"--sharedstate-cache-dir={tmp_path / 'kept'}")
    for _ in range(2):
        for buffer, codes in (RACY, ["SHS101"]), (SAFE, []):
            run = flake8(*cached, "--stdin-display-name=counter.py", "-", cwd=project, stdin=buffer)
            assert run.codes == codes
    assert len(lint()) == 2
