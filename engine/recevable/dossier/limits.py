"""What a dossier may hold at most, and how a place in it is named."""

from __future__ import annotations

from typing import Final

# A dossier is a few kilobytes; the slow scanner takes some seconds on this size.
MAX_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 64
# The range of integers in a dossier: beyond it, exact arithmetic would lose digits.
INTEGERS: Final = (-(1 << 63), (1 << 63) - 1)


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
