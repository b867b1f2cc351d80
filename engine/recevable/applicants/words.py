"""A simulation in words: the same sentences on a terminal and on a page."""

from __future__ import annotations

from typing import Any, Final

from recevable.applicants.simulation import Result
from recevable.decision.model import Verdict
from recevable.decision.points import Point, points
from recevable.decision.wording import amount
from recevable.pack.model import APPLICANT, Consequence

NOT_A_DECISION: Final = "Cette simulation ne vaut pas décision."
# What is kept of the answers, printed on every page.
NOTHING_KEPT: Final = "Rien de ce que vous répondez n'est conservé."
_ONE: Final = {
    Verdict.ACCEPT: "Votre demande serait acceptée.",
    Verdict.COMPLETE: "Votre demande serait à compléter ou à modifier.",
    Verdict.REJECT: "Votre demande serait rejetée.",
    Verdict.UNDECIDABLE: (
        "Votre demande ne pourrait pas être décidée : une valeur demandée par les règles est inconnue à cette date."
    ),
}
_SHORT: Final = {
    Verdict.ACCEPT: "acceptée",
    Verdict.COMPLETE: "à compléter",
    Verdict.REJECT: "rejetée",
    Verdict.UNDECIDABLE: "sans décision possible à cette date",
}


def likely(result: Result) -> str:
    """The likely verdict in a sentence; every one that is possible when what is not known decides between them."""
    if len(result.verdicts) == 1:
        sentence = _ONE[result.verdicts[0]]
        if result.verdicts[0] is Verdict.ACCEPT and result.appraisals:
            sentence = "Votre demande serait acceptée, sous réserve de ce que l'agence doit apprécier."
        return sentence
    *others, last = [_SHORT[verdict] for verdict in reversed(result.verdicts)]
    return f"Selon ce qui n'est pas encore répondu, votre demande serait {', '.join(others)} ou {last}."


def likely_amount(result: Result) -> str:
    """The proposed amount in a sentence; empty for a request without one, or rejected."""
    proposed = result.decision.proposed
    if proposed is None or result.verdicts == (Verdict.REJECT,):
        return ""
    if result.amount_known and proposed.value is not None:
        return f"{proposed.title} : {amount(proposed.value)}."
    if result.lowest is not None and result.highest is not None and result.highest < _NO_LIMIT:
        ends = f"entre {amount(result.lowest)} et {amount(result.highest)}"
        return f"{proposed.title} : {ends}, selon ce qui n'est pas encore répondu."
    return f"{proposed.title} : il ne peut pas encore être calculé."


def against(result: Result) -> list[Point]:
    """What the person reads of the reasons not to accept: those of the likely verdict, once it is the only one.

    What was not asked lacks in the dossier: a reason that only misses data is given when there is no other, and none
    is while several verdicts are possible.
    """
    found = [one for one in points(result.decision.findings) if one.consequence not in (None, Consequence.SIGNAL)]
    settled = len(result.verdicts) == 1
    if settled:
        found = [one for one in found if str(one.consequence) == str(result.verdicts[0])]
    known = [one for one in found if not one.missing]
    return found if settled and not known else known


def to_provide(result: Result) -> list[str]:
    """What the applicant has to provide or correct, in sentences."""
    return [one.words for one in result.actions if one.party == APPLICANT]


# Above, an upper end says nothing.
_NO_LIMIT: Final[Any] = 10**10
