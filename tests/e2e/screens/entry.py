"""A dossier that is typed, and the facts of the agency."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Reach, Screen, at, first, press
from tests.e2e.watched import Watched

KNOWN: Final = "solde-sans-documentation"


def begin(watched: Watched) -> None:
    """Begin an entry."""
    watched.go("saisies")
    watched.page.get_by_label("Nom de la saisie").fill("Courrier 12")
    watched.page.get_by_label("Comment la demande est arrivée").select_option("courrier")
    watched.page.get_by_label("Jour de l'arrivée").fill("30 juin 2023")
    watched.page.get_by_role("button", name="Commencer").click()


def part(title: str) -> Reach:
    """Begin an entry and open a part of it."""

    def reach(watched: Watched) -> None:
        begin(watched)
        watched.page.get_by_role("link", name=f"Remplir « {title} »").click()

    return reach


def type_wrong(watched: Watched) -> None:
    """Type what is no date, an identifier with a wrong key, and save."""
    watched.page.get_by_label("SIRET").first.fill("12345678901234")
    watched.page.get_by_label("Taux de TVA").fill("20")
    watched.page.get_by_role("button", name="Enregistrer", exact=True).last.click()


def facts(watched: Watched) -> None:
    """Open the facts of a dossier, in the part of its last request."""
    watched.open(KNOWN)
    watched.go(watched.page.url.removeprefix(watched.address).partition("?")[0] + "/faits/solde")


def wrong_facts(watched: Watched) -> None:
    """Type what is no instant among the facts, and look at what would change."""
    facts(watched)
    watched.page.get_by_label("Données reçues le").fill("hier")
    watched.page.get_by_role("button", name="Voir ce qui va changer").click()


SCREENS: Final = (
    Screen(
        names=("saisies",),
        title="Saisir un dossier",
        role="instructeur",
        full=first(begin, at("saisies")),
        empty=at("saisies"),
        error=first(at("saisies"), press("Commencer")),
    ),
    Screen(
        names=("saisie",),
        title="Courrier 12",
        role="instructeur",
        full=begin,
        empty=begin,
        error=first(begin, press("Enregistrer comme dossier reçu")),
        statuses=(422,),
    ),
    Screen(
        names=("partie",),
        title="",
        role="instructeur",
        full=first(part("Opérateur MSSanté")),
        empty=first(part("Paiements")),
        error=first(part("Opérateur MSSanté"), type_wrong),
    ),
    Screen(
        names=("faits", "faits-dossier"),
        title="Faits consignés par l'agence",
        role="instructeur",
        full=facts,
        empty="the facts of a dossier are those of a dossier",
        error=wrong_facts,
    ),
)
OTHERS: Final[Others] = {
    "champ": "a part of the page of a part of an entry",
    "recevoir": "a form of the entry",
    "abandonner": "a form of the entry",
}
