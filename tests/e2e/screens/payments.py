"""Payments: the list and its files, and those of a dossier."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.dossier import BARE
from tests.e2e.screens.table import Others, Reach, Screen, at, dossier, press
from tests.e2e.watched import Watched


def tab(name: str) -> Reach:
    """Follow a tab of a dossier."""

    def reach(watched: Watched) -> None:
        watched.page.get_by_role("navigation", name="Pages du dossier").get_by_role("link", name=name).click()

    return reach


def answers(watched: Watched) -> None:
    """Give a file of answers, in which an order is unknown."""
    watched.go("paiements")
    content = b"ordre;statut;motif\nP999999;refuse;Compte clos\n"
    watched.page.set_input_files("input[type=file]", {"name": "r.csv", "mimeType": "text/csv", "buffer": content})
    press("Prendre les réponses")(watched)


SCREENS: Final = (
    Screen(
        names=("paiements",),
        title="Paiements",
        role="valideur",
        full=at("paiements?onglet=a-proposer"),
        empty=at("paiements?onglet=paye"),
        error=at("paiements?onglet=rien"),
        statuses=(404,),
    ),
    Screen(
        names=("paiements-fichier",),
        title="Réponses du payeur",
        role="instructeur",
        full=answers,
        empty="a file always holds something",
        error=at("paiements/fichiers/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("paiements-dossier",),
        title="avance-guyane",
        role="instructeur",
        full=dossier("avance-guyane", then=tab("Paiements")),
        empty=BARE,
        error=at("dossiers/999999/paiements"),
        statuses=(404,),
    ),
)
OTHERS: Final[Others] = {
    "paiements-ordonner": "a form of the payments",
    "paiements-reponses": "a form of the payments",
    "paiements-contenu": "a file",
    "paiement-preparer": "a form of the payments of a dossier",
    "paiement-repondre": "a form of the payments of a dossier",
    "paiement-consigner": "a form of the payments of a dossier",
}
