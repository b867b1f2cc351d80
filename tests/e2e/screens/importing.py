"""Dossiers come in."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at, first, press
from tests.e2e.watched import Watched


def _refused(watched: Watched) -> None:
    watched.go("importer")
    watched.page.set_input_files(
        "input[type=file]", {"name": "faux.json", "mimeType": "application/json", "buffer": b'{"programme": 12}'}
    )
    press("Importer")(watched)


SCREENS: Final = (
    Screen(
        names=("importer",),
        title="Importer des dossiers",
        role="instructeur",
        full=at("importer"),
        empty=first(at("importer"), press("Importer")),
        error=_refused,
    ),
    Screen(
        names=("import",),
        title="Import du",
        role="instructeur",
        full=_refused,
        empty="an import has a line at least",
        error=at("imports/999999"),
        statuses=(404,),
    ),
)
OTHERS: Final[Others] = {}
