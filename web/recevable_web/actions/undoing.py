"""Undoing a signed decision: no decision is reopened, it is withdrawn or repealed by an act with its ground.

The beneficiary is heard first, unless the request is theirs.  Afterwards the request is to be decided again, or is
over; what was paid on a withdrawn acceptance is recovered by a procedure of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web.actions import decisions, dossiers, drafts, letters, payments, recovery, register, rights, statistics
from recevable_web.actions import procedures as common
from recevable_web.actions.procedures import Stage, Step
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Act, Dossier, Draft, Payment, Procedure, Role, State

Ground, Effect = Procedure.Ground, Procedure.Effect
# What becomes of the request.
AGAIN, OVER = decisions.AGAIN, "terminee"
SEQUELS: Final = {AGAIN: "À décider de nouveau", OVER: "Terminée, sans nouvelle décision"}


def open_undoing(
    actor: Account, dossier: Dossier, seen: int, request: str, key: str, ground: str, effect: str, found_on: date,
    reason: str,
) -> Procedure:  # fmt: skip
    """Open a procedure to undo the decision in force on a request."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    if ground not in Ground.values or effect not in Effect.values:
        raise Refused("FONDEMENT", "Choisissez le fondement, et si la décision est retirée ou abrogée.")
    with transaction.atomic():
        held = dossiers.locked(dossier, seen)
        decision = decisions.in_force(held, request, key)
        if decision is None:
            raise Refused("ACTE", "Aucune décision signée n'est en vigueur sur cette demande.")
        if ground == Ground.CONDITION and decision.kind != payments.ACCEPTED:
            raise Refused("FONDEMENT", "Ce fondement ne vaut que pour une décision qui attribue une subvention.")
        late = _too_late(held.programme, ground, decision)
        if late:
            raise Refused("DELAI", late)
        word = "Retrait" if effect == Effect.WITHDRAWN else "Abrogation"
        return common.opened(
            actor, held, kind=Procedure.Kind.UNDOING, request=request, key=key, decision=decision, ground=ground,
            effect=effect, heard=ground != Ground.ASKED, found_on=found_on, reason=reason,
            title=f"{word} de la décision n° {decision.rank} ({request})",
        )  # fmt: skip


def _too_late(programme: str, ground: str, decision: Act) -> str:
    """Why a decision can no longer be undone on a ground; empty when it can.  Only illegality has a delay."""
    if ground != Ground.ILLEGAL:
        return ""
    taken = register.day_of(decision)
    clock = next(iter(common.clocks(programme, "retrait", taken)), None)
    if clock is None or clock.day is None:
        return "Le programme ne dit pas le délai de retrait d'une décision illégale : il doit être connu d'abord."
    if clock.lapsed(timezone.localdate()):
        until = recevable.wording.day(clock.day)
        return f"Une décision illégale ne se retirait que jusqu'au {until} inclus ({clock.source})."
    return ""


