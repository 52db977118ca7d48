"""``io``: files are context managers and no locks (catalogue 3.4)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Exclusion, LockModel, TypeModel

_FILE = TypeModel(bases=("io.IOBase",))

TYPES: dict[str, TypeModel] = {
    "io.IOBase": TypeModel(lock=LockModel(Exclusion.NOTHING)),
    **dict.fromkeys(
        [
            "io.BufferedIOBase",
            "io.BufferedRandom",
            "io.BufferedReader",
            "io.BufferedWriter",
            "io.BytesIO",
            "io.FileIO",
            "io.RawIOBase",
            "io.StringIO",
            "io.TextIOBase",
            "io.TextIOWrapper",
            "typing.IO",
            "typing.BinaryIO",
            "typing.TextIO",
        ],
        _FILE,
    ),
}

ALIASES: dict[str, str] = {
    "io.open": "builtins.open",
    "_io.open": "builtins.open",
    "codecs.open": "builtins.open",
    "os.fdopen": "builtins.open",
    "_io.BytesIO": "io.BytesIO",
    "_io.StringIO": "io.StringIO",
    "_io.TextIOWrapper": "io.TextIOWrapper",
}
