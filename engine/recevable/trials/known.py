"""The known dossiers of a pack: their folder, and the file of the expected decision."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recevable.programme import Programme

# The file beside each dossier that contains the expected decision.
EXPECTED: Final = ".attendu.yaml"


def known_dossiers(programme: Programme, given: Path | None = None) -> Path | None:
    """The folder `given`, else `fixtures/<pack>` beside the `rules` folder of the pack; None when there is none."""
    if given is not None:
        return given.resolve()
    if programme.folder is None:
        return None
    pack = programme.folder.resolve()
    beside = pack.parent.parent / "fixtures" / pack.name
    return beside if beside.is_dir() else None
