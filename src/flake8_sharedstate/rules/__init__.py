"""The rules, found by being here: each file but those with an underscore binds ``RULE``."""

from __future__ import annotations

import importlib
import pkgutil

from flake8_sharedstate.rules._rule import Finding, Rule

__all__ = ["RULES", "Finding", "Rule"]

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in sorted(
        (
            importlib.import_module(f"{__name__}.{info.name}").RULE
            for info in pkgutil.iter_modules(__path__)
            if not info.name.startswith("_")
        ),
        key=lambda rule: rule.code,
    )
}
