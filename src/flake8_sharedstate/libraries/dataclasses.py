"""``dataclasses`` (library reference): a field's default, or what makes one for each instance."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Keep, Make, TypeModel

TYPES: dict[str, TypeModel] = {"dataclasses.Field": TypeModel()}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "dataclasses.field": (
        Make(
            "dataclasses.Field",
            keep=(
                Keep("default", Arg(None, "default")),
                Keep("default_factory", Arg(None, "default_factory")),
            ),
        ),
    ),
    "dataclasses.asdict": (Make("builtins.dict"),),
    "dataclasses.astuple": (Make("builtins.tuple"),),
}
