"""Functions and classes of the standard library that give plain values, with no identity and no effects.

Two threads that compute one at the same time lose nothing (specification, section 6).
"""

from __future__ import annotations

from flake8_sharedstate.libraries.vocabulary import Effect, Fresh, Unfailing

_IDS = (
    "secrets.token_bytes",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "uuid.uuid1",
    "uuid.uuid4",
)

_CLOCKS = (
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
    "time.thread_time",
    "time.time",
    "time.time_ns",
)

FUNCTIONS: dict[str, tuple[Effect, ...]] = (
    dict.fromkeys(
        [
            "datetime.date",
            "datetime.date.today",
            "datetime.datetime",
            "datetime.datetime.fromtimestamp",
            "datetime.datetime.now",
            "datetime.datetime.today",
            "datetime.datetime.utcnow",
            "datetime.time",
            "datetime.timedelta",
            "datetime.timezone",
            "decimal.Decimal",
            "fractions.Fraction",
            "inspect.isawaitable",
            "inspect.isclass",
            "inspect.iscoroutinefunction",
            "inspect.isfunction",
            "inspect.isgeneratorfunction",
            "inspect.ismethod",
            "inspect.signature",
            "ipaddress.ip_address",
            "ipaddress.ip_network",
            "os.cpu_count",
            "os.fspath",
            "os.getcwd",
            "os.getenv",
            "os.getlogin",
            "os.getppid",
            "os.path.abspath",
            "os.path.basename",
            "os.path.dirname",
            "os.path.exists",
            "os.path.expanduser",
            "os.path.isdir",
            "os.path.isfile",
            "os.path.join",
            "os.path.realpath",
            "pathlib.Path",
            "pathlib.Path.cwd",
            "pathlib.Path.home",
            "pathlib.PurePath",
            "platform.machine",
            "platform.node",
            "platform.platform",
            "platform.python_version",
            "platform.release",
            "platform.system",
            "re.compile",
            "re.escape",
            "shutil.which",
            "socket.getfqdn",
            "socket.gethostbyname",
            "socket.gethostname",
            "sys.getsizeof",
            "time.ctime",
            "time.sleep",
            "time.strftime",
            "typing.get_type_hints",
            "uuid.UUID",
            "zoneinfo.ZoneInfo",
        ],
        (),
    )
    | dict.fromkeys(_CLOCKS, (Unfailing(),))
    | dict.fromkeys(_IDS, (Fresh(),))
)
