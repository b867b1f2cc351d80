"""Recovering a sum: a finding of the rules, or what was paid above what is owed.  No sum is ever claimed by itself.

Finding, formal notice, observations, decision (whole, partial or none, always with a reason), order to pay back with
its bases, repayments.  Interest is out of scope, and so is the order itself: the accounting officer issues it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, drafts, letters, payments, rights
from recevable_web.actions import procedures as common
from recevable_web.actions.procedures import Stage, Step, amount
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    MADE,
    Account,
    Act,
    Dossier,
    DossierVersion,
    Draft,
    PackVersion,
    Procedure,
    Role,
    State,
)

# The basis of a sum that the text leaves to appraise, at most.
MAXIMUM: Final = "maximum"
REQUIRED: Final = "obligatoire"
# The threshold below which no order is proposed, at most (décret 2012-1246, article 192).
HIGHEST_THRESHOLD: Final = 50_00
# Lines of the bases of an order.
_LINES: Final = 50


# --- opened -----------------------------------------------------------------------------------------------------------


def findings(version: DossierVersion, pack: PackVersion | None) -> tuple[recevable.RecoveryCase, ...]:
    """The cases that the rules in force find today in a version, those that are closed left out.

    Raises Refused when a purge erased the dossier, and what deciding raises.
    """
    if pack is None:
        return ()
    dossiers.whole(version.dossier)
    decision = dossiers.decided(version, pack, timezone.localdate())
    return tuple(case for case in decision.recovery if not case.closed)


def open_finding(actor: Account, dossier: Dossier, seen: int, rule: str, found_on: date, reason: str) -> Procedure:
    """Open a procedure on a case that the rules find, known to the agency since a day."""
    rights.require(actor, dossier.programme, *common.LEADERS)
    with transaction.atomic():
        held = dossiers.locked(dossier, seen)
        case = _case(held, rule)
        if case is None:
            raise Refused("CAS", "Les règles ne trouvent pas ce cas dans le dossier.")
        return _open(
            actor, held, rule=rule, title=case.title, modality=case.modality, basis=case.basis,
            source=case.source[:300], claimed_cents=_cents(case), found_on=found_on, reason=reason,
        )  # fmt: skip


def open_overpaid(
    actor: Account, dossier: Dossier, seen: int, request: str, key: str, found_on: date, reason: str
) -> Procedure:
    """Open a procedure on what was paid on a request above what signed acts owe."""
    rights.require(actor, dossier.programme, *common.LEADERS)
    with transaction.atomic():
        held = dossiers.locked(dossier, seen)
        return opened_overpaid(actor, held, request, key, found_on, reason)


def opened_overpaid(
    actor: Account, held: Dossier, request: str, key: str, found_on: date, reason: str, decision: Act | None = None
) -> Procedure:
    """The same on a locked dossier; `decision` is the act by which the payments are no longer owed."""
    over = payments.balance(held, request, key).over
    if not over:
        raise Refused("TROP", "Rien n'a été payé sur cette demande au-delà de ce qui est dû.")
    return _open(
        actor, held, request=request, key=key, decision=decision, title=f"Trop payé : {request}", modality=REQUIRED,
        basis="exact", claimed_cents=over, found_on=found_on, reason=reason,
    )  # fmt: skip


def _open(actor: Account, held: Dossier, **fields: Any) -> Procedure:
    clock = next(iter(common.clocks(held.programme, "prescription", fields["found_on"])), None)
    day = None if clock is None else clock.day
    return common.opened(actor, held, kind=Procedure.Kind.RECOVERY, prescribed_on=day, **fields)


def _case(held: Dossier, rule: str) -> recevable.RecoveryCase | None:
    found = findings(dossiers.latest(held), packs.in_force(held.programme, timezone.localdate()))
    return next((case for case in found if case.rule == rule), None)


def _cents(case: recevable.RecoveryCase) -> int | None:
    """The cents of a case; None while they are not known or depend on an open question."""
    value = case.amount.value
    if value is None or case.amount.provisional:
        return None
    return dossiers.whole_cents(value)


def _claim(held: Dossier, procedure: Procedure) -> tuple[int | None, str]:
    """What may be claimed today, and why nothing may, in a sentence."""
    if not procedure.rule:
        over = payments.balance(held, procedure.request, procedure.key).over
        return over, "" if over else "Rien n'est plus payé au-delà de ce qui est dû."
    case = _case(held, procedure.rule)
    if case is None:
        return None, "Les règles ne trouvent plus ce cas, ou le tiennent pour clos."
    cents = _cents(case)
    return cents, "" if cents is not None else "La somme en jeu n'est pas connue, ou dépend d'une appréciation."


def _beyond(held: Dossier, procedure: Procedure, cents: int) -> str:
    """That more would be claimed on the dossier than was ever paid, all procedures together; empty when not."""
    if not cents:
        return ""
    pack = packs.in_force(held.programme, timezone.localdate())
    if pack is None:
        return "Aucune règle du programme n'est en vigueur aujourd'hui."
    programme = packs.opened(pack.pk)
    paid = programme.paid(programme.read(bytes(dossiers.latest(held).composed), held.reference))
    if paid is None and procedure.rule:
        return "Le dossier ne dit pas tout ce qui a été payé : consignez-le d'abord."
    others = held.procedures.filter(kind=Procedure.Kind.RECOVERY).exclude(pk=procedure.pk)
    claimed = sum(one or 0 for one in others.values_list("decided_cents", flat=True))
    # what was paid here and could not be written in the dossier was paid all the same
    here = held.payments.filter(MADE).aggregate(total=Sum("paid_cents"))["total"] or 0
    total = max(here, dossiers.whole_cents(paid) if paid is not None else 0)
    if claimed + cents <= total:
        return ""
    return f"{amount(claimed)} sont déjà réclamés sur ce dossier, et {amount(total)} y ont été payés."


def _prescribed(procedure: Procedure) -> str:
    """That the sum can no longer be claimed; empty when it can, or when the programme counts no prescription."""
    if procedure.prescribed_on is None or timezone.localdate() <= procedure.prescribed_on:
        return ""
    return f"La somme est prescrite depuis le {recevable.wording.day(procedure.prescribed_on)}."


# --- decided ----------------------------------------------------------------------------------------------------------


class ClaimKind(drafts.Kind):
    """The decision on a sum: to claim all of it, a part, or nothing, as a person judges."""

    prepares = common.LEADERS

    def title(self, draft: Draft) -> str:
        """See Kind."""
        cents = draft.content["centimes"]
        return f"{draft.content['titre']} : " + (f"reverser {amount(cents)}" if cents else "ne rien réclamer")

    def lines(self, draft: Draft) -> list[tuple[str, str]]:
        """See Kind."""
        found = draft.content
        kept = [("Proportionnalité", found["proportionnalite"])] if found["proportionnalite"] else []
        return [
            ("Somme en jeu", amount(found["enjeu"])), ("Somme à reverser", amount(found["centimes"])),
            ("Motif", found["motif"]), ("Texte", found["source"]), *kept,
        ]  # fmt: skip

    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """See Kind."""
        procedure = Procedure.objects.get(pk=int(draft.about))
        moved = common.at_stage(draft, Stage.NOTIFIED, Stage.HEARD)
        claim, why = _claim(dossier, procedure)
        waits = common.unheard(procedure)
        late = _prescribed(procedure) if draft.content["centimes"] else ""
        # what was decided to be nothing needs no case any more
        gone = why if draft.content["centimes"] else ""
        changed = "" if claim in (None, draft.content["enjeu"]) else "La somme en jeu a changé."
        beyond = _beyond(dossier, procedure, draft.content["centimes"])
        return moved or [reason for reason in (waits, gone, changed, late, beyond) if reason]

    def letter(self, draft: Draft) -> letters.Wanted | None:
        """What the agency retains, once the beneficiary was heard; the decision to pay back comes with the order."""
        found = draft.content
        retained = (
            f"La somme retenue est de {amount(found['centimes'])}." if found["centimes"] else "Rien n'est réclamé."
        )
        facts = {
            **common.contradictory(Procedure.objects.get(pk=int(draft.about))),
            "suite": f"{found['motif']} ({found['source']}). {retained}",
            **({"montant": found["centimes"]} if found["centimes"] else {}),
        }
        return common.announced(draft, "fin_contradictoire", facts)

    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """See Kind."""
        return "decision_recouvrement", dossiers.encoded({"dossier": draft.dossier.reference, **draft.content})

    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State | None:
        """See Kind."""
        procedure, cents = common.of(draft), draft.content["centimes"]
        common.step(
            draft.prepared_by, dossier, procedure, Step.DECIDED, on=timezone.localdate(), act=act, cents=cents
        )  # fmt: skip
        procedure.stage, procedure.decided_cents = Stage.DECIDED, cents
        procedure.claimed_cents = draft.content["enjeu"]
        procedure.save(update_fields=["stage", "decided_cents", "claimed_cents"])
        if not cents:
            common.close(draft.prepared_by, dossier, procedure, "Rien n'est réclamé.")
        return None


CLAIM: Final = ClaimKind()


def prepare_claim(
    actor: Account, procedure: Procedure, cents: int, reason: str, source: str, proportionality: str = ""
) -> Draft:
    """The decision on a sum, for another person to sign: between nothing and what is at stake, with its reason.

    A sum that the text only bounds is never claimed without saying why it is proportionate (CRPA, L123-1).
    """
    reason = common.text(reason, "MOTIF", "Dites pourquoi : cette décision se défend devant un juge.")
    source = common.referred(source)
    with transaction.atomic():
        held, kept = common.locked(actor, procedure)
        if kept.kind != Procedure.Kind.RECOVERY:
            raise Refused("ETAPE", "Cette procédure n'est pas un recouvrement.")
        waits = common.unheard(kept)
        if waits:
            raise Refused("CONTRADICTOIRE", waits)
        common.require_stage(kept, Stage.NOTIFIED, Stage.HEARD)
        claim, why = _claim(held, kept)
        # nothing may always be claimed, of what the notice said
        stake = claim if claim is not None else kept.claimed_cents or 0
        if cents and (why or claim is None):
            raise Refused("SOMME", why)
        if not 0 <= cents <= stake:
            raise Refused("SOMME", f"La somme est comprise entre rien et {amount(stake)}.")
        late = _prescribed(kept) if cents else ""
        if late:
            raise Refused("PRESCRIT", late)
        beyond = _beyond(held, kept, cents)
        if beyond:
            raise Refused("CUMUL", beyond)
        proportionality = proportionality.strip()
        if cents and kept.basis == MAXIMUM:
            missing = "Le texte ne fixe qu'un maximum : dites pourquoi cette somme est proportionnée aux faits."
            proportionality = common.text(proportionality, "PROPORTION", missing)
        content = {
            "procedure": kept.pk, "titre": kept.title, "regle": kept.rule or None, "modalite": kept.modality,
            "assiette": kept.basis, "enjeu": stake, "centimes": cents, "motif": reason, "source": source,
            "proportionnalite": proportionality or None,
        }  # fmt: skip
        return common.create(actor, CLAIM, held, Draft.Kind.CLAIM, kept, content)


# --- ordered ----------------------------------------------------------------------------------------------------------


class OrderKind(drafts.Kind):
    """The proposal of an order to pay back, with the bases of its liquidation (décret 2012-1246, article 24)."""

    prepares = common.LEADERS

    def title(self, draft: Draft) -> str:
        """See Kind."""
        return f"Proposition d'ordre de recouvrer : {amount(draft.content['centimes'])}"

    def lines(self, draft: Draft) -> list[tuple[str, str]]:
        """See Kind."""
        return [
            (line["libelle"], f"{amount(line['centimes'])} ({line['source']})") for line in draft.content["bases"]
        ] + [("Somme à recouvrer", amount(draft.content["centimes"]))]

    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """See Kind."""
        late = _prescribed(Procedure.objects.get(pk=int(draft.about)))
        return common.at_stage(draft, Stage.DECIDED) or ([late] if late else [])

    def letter(self, draft: Draft) -> letters.Wanted | None:
        """The decision to pay back, its reasons and its bases."""
        found = draft.content
        facts = {
            **common.contradictory(Procedure.objects.get(pk=int(draft.about))),
            "constats": [{"texte": found["motif"], "source": found["motif_source"]}],
            "bases": [
                {"libelle": line["libelle"], "montant": line["centimes"], "source": line["source"]}
                for line in found["bases"]
            ],
            "montant": found["centimes"],
        }
        return common.announced(draft, "proposition_ordre", facts)

    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """See Kind."""
        return "proposition_ordre", dossiers.encoded({"dossier": draft.dossier.reference, **draft.content})

    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State | None:
        """See Kind."""
        procedure = common.of(draft)
        cents = draft.content["centimes"]
        common.step(draft.prepared_by, dossier, procedure, Step.ORDER, on=timezone.localdate(), act=act, cents=cents)
        procedure.stage = Stage.ORDERED
        procedure.save(update_fields=["stage"])
        return None


ORDER: Final = OrderKind()


def prepare_order(actor: Account, procedure: Procedure, bases: Sequence[tuple[str, int, str]]) -> Draft:
    """The proposal of an order for the sum decided, for another person to sign.

    `bases` are lines of a name, cents and a source, whose sum is the sum decided.
    """
    with transaction.atomic():
        held, kept = common.locked(actor, procedure)
        common.require_stage(kept, Stage.DECIDED)
        assert kept.decided_cents is not None
        below = under_threshold(kept, packs.in_force(kept.programme, timezone.localdate()))
        if below:
            raise Refused("SEUIL", below)
        late = _prescribed(kept)
        if late:
            raise Refused("PRESCRIT", late)
        if not 1 <= len(bases) <= _LINES:
            raise Refused("BASES", f"Un ordre a de 1 à {_LINES} lignes de liquidation.")
        lines = [
            {
                "libelle": common.text(name, "BASES", "Chaque ligne de liquidation a un libellé.", 300),
                "centimes": cents,
                "source": common.referred(where),
            }
            for name, cents, where in bases
        ]
        if any(cents <= 0 for _, cents, _ in bases):
            raise Refused("BASES", "Chaque ligne de liquidation est une somme à reverser, de plus de zéro.")
        total = sum(cents for _, cents, _ in bases)
        if total != kept.decided_cents:
            raise Refused(
                "BASES", f"Les lignes font {amount(total)}, la somme décidée est {amount(kept.decided_cents)}."
            )
        claim = kept.steps.select_related("act__draft").get(kind=Step.DECIDED).act
        assert claim is not None
        assert claim.draft is not None
        why = {"motif": claim.draft.content["motif"], "motif_source": claim.draft.content["source"]}
        content = {
            "procedure": kept.pk, "titre": kept.title, "decision": claim.rank, **why, "bases": lines,
            "centimes": kept.decided_cents,
        }  # fmt: skip
        return common.create(actor, ORDER, held, Draft.Kind.ORDER, kept, content)


def under_threshold(procedure: Procedure, pack: PackVersion | None) -> str:
    """That no order may be proposed for a sum decided, too small by the pack in force; empty when one may.

    The programme sets the threshold, at most HIGHEST_THRESHOLD; without one, no sum is too small.
    """
    found = None if pack is None else packs.opened(pack.pk).recovery_threshold(timezone.localdate())
    if found is None or found[0] is None or procedure.decided_cents is None:
        return ""
    threshold = min(dossiers.whole_cents(found[0]), HIGHEST_THRESHOLD)
    if procedure.decided_cents >= threshold:
        return ""
    return f"La somme est inférieure au seuil de {amount(threshold)} ({found[1]}) : aucun ordre ne se propose."


# --- repaid, closed ---------------------------------------------------------------------------------------------------


def repay(actor: Account, procedure: Procedure, on: date | None, cents: int | None, reference: str) -> None:
    """Record a repayment, whole or partial, recorded once by its reference; the last one closes the procedure."""
    reference = common.text(reference, "REFERENCE", "Donnez la référence de l'encaissement.", 200)
    with transaction.atomic():
        held, kept = common.locked(actor, procedure)
        common.require_stage(kept, Stage.DECIDED, Stage.ORDERED)
        assert kept.decided_cents is not None
        day = common.between(on, kept.found_on, "la date du reversement", "la connaissance des faits")
        left = kept.decided_cents - kept.repaid_cents
        if cents is None or not 0 < cents <= left:
            raise Refused(
                "SOMME", f"Il reste {amount(left)} à reverser : la somme reçue ne peut pas être nulle ni plus grande."
            )
        try:
            with transaction.atomic():
                common.step(actor, held, kept, Step.REPAID, on=day, cents=cents, reference=reference)
        except IntegrityError:
            raise Refused("REFERENCE", "Un reversement porte déjà cette référence.") from None
        kept.repaid_cents += cents
        kept.save(update_fields=["repaid_cents"])
        if kept.repaid_cents == kept.decided_cents:
            common.close(actor, held, kept, "Tout est reversé.")
        dossiers.moved(held)


def abandon(actor: Account, procedure: Procedure, reason: str) -> None:
    """Close a procedure without going on, with a reason.

    Before the notice the person in charge may; after it only a signed decision to claim nothing does.  Once a sum is
    decided, a validator may: it is prescribed, below the threshold, or admitted as irrecoverable.
    """
    reason = common.text(reason, "MOTIF", "Dites pourquoi la procédure s'arrête.")
    with transaction.atomic():
        held, kept = common.locked(actor, procedure, *common.LEADERS, Role.VALIDATOR)
        decided = kept.stage in (Stage.DECIDED, Stage.ORDERED)
        rights.require(actor, kept.programme, *([Role.VALIDATOR] if decided else common.LEADERS))
        common.require_stage(kept, Stage.OPEN, Stage.DECIDED, Stage.ORDERED)
        common.close(actor, held, kept, reason)
        dossiers.moved(held)


def listed(programmes: Sequence[str]) -> QuerySet[Procedure]:
    """The open procedures of recovery, the soonest prescribed first, those without a known day before them."""
    found = Procedure.objects.filter(programme__in=programmes, kind=Procedure.Kind.RECOVERY).exclude(stage=Stage.CLOSED)
    return found.select_related("dossier").order_by(F("prescribed_on").asc(nulls_first=True), "pk")
