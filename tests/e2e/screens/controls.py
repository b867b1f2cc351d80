"""Controls after payment, personal data, and the dashboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.sync_api import expect
from tests.e2e.screens.table import Others, Screen, at, first, press
from tests.e2e.watched import Watched

# Accepted by the rules as it is.
ACCEPTED: Final = "avance-acheteur-complete"
CAMPAIGN: Final = "Contrôles d'essai"


def _accepted(watched: Watched) -> None:
    """Have two persons accept a dossier: none of them is the controller."""
    watched.sign_in("Ivan Instruction")
    watched.open(ACCEPTED)
    watched.page.get_by_text("Préparer : Demande d'avance").click()
    watched.page.get_by_role("button", name="Préparer", exact=True).locator("visible=true").click()
    watched.sign_in("Valérie Validation")
    watched.open(ACCEPTED, "a-valider")
    watched.page.get_by_role("link", name="Relire et signer").click()
    watched.page.get_by_role("button", name="Signer").click()
    expect(watched.page.get_by_role("status")).to_contain_text("Signé : acte n°")


def _form(watched: Watched) -> None:
    watched.go("campagnes")
    today = datetime.now(UTC).date()
    watched.page.get_by_label("Titre de la campagne").fill(CAMPAIGN)
    watched.page.get_by_label("Décisions signées du").fill(str(today - timedelta(days=1)))
    watched.page.get_by_label("au, ce jour compris").fill(str(today + timedelta(days=1)))


def drawn(watched: Watched) -> None:
    """Show a campaign, drawn the first time."""
    watched.go("campagnes")
    if not watched.page.get_by_role("link", name=CAMPAIGN).count():
        _accepted(watched)
        watched.sign_in("Victor Validation")
        _form(watched)
        watched.page.get_by_label("Nombre de dossiers à tirer").fill("1")
        press("Tirer au sort")(watched)
    else:
        watched.page.get_by_role("link", name=CAMPAIGN).first.click()
    expect(watched.page.get_by_role("heading", level=1)).to_contain_text(CAMPAIGN)


def drawn_one(watched: Watched) -> None:
    """Show the control of a dossier that was drawn: other tests have accepted others, and the draw may take any."""
    drawn(watched)
    watched.page.locator("main table a").first.click()


def _nobody(watched: Watched) -> None:
    _form(watched)
    watched.page.get_by_label("Nombre de dossiers à tirer").fill("0")
    press("Tirer au sort")(watched)


def _unknown(watched: Watched) -> None:
    watched.go("donnees")
    watched.page.get_by_label("SIRET, SIREN ou référence").fill("inconnu")
    press("Préparer l'archive")(watched)


SCREENS: Final = (
    Screen(
        names=("campagnes",),
        title="Contrôles après décision",
        role="controleur",
        full=at("campagnes"),
        empty=at("campagnes"),
        error=_nobody,
        statuses=(422,),
    ),
    Screen(
        names=("campagne",),
        title=CAMPAIGN,
        role="controleur",
        full=drawn,
        empty="a campaign always has a dossier",
        error=at("campagnes/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("controle",),
        title="Contrôle de",
        role="controleur",
        full=drawn_one,
        empty="a control is that of a dossier",
        error=first(drawn_one, press("Inscrire")),
        statuses=(422,),
    ),
    Screen(
        names=("donnees",),
        title="Données personnelles d'un demandeur",
        role="auditeur",
        full=at("donnees"),
        empty=at("donnees"),
        error=_unknown,
        statuses=(422,),
    ),
    Screen(
        names=("traitements",),
        title="Registre des traitements",
        role="auditeur",
        full=at("donnees/traitements"),
        empty=at("donnees/traitements"),
        error="the page takes nothing",
    ),
    Screen(
        names=("tableau-de-bord",),
        title="Tableau de bord",
        role="auditeur",
        full=at("tableau-de-bord"),
        empty=at("tableau-de-bord"),
        error=at("tableau-de-bord?programme=inconnu"),
        statuses=(404,),
    ),
)
OTHERS: Final[Others] = {}
