"""Compare two JSON values and report the differences by JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, Struct

from recevable.dossier.limits import pointer


class Difference(Struct, frozen=True):
    """One difference: its JSON pointer and both values, UNSET on the side where it is absent."""

    pointer: str
    recorded: Any
    found: Any


def differences(recorded: Any, found: Any, *path: str | int) -> Iterator[Difference]:
    """Yield every difference at the deepest place, in the order of `recorded`."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        for key in (*recorded, *(key for key in found if key not in recorded)):
            yield from differences(recorded.get(key, UNSET), found.get(key, UNSET), *path, key)
    elif isinstance(recorded, list) and isinstance(found, list):
        for rank in range(max(len(recorded), len(found))):
            one, other = (side[rank] if rank < len(side) else UNSET for side in (recorded, found))
            yield from differences(one, other, *path, rank)
    elif type(recorded) is not type(found) or recorded != found:
        yield Difference(pointer(*path), recorded, found)
