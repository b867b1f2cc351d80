"""The queue and the search."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Reach, Screen, at, first, press
from tests.e2e.watched import Watched


def search(words: str) -> Reach:
    """Search, from the page of the search."""

    def reach(watched: Watched) -> None:
        watched.go("recherche")
        watched.page.get_by_label("Mots cherchés").fill(words)
        press("Rechercher")(watched)

    return reach


def assign(watched: Watched) -> None:
    """Assign the first dossier of the queue to nobody, which is what it is already."""
    watched.go("")
    watched.page.locator("input[name=choisis]").first.check(force=True)
    watched.page.get_by_label("Ce qu'il faut faire").select_option("affecter")
    watched.page.get_by_label("Affecter à").select_option("personne")
    press("Appliquer")(watched)


def forget(watched: Watched) -> None:
    """Forget what was searched."""
    watched.go("recherche")
    press("Effacer")(watched)


SCREENS: Final = (
    Screen(
        names=("file",),
        title="Dossiers",
        role="instructeur",
        full=at(""),
        empty=at(""),
        error=at("?verdict=aucun"),
    ),
    Screen(
        names=("file",),
        title="Dossiers",
        role="instructeur",
        full=at("?onglet=mes-actions"),
        empty=at("?onglet=mes-actions"),
        error="There is nothing to ask of it.",
    ),
    Screen(
        names=("recherche",),
        title="Recherche",
        role="instructeur",
        full=search("solde"),
        empty=forget,
        error=search("***"),
    ),
    Screen(
        names=("lot",),
        title="Ce qui a été fait",
        role="instructeur",
        full=assign,
        empty=at("file/lot/resultats"),
        error=first(at(""), press("Appliquer")),
    ),
)
OTHERS: Final[Others] = {
    "filtrer": "Keeps a filter, and shows the queue.",
    "colonnes": "Keeps columns, and shows the queue.",
    "lot-faire": "Acts on many dossiers, and shows what came of each.",
    "instruire": "Reserves a dossier, and shows it.",
    "liberer": "Releases a dossier, and shows it.",
    "affecter": "Assigns a dossier, and shows it.",
}
