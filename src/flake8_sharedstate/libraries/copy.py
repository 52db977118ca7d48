"""``copy``: what is copied may be a list as well as a dict, so the copy is taken for either."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Arg, Effect, Make

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "copy.copy": (Make("builtins.list", items=Arg(0, "x")), Make("builtins.dict", items=Arg(0, "x"))),
    "copy.deepcopy": (Make("builtins.list"), Make("builtins.dict")),
}
