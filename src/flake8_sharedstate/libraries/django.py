"""``django`` and ``rest_framework``: one object for all requests, or one for each (catalogue 1.5).

Middleware, admin classes and applications are made once and run by every thread of the server
(``load_middleware`` calls the class once); a view class makes an instance for each request
(``as_view`` builds ``cls(**initkwargs)``), so what it keeps in ``self`` is its own.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Effect, Exclusion, LockModel, Make, Shape, TypeModel

_MANAGER: tuple[Effect, ...] = (Make("contextlib.<manager>"),)

_MIDDLEWARE = TypeModel(served=("__call__", "process_*"))

TYPES: dict[str, TypeModel] = {
    "django.utils.deprecation.MiddlewareMixin": _MIDDLEWARE,
    "django.views.View": TypeModel(served_each=("*",)),
    "django.contrib.admin.ModelAdmin": TypeModel(served=("*",)),
    # Rows of a database are locked, no object of this process is.
    "django.db.transaction.Atomic": TypeModel(lock=LockModel(Exclusion.NOTHING)),
}

# The settings name it by a string; what it is given is told by name in every middleware that there is.
SHAPES: tuple[Shape, ...] = (
    Shape("django", {"__init__": ("get_response",), "__call__": ("request",)}, _MIDDLEWARE),
)

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "django.db.transaction.atomic": _MANAGER,
    "django.test.utils.override_settings": _MANAGER,
}

ALIASES: dict[str, str] = {
    "django.contrib.admin.options.ModelAdmin": "django.contrib.admin.ModelAdmin",
    "django.views.generic.View": "django.views.View",
    "django.views.generic.*View": "django.views.View",
    "django.views.generic.base.View": "django.views.View",
    "rest_framework.views.APIView": "django.views.View",
    "rest_framework.generics.*View": "django.views.View",
    "rest_framework.viewsets.*ViewSet": "django.views.View",
}
