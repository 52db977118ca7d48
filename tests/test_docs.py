"""What is written about the rules is true and in step with them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from flake8_sharedstate.rules import RULES
from real_flake8 import ROOT, flake8, python

SECTIONS = ["What it does", "Why is this bad?", "Example", "Use instead", "Known limits"]

# An internal error is reported by the plugin itself and has no program to show.
OF_PROGRAMS = sorted(code for code in RULES if code != "SHS900")


def sections(page: str) -> dict[str, str]:
    """Give the page's sections by their headings."""
    parts = re.split(r"^(\S.*)\n-+\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def programs(section: str) -> list[str]:
    """Give the programs that a section shows."""
    blocks = re.findall(r"^\.\. code-block:: python\n((?:\n| {4}.*\n)+)", section, flags=re.MULTILINE)
    return [textwrap.dedent(block) for block in blocks]


def codes_of(program: str, folder: Path) -> set[str]:
    """Give what the real flake8 reports of a program, the codes of ours and E9."""
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    return set(flake8("--isolated", "--select=SHS,E9", path).codes)


def test_readme_is_in_step() -> None:
    run = python("tools/docs.py", "--check")
    assert run.status == 0, run.stderr


def test_readme_commands_are_there_to_be_run() -> None:
    """CI runs what stands under these two comments, as it stands."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.+)\n```$", readme, flags=re.MULTILINE)
    assert [name for name, _ in commands] == ["examples", "tests"]


@pytest.mark.parametrize("code", sorted(RULES))
def test_changelog_names_the_rule(code: str) -> None:
    assert code in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(RULES))
def test_page_has_its_sections(code: str) -> None:
    parts = sections(RULES[code].page)
    assert list(parts) == SECTIONS
    assert all(body.strip() for body in parts.values())


@pytest.mark.parametrize("code", OF_PROGRAMS)
def test_example_is_reported_and_use_instead_is_silent(code: str, tmp_path: Path) -> None:
    parts = sections(RULES[code].page)
    bad, good = programs(parts["Example"]), programs(parts["Use instead"])
    assert bad
    assert good
    assert [codes_of(program, tmp_path) for program in bad] == [{code}] * len(bad)
    assert [codes_of(program, tmp_path) for program in good] == [set()] * len(good)


@pytest.mark.parametrize("code", sorted(RULES))
def test_rule_is_well_named(code: str) -> None:
    rule = RULES[code]
    assert rule.code == code
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert "\n" not in rule.summary
    assert rule.summary
