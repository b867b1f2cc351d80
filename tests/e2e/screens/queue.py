"""The queue and the search."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at

SCREENS: Final = (
    Screen(
        names=("file",),
        title="Dossiers",
        role="instructeur",
        full=at(""),
        empty=at(""),
        error=at("?q=rien-de-tel"),
    ),
)
OTHERS: Final[Others] = {}
