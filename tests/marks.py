"""Reads from a test program what it says on its own lines is to be reported there.

`# expect: SHS101|SHS202`   this line is reported, with either code
`# expect?: SHS202`         at least one of the program's lines so marked is reported
`# allow: SHS101`           a report here is tolerated
no mark                     no report on this line
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection
from dataclasses import dataclass, field

_MARK = re.compile(r"#\s*(?P<kind>expect\??|allow)\s*:\s*(?P<codes>SHS\d{3}(?:\|SHS\d{3})*)(?=\s|$)")
_MEANT = re.compile(r"#\s*(?:expect\??|allow)\b")

Codes = frozenset[str]


@dataclass(frozen=True)
class Marks:
    """What a program expects: the codes by line, for each kind of mark."""

    expected: dict[int, Codes] = field(default_factory=dict)
    one_of: dict[int, Codes] = field(default_factory=dict)
    allowed: dict[int, Codes] = field(default_factory=dict)

    def disagreements(self, reports: Collection[tuple[int, str]]) -> list[str]:
        """Tell where these (line, code) reports differ from what is expected, in lines to read."""
        expected, one_of, allowed = map(_pairs, (self.expected, self.one_of, self.allowed))
        found = [
            f"line {line}: unexpected {code}"
            for line, code in reports
            if (line, code) not in expected | one_of | allowed
        ]
        for line, codes in self.expected.items():
            if _pairs({line: codes}).isdisjoint(reports):
                found.append(f"line {line}: expected {'|'.join(sorted(codes))}")
        if one_of and one_of.isdisjoint(reports):
            found.append(f"expected a report on one of the lines {', '.join(map(str, self.one_of))}")
        return sorted(found)


def _pairs(marks: dict[int, Codes]) -> set[tuple[int, str]]:
    return {(line, code) for line, codes in marks.items() for code in codes}


def read_marks(text: str) -> Marks:
    """Read the marks of a program; a comment that is nearly a mark is an error."""
    marks = Marks()
    kinds = {"expect": marks.expected, "expect?": marks.one_of, "allow": marks.allowed}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        read = list(_MARK.finditer(token.string))
        if len(read) != len(_MEANT.findall(token.string)):
            raise ValueError(f"line {line}: cannot read the mark {token.string!r}")
        for mark in read:
            kinds[mark["kind"]][line] = frozenset(mark["codes"].split("|"))
    return marks
