"""``boto3``: the callback of a transfer runs in several worker threads at once (catalogue 1.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Effect,
    Make,
    Spawn,
    Threads,
    TypeModel,
)

_CALLBACK: tuple[Effect, ...] = (
    Spawn(Arg(None, "Callback"), threads=Threads.POOL, repeated=True, waited=True),
)
_TRANSFERS = ("upload_file", "upload_fileobj", "download_file", "download_fileobj", "copy")
_MAKE: tuple[Effect, ...] = (Make("boto3.<client>"),)

TYPES: dict[str, TypeModel] = {
    # Buckets and objects of a resource transfer as a client does.
    "boto3.<client>": TypeModel(
        methods={**dict.fromkeys(_TRANSFERS, _CALLBACK), "Bucket": _MAKE, "Object": _MAKE}
    ),
    "boto3.session.Session": TypeModel(methods={"client": _MAKE, "resource": _MAKE}),
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {"boto3.client": _MAKE, "boto3.resource": _MAKE}

ALIASES: dict[str, str] = {"boto3.Session": "boto3.session.Session"}
