"""Decorators, of libraries with no other say in threads, that give back what they decorate, under no lock."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Give, Make

# Put on a function bare, or called with options first.
_DECORATOR: tuple[Effect, ...] = (Give(Arg(0)), Make("functools.<wraps>"))

FUNCTIONS: dict[str, tuple[Effect, ...]] = dict.fromkeys(
    [
        "attr.attrs",
        "attr.define",
        "attr.frozen",
        "attr.mutable",
        "attr.s",
        "attrs.define",
        "attrs.frozen",
        "attrs.mutable",
        "backoff.on_exception",
        "backoff.on_predicate",
        "click.command",
        "click.group",
        "click.option",
        "deprecated.deprecated",
        "hypothesis.given",
        "hypothesis.settings",
        "mock.patch",
        "overrides.override",
        "pydantic.dataclasses.dataclass",
        "pydantic.field_validator",
        "pydantic.model_validator",
        "pydantic.validator",
        "pytest.fixture",
        "pytest.mark.parametrize",
        "retrying.retry",
        "tenacity.retry",
        "typer.Typer.command",
        "typing_extensions.final",
        "typing_extensions.override",
        "typing_extensions.runtime_checkable",
        "zope.interface.implementer",
    ],
    _DECORATOR,
)
