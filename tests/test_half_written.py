"""A file that was saved half-written: the others are judged by what it said when it last parsed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from real_flake8 import Run, flake8

STOCK = """\
from guards import Guard


class Stock:
    def __init__(self):
        self.left = 0
        self.sold = 0
        self.guard = Guard()

    def sell(self):
        with self.guard:
            self.left -= 1
        self.sold += 1
"""
GUARDS = """\
import threading


class Guard:
    def __init__(self):
        self.lock = threading.Lock()

    def __enter__(self):
        self.lock.acquire()

    def __exit__(self, *error):
        self.lock.release()
"""
NO_GUARDS = """\
class Guard:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass
"""
SHOP = """\
from threading import Thread

from stock import Stock

stock = Stock()
for _ in range(3):
    Thread(target=stock.sell).start()
"""
EMPTY_SHOP = "from stock import Stock\n\nstock = Stock()\nstock.sell()\n"
HALF = "\n\ndef close(stock:\n"
SOLD = ["13 SHS101"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Give a project: what is shared, the locks and the threads in a file each."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    for name, text in ("stock.py", STOCK), ("guards.py", GUARDS), ("main.py", SHOP):
        (folder / name).write_text(text)
    return folder


Lint = Callable[..., list[str]]


@pytest.fixture
def lint(shop: Path, tmp_path: Path) -> Lint:
    """Give a function that has flake8 report on files of the project, by default what is shared."""

    def run(*arguments: str, stdin: str | None = None, cwd: Path = shop) -> list[str]:
        cache = f"--sharedstate-cache-dir={tmp_path / 'kept'}"
        return told(
            flake8("--isolated", "--select=SHS,E9", cache, *arguments or ["stock.py"], cwd=cwd, stdin=stdin)
        )

    return run


def told(run: Run) -> list[str]:
    """Give lines and codes."""
    return [f"{report.line} {report.code}" for report in run.reports]


@pytest.mark.parametrize("name", ["main.py", "guards.py"])
@pytest.mark.parametrize("half", [SHOP[: SHOP.index("(3)")], GUARDS[:-3] + "(", HALF, "(", "x = '\0'"])
def test_others_are_judged_by_the_last_good_text(name: str, half: str, shop: Path, lint: Lint) -> None:
    assert lint() == SOLD
    (shop / name).write_text(half)
    assert lint() == SOLD
    (shop / name).write_text(half + "\n(")
    assert lint() == SOLD
    # What uses it may change meanwhile.
    (shop / "stock.py").write_text("# in stock\n" + STOCK)
    assert lint() == ["14 SHS101"]


def test_the_file_itself_is_left_to_flake8(shop: Path, lint: Lint) -> None:
    assert lint(".") == SOLD
    (shop / "main.py").write_text(SHOP + HALF)
    for jobs in "12":
        codes = [line.split()[1] for line in lint(f"--jobs={jobs}", ".")]
        assert codes == ["E999", "SHS101"]


def test_what_parses_again_is_the_last_good_text(shop: Path, lint: Lint) -> None:
    assert lint() == SOLD
    for text, expected in [(EMPTY_SHOP, []), (SHOP, SOLD)] * 2:
        (shop / "main.py").write_text(text)
        assert lint() == expected
        (shop / "main.py").write_text(text + HALF)
        assert lint() == expected
    (shop / "guards.py").write_text(NO_GUARDS)
    unguarded = lint()
    assert unguarded == ["12 SHS101", *SOLD]
    (shop / "guards.py").write_text(GUARDS + HALF)
    assert lint() == unguarded


def test_a_buffer_beside_it(shop: Path, lint: Lint) -> None:
    assert lint() == SOLD
    (shop / "main.py").write_text(SHOP + HALF)
    buffer = ["--stdin-display-name=stock.py", "-"]
    assert lint(*buffer, stdin=STOCK) == SOLD
    assert lint(*buffer, stdin=STOCK.replace("        self.sold +=", "            self.sold +=")) == []
    assert [line.split()[1] for line in lint(*buffer, stdin=STOCK + HALF)] == ["E999"]
    assert lint(*buffer, stdin="\n" + STOCK) == ["14 SHS101"]


def test_a_buffer_that_is_half_written(shop: Path, lint: Lint) -> None:
    buffer = ["--stdin-display-name=main.py", "-"]
    assert lint(*buffer, stdin=SHOP) == []
    assert [line.split()[1] for line in lint(*buffer, stdin=SHOP + HALF)] == ["E999"]
    (shop / "main.py").write_text(SHOP + HALF)
    assert lint() == SOLD
    # The buffer is put right before the file is.
    assert lint(*buffer, stdin=EMPTY_SHOP) == []
    assert lint() == []


def test_without_a_cache_it_is_left_out(shop: Path, lint: Lint, tmp_path: Path) -> None:
    (shop / "main.py").write_text(SHOP + HALF)
    assert lint() == []
    (shop / "main.py").write_text(SHOP)
    assert lint("--sharedstate-no-cache", "stock.py") == SOLD
    (shop / "main.py").write_text(SHOP + HALF)
    assert lint() == []
    (shop / "main.py").write_text(SHOP)
    assert lint() == SOLD
    (shop / "main.py").write_text(SHOP + HALF)
    assert lint("--sharedstate-no-cache", "stock.py") == []
    assert lint() == SOLD


def test_damaged_entries_are_as_good_as_none(shop: Path, lint: Lint, tmp_path: Path) -> None:
    assert lint() == SOLD
    (shop / "main.py").write_text(SHOP + HALF)
    for entry in (tmp_path / "kept").iterdir():
        entry.write_bytes(entry.read_bytes()[:-1])
    assert lint() == []


def test_another_project_has_texts_of_its_own(shop: Path, lint: Lint, tmp_path: Path) -> None:
    assert lint() == SOLD
    (shop / "main.py").write_text(SHOP + HALF)
    other = tmp_path / "other"
    other.mkdir()
    for path in shop.iterdir():
        (other / path.name).write_text(path.read_text())
    assert lint(cwd=other) == []
    assert lint() == SOLD


def test_a_file_that_is_gone_is_left_out(shop: Path, lint: Lint) -> None:
    assert lint() == SOLD
    (shop / "main.py").unlink()
    assert lint() == []


def test_what_did_not_change_is_not_written_again(lint: Lint, tmp_path: Path) -> None:
    def texts() -> dict[Path, int]:
        """Give the entries with texts, or their digests by path, and what tells a file from its successor."""
        entries = {path: json.loads(path.read_bytes().partition(b"\n")[2]) for path in kept.iterdir()}
        return {
            path: path.stat().st_ino
            for path, value in entries.items()
            if isinstance(value, str) or all(isinstance(digest, str) for digest in value.values())
        }

    kept = tmp_path / "kept"
    assert lint() == SOLD
    before = texts()
    assert before
    assert lint(".") == SOLD
    assert texts() == before
