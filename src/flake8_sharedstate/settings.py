"""Every option of the plugin: declared, validated and documented here and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from flake8.exceptions import ExecutionError

if TYPE_CHECKING:
    import argparse

    from flake8.options.manager import OptionManager

Builds = Literal["all", "gil"]

_OPTION = "option"

OFF = "off"
"""The project root that means none."""

_SEPARATOR = re.compile(r"[,\s]+")
_PATTERN = re.compile(r"[\w*?\[\]!-]+(\.[\w*?\[\]!-]+)*")


@dataclass(frozen=True, slots=True)
class Option:
    """How one field of `Settings` is written on the command line and in flake8's configuration."""

    metavar: str
    default: str
    help: str
    read: Callable[[str], object]
    is_path: bool = False
    """Whether flake8 takes it from the folder of the configuration that it stands in."""
    is_flag: bool = False
    """Whether it is given without a value; the metavar is empty then."""


def _patterns(text: str) -> tuple[str, ...]:
    patterns = tuple(filter(None, _SEPARATOR.split(text)))
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise ValueError(f"{pattern!r} is not a dotted name with wildcards, such as mypkg.*")
    return patterns


def _builds(text: str) -> Builds:
    if text not in get_args(Builds):
        raise ValueError(f"{text!r} is neither 'all' nor 'gil'")
    return cast("Builds", text)


def _project_root(text: str) -> str:
    if text in ("", OFF):
        return text
    if not os.path.isdir(text):
        raise ValueError(f"{text!r} is neither 'off' nor a folder")
    return os.path.abspath(text)


def _cache_dir(text: str) -> str:
    return os.path.abspath(text) if text else ""


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false", ""):
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for. `Settings()` is what holds without any option."""

    assume_threads: tuple[str, ...] = field(
        default=(),
        metadata={
            _OPTION: Option(
                metavar="PATTERNS",
                default="",
                help="qualified names with wildcards, separated by commas (mypkg.*): "
                "their public functions and methods are run by many threads",
                read=_patterns,
            )
        },
    )
    builds: Builds = field(
        default="all",
        metadata={
            _OPTION: Option(
                metavar="all|gil",
                default="all",
                help="which updates are reported: all, or only those that a build with the GIL can lose too",
                read=_builds,
            )
        },
    )

    project_root: str = field(
        default="",
        metadata={
            _OPTION: Option(
                metavar="FOLDER|off",
                default="",
                help="the project that files are analysed in: a folder, or off for each file by itself "
                "(default: the nearest folder above with a pyproject.toml, setup.cfg, setup.py, tox.ini, "
                ".flake8 or .git)",
                read=_project_root,
                is_path=True,
            )
        },
    )

    cache_dir: str = field(
        default="",
        metadata={
            _OPTION: Option(
                metavar="FOLDER",
                default="",
                help="where results are kept from one run to the next (default: the platform's folder for "
                "caches)",
                read=_cache_dir,
                is_path=True,
            )
        },
    )
    no_cache: bool = field(
        default=False,
        metadata={
            _OPTION: Option(
                metavar="",
                default="",
                help="work everything out anew, and keep nothing",
                read=_flag,
                is_flag=True,
            )
        },
    )

    @classmethod
    def of(cls, options: argparse.Namespace) -> Settings:
        """Read flake8's options; a wrong value ends flake8 with one line and exit status 1.

        Values are validated here and not by argparse, which does not see those of the configuration.
        """
        values: dict[str, Any] = {}
        for name, option in declared().items():
            value = getattr(options, _destination(name))
            # A configuration in TOML, read by another plugin, brings lists.
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            try:
                values[name] = option.read(text)
            except ValueError as error:
                raise ExecutionError(f"{flag(name)}: {error}") from None
        return cls(**values)


def declared() -> dict[str, Option]:
    """Give the options by the name of their field."""
    return {entry.name: entry.metadata[_OPTION] for entry in fields(Settings)}


def flag(name: str) -> str:
    """Give the command-line spelling of a field: assume_threads is --sharedstate-assume-threads."""
    return "--" + _destination(name).replace("_", "-")


def register(manager: OptionManager) -> None:
    """Tell flake8 every option."""
    for name, option in declared().items():
        if option.is_flag:
            manager.add_option(
                flag(name), action="store_true", default=False, help=option.help, parse_from_config=True
            )
            continue
        manager.add_option(
            flag(name),
            default=option.default,
            metavar=option.metavar,
            help=option.help,
            parse_from_config=True,
            normalize_paths=option.is_path,
        )


def _destination(name: str) -> str:
    return f"sharedstate_{name}"
