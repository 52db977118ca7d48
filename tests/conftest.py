"""What holds for all tests."""

from __future__ import annotations

import os

# Every run works everything out, and finds nothing of earlier ones: here no folder can be made.
os.environ["XDG_CACHE_HOME"] = os.devnull
