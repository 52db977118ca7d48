"""`python -m flake8_sharedstate`: what the rules are and why they report."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from flake8_sharedstate.rules import RULES


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a wrong one prints its usage and exits with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m flake8_sharedstate",
        description="Explain what flake8-sharedstate reports.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("rules", help="list every rule")
    explain = commands.add_parser("explain", help="print the page of one rule")
    explain.add_argument("code", metavar="CODE", help="such as SHS101")

    given = parser.parse_args(arguments)
    if given.command == "rules":
        for code, rule in sorted(RULES.items()):
            print(f"{code}  {rule.name}: {rule.summary}")
        return
    code = given.code.upper()
    if code not in RULES:
        explain.error(f"no rule has the code {given.code!r}; there are {', '.join(sorted(RULES))}")
    rule = RULES[code]
    print(f"{rule.code} {rule.name}\n\n{rule.page.strip()}")


if __name__ == "__main__":
    main()
