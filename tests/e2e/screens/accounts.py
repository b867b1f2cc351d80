"""Signing in, accounts and rights, audit."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Reach, Screen, at, first, follow, press
from tests.e2e.watched import Watched


def _account(*then: Reach) -> Reach:
    return first(at("administration"), follow("Ivan Instruction"), _unfold, *then)


def _unfold(watched: Watched) -> None:
    for details in watched.page.locator("details").all():
        details.evaluate("one => one.open = true")


SCREENS: Final = (
    Screen(
        names=("connexion",),
        title="Connexion",
        role=None,
        full=at("connexion"),
        empty=at("connexion"),
        error=at("connexion/retour?state=x"),
        statuses=(403,),
    ),
    Screen(
        names=("accessibilite",),
        title="Accessibilité : non conforme",
        role=None,
        full=at("accessibilite"),
        empty="a page of text",
        error="a page of text",
    ),
    Screen(
        names=("mentions",),
        title="Données personnelles",
        role=None,
        full=at("mentions"),
        empty="a page of text",
        error="a page of text",
    ),
    Screen(
        names=("mon-compte",),
        title="Mon compte",
        role="instructeur",
        full=at("mon-compte"),
        empty=at("mon-compte"),
        error="each of its buttons ends a session that is there",
    ),
    Screen(
        names=("administration",),
        title="Administration des comptes",
        role="administrateur",
        full=at("administration"),
        empty=at("administration?etat=fermes"),
        error=at("administration?etat=autre"),
        statuses=(404,),
    ),
    Screen(
        names=("compte", "accorder", "retirer-droit", "fermer", "corriger"),
        title="Ivan Instruction",
        role="administrateur",
        full=_account(),
        empty=_account(),
        error=_account(press("Donner ce droit")),
        statuses=(422,),
    ),
    Screen(
        names=("audit",),
        title="Audit des consultations",
        role="auditeur",
        full=at("audit"),
        empty=at("audit?compte=999999"),
        error=at("audit?du=hier"),
    ),
    Screen(
        names=("journal",),
        title="Historique des comptes",
        role="auditeur",
        full=at("audit/comptes"),
        empty=at("audit/comptes?compte=999999"),
        error=at("audit/comptes?du=hier"),
    ),
)
OTHERS: Final[Others] = {
    "deconnexion": "a form of every page",
    "fournisseur": "leads to the identity provider",
    "retour": "leads to a page, or to that of a refused sign-in, which is the error of `connexion`",
    "csp": "browsers report to it",
    "fermer-session": "leads back to the account",
    "deconnecter": "leads back to the account",
}
