"""A draft is prepared by one person and signed by another; what is signed is sealed in the register.

The machine proposes, somebody prepares an act, the validator signs it or sends it back.  A signature is refused when
what the act is based on has moved since.  Each kind of act says what that is (`KINDS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from recevable_web.actions import dossiers, drafts, history, letters, register, rights
from recevable_web.actions.decisions import DECISION
from recevable_web.actions.decisions import prepare as prepare
from recevable_web.actions.payments import PAYMENT
from recevable_web.actions.procedures import NOTICE
from recevable_web.actions.recovery import CLAIM, ORDER
from recevable_web.actions.refused import Refused
from recevable_web.actions.undoing import UNDOING
from recevable_web.records.models import Account, Act, Dossier, Draft, Role

KINDS: Final[Mapping[str, drafts.Kind]] = {
    Draft.Kind.DECISION: DECISION,
    Draft.Kind.PAYMENT: PAYMENT,
    Draft.Kind.NOTICE: NOTICE,
    Draft.Kind.CLAIM: CLAIM,
    Draft.Kind.ORDER: ORDER,
    Draft.Kind.UNDOING: UNDOING,
}


def sign(actor: Account, draft: Draft) -> Act:
    """Sign a draft: the act is sealed, what follows from it is written, all or nothing."""
    rights.require(actor, draft.dossier.programme, Role.VALIDATOR)
    with transaction.atomic():
        held, kept = drafts.held(draft)
        if kept.prepared_by_id == actor.pk:
            raise Refused("QUATRE-YEUX", "Qui a préparé un acte ne le signe pas : une autre personne doit le faire.")
        kind = KINDS[kept.kind]
        moved = kind.what_moved(held, kept)
        if moved:
            raise Refused("PERIME", f"{moved[0]} Renvoyez ce projet, pour que le dossier soit évalué de nouveau.")
        drafts.settle(kept, Draft.Status.SIGNED, actor)
        wanted = kind.letter(kept)
        made = letters.make(held, wanted, kept.prepared_by, actor) if wanted is not None else None
        name, content = kind.sealed(kept)
        content = letters.sealed(content, made)
        act = register.append(name, held.reference, content, kept.prepared_by, actor, dossier=held, draft=kept)
        if made is not None:
            letters.keep(held, act, made)
        dossiers.moved(held, kind.signed(held, kept, act))
        history.tell(held, actor, "signature", f"{kind.title(kept)}, signé (acte n° {act.rank}).")
    return act


def send_back(actor: Account, draft: Draft, comment: str) -> Draft:
    """Send a draft back to its author, with what is to be looked at again."""
    rights.require(actor, draft.dossier.programme, Role.VALIDATOR)
    comment = comment.strip()
    if not comment:
        raise Refused("MOTIF", "Dites à la personne qui l'a préparé ce qui est à revoir.")
    with transaction.atomic():
        held, kept = drafts.held(draft)
        kind = KINDS[kept.kind]
        drafts.settle(kept, Draft.Status.RETURNED, actor, comment)
        dossiers.moved(held, kind.dropped(held, kept))
        history.tell(held, actor, "renvoi", f"{_object(kind, kept)} : renvoyé. {comment}")
    return kept


def withdraw(actor: Account, draft: Draft) -> Draft:
    """Take back a draft that one prepared, before anybody has signed it."""
    kind = KINDS[draft.kind]
    rights.require(actor, draft.dossier.programme, *kind.prepares)
    with transaction.atomic():
        held, kept = drafts.held(draft)
        if kept.prepared_by_id != actor.pk:
            raise Refused("AUTEUR", "Seule la personne qui a préparé ce projet le retire ; un valideur le renvoie.")
        drafts.settle(kept, Draft.Status.STALE, actor)
        dossiers.moved(held, kind.dropped(held, kept))
        history.tell(
            held, actor, "retrait", f"{_object(kind, kept)} : projet retiré par la personne qui l'avait préparé."
        )
    return kept


def what_moved(dossier: Dossier, draft: Draft) -> list[str]:
    """Why a draft can no longer be signed, in sentences; none when it can."""
    return KINDS[draft.kind].what_moved(dossier, draft)


def preview(draft: Draft) -> bytes:
    """The letter that would announce a draft, with a watermark; Refused when there is none, or with the reasons."""
    wanted = KINDS[draft.kind].letter(draft)
    if wanted is None:
        raise Refused("SANS-COURRIER", "Cet acte n'est annoncé par aucun courrier.")
    return letters.preview(draft.dossier, wanted, draft.prepared_by)


def _object(kind: drafts.Kind, draft: Draft) -> str:
    return draft.request if draft.kind == Draft.Kind.DECISION else kind.title(draft)
