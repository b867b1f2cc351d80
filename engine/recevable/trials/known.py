"""The known dossiers of a pack: where they are, and what a person expects of each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recevable.programme import Programme

# Beside each dossier of the fixtures: what a person expects of it.
EXPECTED: Final = ".attendu.yaml"


def known_dossiers(programme: Programme, given: Path | None = None) -> Path | None:
    """The folder `given`, else the `fixtures/<pack>` beside the folder `rules` of the pack; None when there is none."""
    if given is not None:
        return given.resolve()
    if programme.folder is None:
        return None
    pack = programme.folder.resolve()
    beside = pack.parent.parent / "fixtures" / pack.name
    return beside if beside.is_dir() else None
