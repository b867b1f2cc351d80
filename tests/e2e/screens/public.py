"""For applicants, without an account: the programmes, the page of a profile, the simulator."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at, first, press
from tests.e2e.watched import Watched

PAGE: Final = "demandeurs/af-ope-mss/acheteur"
SIMULATOR: Final = f"{PAGE}/simuler/avance?au=2023-09-04"


def answers(watched: Watched) -> None:
    """Answer the first questions, one of them by « je ne sais pas », then ask for the result."""
    watched.page.get_by_label("Quand l'ASP reçoit-elle, ou a-t-elle reçu, votre demande d'avance ?").fill(
        "01/07/2023 10:00"
    )
    press("Continuer")(watched)
    press("Je ne sais pas")(watched)
    press("Voir le résultat maintenant")(watched)


SCREENS: Final = (
    Screen(
        names=("demandeurs",),
        title="Demander un financement",
        role=None,
        full=at("demandeurs"),
        empty="les règles d'un programme sont publiées avec la démonstration, et rien d'autre n'est listé",
        error="aucune saisie n'y est possible",
    ),
    Screen(
        names=("page_publique",),
        title="Financement",
        role=None,
        full=at(f"{PAGE}?au=2023-07-10"),
        empty=at(f"{PAGE}?au=2022-01-01"),
        error=at(f"{PAGE}?au=2023-02-31"),
        statuses=(400,),
    ),
    Screen(
        names=("simuler",),
        title="Simulation",
        role=None,
        full=first(at(SIMULATOR), answers),
        empty=at(SIMULATOR),
        error=first(at(SIMULATOR), press("Continuer")),
    ),
)
OTHERS: Final[Others] = {}
