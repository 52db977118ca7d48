"""``cachetools``: caches are mappings, and not safe to share without a lock (catalogue 2.3).

The function under ``cached`` runs outside the lock, if there is one.
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Effect,
    Make,
    TypeModel,
)

_CACHE = TypeModel(bases=("builtins.dict",))
_KINDS = ("Cache", "FIFOCache", "LFUCache", "LRUCache", "MRUCache", "RRCache", "TLRUCache", "TTLCache")
_DECORATE: tuple[Effect, ...] = (Make("functools.<wraps>"),)

TYPES: dict[str, TypeModel] = {f"cachetools.{kind}": _CACHE for kind in _KINDS}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    "cachetools.cached": _DECORATE,
    "cachetools.cachedmethod": _DECORATE,
}
