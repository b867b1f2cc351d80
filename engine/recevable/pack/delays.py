"""The delays of the law that a programme counts (`delais` of the manifest): what each is, and what it runs from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from recevable.language.types import Kind
from recevable.pack.nodes import Scalar


class DelayKind(Struct, frozen=True):
    """A kind of delay: its title, and the event that it runs from, in French.

    `clear`: neither the day of the event nor the last day counts (*délai franc*).  `ends`: a parameter may also give
    the end itself, and several parameters several ends, where the text can be read in more than one way; such a delay
    is never carried to a working day.
    """

    title: str
    runs_from: str
    clear: bool = False
    ends: bool = False

    @property
    def types(self) -> tuple[Kind, ...]:
        """The types of parameters that may give the delay."""
        return (Kind.DURATION, Kind.DATE, Kind.INSTANT) if self.ends else (Kind.DURATION,)


COMPLETION, APPEAL, WITHDRAWAL = "complement", "recours", "retrait"
CONTROL, NOTICE, OBSERVATIONS, PRESCRIPTION = "controle", "mise_en_demeure", "contradictoire", "prescription"
DELAYS: Final[dict[str, DelayKind]] = {
    COMPLETION: DelayKind("Délai donné au demandeur pour compléter", "la demande de complément"),
    # CJA R421-1; it is counted clear (CE, constant)
    APPEAL: DelayKind("Délai de recours contentieux", "la notification de la décision", clear=True),
    WITHDRAWAL: DelayKind("Délai pour retirer une décision illégale", "la décision"),
    CONTROL: DelayKind("Fenêtre de contrôle", "le dernier paiement", ends=True),
    NOTICE: DelayKind("Délai pour répondre à la mise en demeure", "sa notification"),
    OBSERVATIONS: DelayKind("Délai pour présenter des observations", "la notification de ce qui est envisagé"),
    PRESCRIPTION: DelayKind("Prescription de la créance", "le jour où l'agence a connu les faits"),
}
# Those that a programme may carry to a working day.
CARRIED: Final = tuple(kind for kind, one in DELAYS.items() if not one.ends)


class CountedDelays(Struct, frozen=True):
    """The delays that a programme counts: their parameters by kind, and how they end.

    Those of the kinds `carried` that would end on a day that is not worked end on the next working day, by the calendar
    that the parameter `holidays` gives.
    """

    named: Mapping[str, tuple[Scalar, ...]] = {}
    holidays: Scalar | None = None
    carried: tuple[str, ...] = ()
