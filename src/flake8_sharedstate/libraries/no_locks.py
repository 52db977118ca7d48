"""Context managers of the standard library that keep no other thread out (catalogue 2.2, verdict 0)."""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import (
    Arg,
    Arguments,
    Effect,
    Exclusion,
    Invoke,
    LockModel,
    Make,
    TypeModel,
)

_NO_LOCK = TypeModel(lock=LockModel(Exclusion.NOTHING))
_MANAGER: tuple[Effect, ...] = (Make("contextlib.<manager>"),)
_FILE: tuple[Effect, ...] = (Make("io.IOBase"),)
_SOCKET: tuple[Effect, ...] = (Make("socket.socket"),)
_EXPECT: tuple[Effect, ...] = (*_MANAGER, Invoke(Arg(1), Arguments(rest=2)))

TYPES: dict[str, TypeModel] = {
    **dict.fromkeys(
        [
            "bz2.BZ2File",
            "cProfile.Profile",
            "fileinput.FileInput",
            "ftplib.FTP",
            "ftplib.FTP_TLS",
            "gzip.GzipFile",
            "http.client.HTTPResponse",
            "imaplib.IMAP4",
            "imaplib.IMAP4_SSL",
            "lzma.LZMAFile",
            "mmap.mmap",
            "selectors.DefaultSelector",
            "selectors.SelectSelector",
            "smtplib.SMTP",
            "smtplib.SMTP_SSL",
            "socket.socket",
            "sqlite3.Connection",
            "ssl.SSLSocket",
            "subprocess.Popen",
            "tarfile.TarFile",
            "tempfile.SpooledTemporaryFile",
            "tempfile.TemporaryDirectory",
            "warnings.catch_warnings",
            "zipfile.ZipFile",
            "xmlrpc.client.ServerProxy",
        ],
        _NO_LOCK,
    ),
    "unittest.TestCase": TypeModel(
        methods={
            "assertRaises": _EXPECT,
            "assertRaisesRegex": (*_MANAGER, Invoke(Arg(2), Arguments(rest=3))),
            "assertWarns": _EXPECT,
            "assertLogs": _MANAGER,
            "assertNoLogs": _MANAGER,
            "subTest": _MANAGER,
        }
    ),
    "shelve.Shelf": TypeModel(bases=("builtins.dict",), lock=LockModel(Exclusion.NOTHING)),
}

ALIASES: dict[str, str] = {
    "unittest.case.TestCase": "unittest.TestCase",
    "_socket.socket": "socket.socket",
    "xmlrpc.client.Server": "xmlrpc.client.ServerProxy",
}

FUNCTIONS: dict[str, tuple[Effect, ...]] = {
    **dict.fromkeys(
        [
            "decimal.localcontext",
            "importlib.resources.as_file",
            "importlib.resources.path",
            "os.popen",
            "os.scandir",
            "unittest.mock.patch",
            "unittest.mock.patch.dict",
            "unittest.mock.patch.multiple",
            "unittest.mock.patch.object",
            "urllib.request.urlopen",
            "dbm.open",
            "fileinput.input",
            "wave.open",
        ],
        _MANAGER,
    ),
    **dict.fromkeys(
        [
            "bz2.open",
            "gzip.open",
            "lzma.open",
            "tempfile.NamedTemporaryFile",
            "tempfile.TemporaryFile",
            "tokenize.open",
        ],
        _FILE,
    ),
    "shelve.open": (Make("shelve.Shelf"),),
    "socket.create_connection": _SOCKET,
    "socket.create_server": _SOCKET,
    "sqlite3.connect": (Make("sqlite3.Connection"),),
    "tarfile.open": (Make("tarfile.TarFile"),),
}