class UndoingKind(drafts.Kind):
    """The act that withdraws or repeals a decision."""

    def title(self, draft: Draft) -> str:
        """See Kind."""
        return str(draft.content["titre"])

    def lines(self, draft: Draft) -> list[tuple[str, str]]:
        """See Kind."""
        found = draft.content
        return [
            ("Décision visée", f"acte n° {found['acte']}"), ("Effet", str(Effect(found["effet"]).label)),
            ("Fondement", str(Ground(found["fondement"]).label)), ("Motif", found["motif"]),
            ("La demande ensuite", SEQUELS[found["suite"]]),
        ]  # fmt: skip

    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """See Kind."""
        procedure = Procedure.objects.select_related("decision").get(pk=int(draft.about))
        moved = common.at_stage(draft, Stage.OPEN, Stage.NOTIFIED, Stage.HEARD)
        assert procedure.decision is not None
        if decisions.in_force(dossier, draft.request, draft.key) != procedure.decision:
            moved.append("La décision visée n'est plus celle qui est en vigueur.")
        late = _too_late(procedure.programme, procedure.ground, procedure.decision)
        return moved or [reason for reason in (common.unheard(procedure), late) if reason]

    def letter(self, draft: Draft) -> letters.Wanted | None:
        """The act itself, its reasons, and how the beneficiary was heard."""
        found = draft.content
        decision = Act.objects.get(rank=found["acte"])
        asked = found["fondement"] == Ground.ASKED
        on = timezone.localdate().isoformat()
        facts = {
            **common.contradictory(Procedure.objects.get(pk=int(draft.about))),
            "acte": found["effet"],
            **common.decided(decision),
            "constats": [{"texte": found["motif"], "source": str(Ground(found["fondement"]).label)}],
            **({"effet_le": on} if found["effet"] == Effect.REPEALED else {}),
            **({"a_la_demande": True} if asked else {}),
        }
        return common.announced(draft, "retrait", facts)

    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """See Kind."""
        decision = Act.objects.get(rank=draft.content["acte"])
        content = {
            "dossier": draft.dossier.reference, "demande": draft.request, "cle": draft.key or None, **draft.content,
            "acte_empreinte": decision.digest,
        }  # fmt: skip
        return draft.content["effet"], dossiers.encoded(content)

    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State | None:
        """The request moves, payments not yet ordered are cancelled, and what was paid on it is to be recovered."""
        procedure, author = common.of(draft), draft.prepared_by
        common.step(author, dossier, procedure, Step.DECIDED, on=timezone.localdate(), act=act)
        procedure.stage = Stage.DECIDED
        procedure.save(update_fields=["stage"])
        common.close(author, dossier, procedure, SEQUELS[draft.content["suite"]])
        statistics.undone(act)
        waiting = dossier.payments.filter(request=draft.request, key=draft.key, status=Payment.Status.SIGNED)
        for one in waiting.select_for_update(of=("self",)):
            one.status, one.reason = Payment.Status.CANCELLED, f"Décision retirée par l'acte n° {act.rank}."
            one.save(update_fields=["status", "reason"])
        if payments.balance(dossier, draft.request, draft.key).over:
            assert procedure.decision is not None
            # prescription runs from the day when the facts were known; nothing could be paid before the decision
            known = max(procedure.found_on, register.day_of(procedure.decision))
            recovery.opened_overpaid(
                author, dossier, draft.request, draft.key, known,
                f"Sommes payées sur la décision n° {draft.content['acte']}, que l'acte n° {act.rank} retire.", act,
            )  # fmt: skip
        return State.TO_INSTRUCT if draft.content["suite"] == AGAIN else None


UNDOING: Final = UndoingKind()


def prepare_undoing(actor: Account, procedure: Procedure, sequel: str, reason: str) -> Draft:
    """The act that undoes a decision, for another person to sign."""
    reason = common.text(reason, "MOTIF", "Dites pourquoi la décision est retirée ou abrogée, en fait et en droit.")
    if sequel not in SEQUELS:
        raise Refused("SUITE", "Choisissez ce que devient la demande.")
    with transaction.atomic():
        held, kept = common.locked(actor, procedure, Role.INSTRUCTOR)
        if kept.kind != Procedure.Kind.UNDOING:
            raise Refused("ETAPE", "Cette procédure n'est pas un retrait.")
        waits = common.unheard(kept)
        if waits:
            raise Refused("CONTRADICTOIRE", waits)
        content = {
            "procedure": kept.pk, "titre": kept.title, "acte": kept.decision_id, "effet": kept.effect,
            "fondement": kept.ground, "motif": reason, "suite": sequel,
        }  # fmt: skip
        draft = common.create(actor, UNDOING, held, Draft.Kind.UNDOING, kept, content)
        moved = UNDOING.what_moved(held, draft)
        if moved:
            raise Refused("PERIME", moved[0])
    return draft


def abandon(actor: Account, procedure: Procedure, reason: str) -> None:
    """Close a procedure and keep the decision, with a reason."""
    reason = common.text(reason, "MOTIF", "Dites pourquoi la décision est maintenue.")
    with transaction.atomic():
        held, kept = common.locked(actor, procedure, Role.INSTRUCTOR)
        common.close(actor, held, kept, reason)
        dossiers.moved(held)
