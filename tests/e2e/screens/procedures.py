"""Procedures: those of a dossier, one of them, and every recovery."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.dossier import BARE
from tests.e2e.screens.payments import tab
from tests.e2e.screens.table import Others, Screen, at, dossier, first, press
from tests.e2e.watched import Watched

KNOWN: Final = "recouvrement-declaration-erronee"


def opened(watched: Watched) -> None:
    """Open a procedure on the case of a dossier, unless it was; show it."""
    link = watched.page.locator("main").get_by_role("link", name="Cas 1, déclaration erronée")
    if not link.count():
        watched.unfold()
        watched.page.get_by_label("Jour où l'agence a connu les faits").first.fill("2024-03-12")
        watched.page.get_by_label("Faits", exact=True).first.fill("Écart relevé au contrôle.")
        press("Ouvrir la procédure")(watched)
    link.first.click()


SCREENS: Final = (
    Screen(
        names=("recouvrements",),
        title="Recouvrements",
        role="instructeur",
        full=first(dossier(KNOWN, then=first(tab("Procédures"), opened)), at("recouvrements")),
        empty=at("recouvrements"),
        error="the page takes nothing but the place of its next page, and any other shows the first",
    ),
    Screen(
        names=("procedures-dossier",),
        title="recouvrement-deploiement-constat",
        role="instructeur",
        full=dossier("recouvrement-deploiement-constat", then=tab("Procédures")),
        empty=BARE,
        error=dossier(
            "recouvrement-deploiement-constat",
            then=first(tab("Procédures"), Watched.unfold, press("Ouvrir la procédure")),
        ),
    ),
    Screen(
        names=("procedure",),
        title=KNOWN,
        role="instructeur",
        full=dossier(KNOWN, then=first(tab("Procédures"), opened)),
        empty="a procedure always has its first step",
        error=at("procedures/999999"),
        statuses=(404,),
    ),
)
OTHERS: Final[Others] = {
    "procedure-ouvrir": "a form of the procedures of a dossier",
    "procedure-faire": "a form of a procedure",
}
