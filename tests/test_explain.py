"""`python -m flake8_sharedstate` says what the rules are, and says clearly when it cannot."""

from __future__ import annotations

import pytest

from flake8_sharedstate.__main__ import main
from flake8_sharedstate.rules import RULES
from real_flake8 import python


@pytest.mark.parametrize("code", sorted(RULES))
def test_explain_prints_the_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", code])
    printed = capsys.readouterr().out
    assert printed.startswith(f"{code} {RULES[code].name}\n\n")
    assert RULES[code].page.strip() in printed


def test_a_code_may_be_written_small(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "shs101"])
    assert "SHS101" in capsys.readouterr().out


def test_rules_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    main(["rules"])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{code}  {rule.name}: {rule.summary}" for code, rule in sorted(RULES.items())]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "SHS999"], "no rule has the code 'SHS999'; there are SHS101"),
        (["explain", ""], "no rule has the code ''"),
        (["explain"], "the following arguments are required: CODE"),
        ([], "the following arguments are required: COMMAND"),
        (["exlpain", "SHS101"], "invalid choice: 'exlpain'"),
    ],
)
def test_a_wrong_command_gets_its_usage_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    stderr = capsys.readouterr().err
    assert stderr.startswith("usage: python -m flake8_sharedstate")
    assert said in stderr


def test_as_a_module() -> None:
    run = python("-m", "flake8_sharedstate", "explain", "SHS101")
    assert (run.status, run.stderr) == (0, "")
    assert run.stdout.startswith("SHS101 ")
    assert python("-m", "flake8_sharedstate", "explain", "SHS999").status == 2
