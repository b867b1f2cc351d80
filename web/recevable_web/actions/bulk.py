"""One action on many dossiers, one after the other: each is done or refused by itself, and each outcome is listed.

Nothing is signed here: what binds the agency is seen by a person before it is signed, one dossier at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from django.utils import timezone

import recevable
from recevable_web.actions import acts, dossiers, reservations, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Dossier, Verdict

# How many dossiers are taken at once.
MOST: Final = 100


class Operation(StrEnum):
    """What may be done to many dossiers."""

    RESERVE = "reserver"
    RELEASE = "liberer"
    ASSIGN = "affecter"
    PREPARE = "preparer"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a dossier (None when the user may not open it), in a sentence."""

    dossier: int | None
    done: bool
    message: str


def run(
    actor: Account, chosen: Sequence[tuple[int, int]], operation: Operation, to: Account | None = None
) -> list[Outcome]:
    """Do something to dossiers, given by their keys and the versions that were seen; `to` whom they are assigned.

    Raises Refused, having done nothing, when there is none or more than MOST.
    """
    once = dict(chosen)
    if not once:
        raise Refused("AUCUN", "Cochez au moins un dossier.")
    if len(once) > MOST:
        raise Refused("TROP", f"Choisissez au plus {MOST} dossiers à la fois.")
    found: list[Outcome] = []
    for pk, seen in once.items():
        dossier = rights.visible(actor).filter(pk=pk).first()
        if dossier is None:
            found.append(Outcome(None, False, "Un dossier choisi n'existe pas, ou ne vous est pas ouvert."))
            continue
        for act in _acts(actor, dossier, seen, operation, to):
            done, message = _tried(act)
            found.append(Outcome(dossier.pk, done, message))
    return found


def _acts(
    actor: Account, dossier: Dossier, seen: int, operation: Operation, to: Account | None
) -> Iterator[Callable[[], str]]:
    if operation is not Operation.PREPARE:
        yield partial(_simple, actor, dossier, operation, to)
    else:
        waiting = list(dossier.queue_requests.filter(open=True).order_by("id").values_list("name", "key", "verdict"))
        if not waiting:
            yield _nothing_waits
        prepare = _Preparing(actor, dossier, seen)
        for name, key, shown in waiting:
            yield partial(prepare, name, key, shown)


class _Preparing:
    """Follows the proposals on a dossier, one request after the other: each act makes a version of its own."""

    def __init__(self, actor: Account, dossier: Dossier, seen: int) -> None:
        self.actor, self.dossier, self.seen = actor, dossier, seen

    def __call__(self, name: str, key: str, shown: str) -> str:
        """Prepare what is proposed for a request, if it is still what the queue showed."""
        evaluation = dossiers.evaluate(dossiers.latest(self.dossier), timezone.localdate())
        proposal = evaluation.requests.filter(name=name, key=key).first()
        if proposal is None or proposal.verdict != shown:
            raise Refused("MOUVEMENT", "La proposition a changé depuis que la file l'a montrée : ouvrez le dossier.")
        if proposal.verdict not in Verdict.values:
            raise Refused("INDECIDABLE", f"{name} : les règles ne peuvent rien proposer, ouvrez le dossier.")
        draft = acts.prepare(self.actor, self.dossier, self.seen, name, Verdict(proposal.verdict), key=key)
        self.seen += 1
        return f"{name} : « {draft.get_verdict_display()} » est préparé, une autre personne doit le signer."


def _nothing_waits() -> str:
    raise Refused("RIEN", "Aucune demande de ce dossier n'attend de décision.")


def _simple(actor: Account, dossier: Dossier, operation: Operation, to: Account | None) -> str:
    if operation is Operation.RESERVE:
        reservations.reserve(actor, dossier)
        return "Réservé."
    if operation is Operation.RELEASE:
        reservations.release(actor, dossier)
        return "Libéré."
    reservations.assign(actor, dossier, to)
    return "Affecté à personne." if to is None else f"Affecté à {to.name}."


def _tried(act: Callable[[], str]) -> tuple[bool, str]:
    """Whether an act was done, and the sentence about it; what breaks on one dossier leaves the others alone."""
    try:
        return True, act()
    except Refused as refused:
        return False, refused.message
    except recevable.InvalidDossier as error:
        return False, error.diagnostics[0].message
    except recevable.Contradiction as error:
        return False, f"Les règles se contredisent sur ce dossier : {error}"
    except Exception:
        logging.getLogger(__name__).exception("an act of a batch failed")
        return False, "Le service a rencontré une erreur : rien n'a été fait pour ce dossier."
