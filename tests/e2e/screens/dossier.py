"""The dossier, its questions, and what is done from it."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at, dossier, first, follow, press

QUESTION: Final = "appreciation-regroupement-a-demander"
SCREENS: Final = (
    Screen(
        names=("dossier",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation"),
        empty="a dossier is never empty: what it lacks is what it shows",
        error=at("dossiers/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("effets",),
        title="",
        role="instructeur",
        full=dossier(QUESTION, then=follow("Voir ce que chaque réponse décide")),
        empty="without a question there is no such page",
        error=dossier(QUESTION, then=first(follow("Voir ce que chaque réponse décide"), press("Consigner"))),
    ),
)
OTHERS: Final[Others] = {
    "apprecier": "a form of the page of the question",
    "preparer": "a form of the dossier",
    "signer": "a form of the dossier",
    "renvoyer": "a form of the dossier",
}
