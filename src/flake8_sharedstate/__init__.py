"""A flake8 plugin that reports lost updates and other data races on state shared between threads."""

__version__ = "0.1.0"
