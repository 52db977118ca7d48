"""The marks in test programs are read as written, and judge as they should."""

from __future__ import annotations

import pytest

from marks import read_marks

PROGRAM = '''\
"""A docstring that says # expect: SHS101 is no mark."""
a += 1  # expect: SHS101|SHS202
b += 1  # expect?: SHS102
c += 1  # expect?: SHS102
d += 1  # allow: SHS105  # noqa: F821
e += 1
'''


@pytest.mark.parametrize(
    ("reports", "disagreements"),
    [
        ({(2, "SHS202"), (4, "SHS102")}, []),
        ({(2, "SHS101"), (3, "SHS102"), (5, "SHS105")}, []),
        ({(2, "SHS101")}, ["expected a report on one of the lines 3, 4"]),
        ({(3, "SHS102")}, ["line 2: expected SHS101|SHS202"]),
        ({(2, "SHS101"), (3, "SHS102"), (6, "SHS101")}, ["line 6: unexpected SHS101"]),
        (
            {(2, "SHS105"), (3, "SHS102")},
            ["line 2: expected SHS101|SHS202", "line 2: unexpected SHS105"],
        ),
    ],
)
def test_marks_judge_reports(reports: set[tuple[int, str]], disagreements: list[str]) -> None:
    assert read_marks(PROGRAM).disagreements(reports) == disagreements


@pytest.mark.parametrize(
    "comment", ["# expect SHS101", "# expect: SHS1", "# allow: SHS101,SHS102", "#expect?:"]
)
def test_a_comment_that_is_nearly_a_mark_is_refused(comment: str) -> None:
    with pytest.raises(ValueError, match="line 1: cannot read the mark"):
        read_marks(f"a = 1  {comment}\n")
