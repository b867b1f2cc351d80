"""Procedures with a beneficiary, step by step: opened by a person, notified, heard, decided; nothing is skipped.

The steps that bind are acts, prepared by one person and signed by another.  What is proper to recovering a sum is in
`recovery.py`, to undoing a decision in `undoing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, drafts, history, letters, register, rights, sending
from recevable_web.actions.payment_files import euros
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Dossier,
    Draft,
    Letter,
    PackVersion,
    Procedure,
    ProcedureStep,
    Role,
    State,
    Verdict,
)

# Who leads a procedure.
LEADERS: Final = (Role.INSTRUCTOR, Role.CONTROLLER)
# Days that a formal notice may give.
LONGEST: Final = 365
# Characters of what a person writes.
_TEXT: Final = 5_000
_SHORT: Final = 300
_ANSWERS: Final = {Verdict.ACCEPT: "acceptation", Verdict.REJECT: "rejet", Verdict.COMPLETE: "demande de complément"}
Stage, Step = Procedure.Stage, ProcedureStep.Kind


def locked(actor: Account, procedure: Procedure, *roles: Role) -> tuple[Dossier, Procedure]:
    """The dossier and the procedure, locked, for somebody who acts on it; refused once it is closed."""
    rights.require(actor, procedure.programme, *(roles or LEADERS))
    held = Dossier.objects.select_for_update(of=("self",)).get(pk=procedure.dossier_id)
    kept = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
    if kept.stage == Stage.CLOSED:
        raise Refused("CLOSE", "Cette procédure est close.")
    return held, kept


def opened(actor: Account, held: Dossier, **fields: Any) -> Procedure:
    """A procedure on a locked dossier, with its first step."""
    if fields["found_on"] > timezone.localdate():
        raise Refused("DATE", "Le jour où l'agence a connu les faits ne peut pas être à venir.")
    fields["reason"] = text(fields["reason"], "MOTIF", "Dites sur quels faits la procédure s'ouvre.")
    try:
        with transaction.atomic():
            found = Procedure.objects.create(dossier=held, programme=held.programme, opened_by=actor, **fields)
    except IntegrityError:
        raise Refused("DEJA-OUVERTE", "Une procédure est déjà ouverte sur ce cas.") from None
    step(actor, held, found, Step.OPENED, on=found.found_on, cents=found.claimed_cents, text=found.reason)
    dossiers.moved(held)
    return found


def step(actor: Account, held: Dossier, procedure: Procedure, kind: ProcedureStep.Kind, **fields: Any) -> ProcedureStep:
    """Write a step, and tell the history of the dossier; the caller writes the stage."""
    last = procedure.steps.aggregate(last=Max("rank"))["last"] or 0
    found = ProcedureStep.objects.create(procedure=procedure, rank=last + 1, kind=kind, account=actor, **fields)
    words = f"{procedure.title} : {found.get_kind_display().lower()}"
    amount_ = f", {amount(found.cents)}" if found.cents is not None else ""
    history.tell(held, actor, "procedure", f"{words}{amount_}. {found.text}".strip())
    return found


def close(actor: Account, held: Dossier, procedure: Procedure, why: str) -> None:
    """Close a locked procedure."""
    step(actor, held, procedure, Step.CLOSED, on=timezone.localdate(), text=why)
    procedure.stage = Stage.CLOSED
    procedure.save(update_fields=["stage"])


# --- heard ------------------------------------------------------------------------------------------------------------


class NoticeKind(drafts.Kind):
    """A formal notice: what is held against the beneficiary, what may follow, and how many days to answer."""

    prepares = LEADERS

    def title(self, draft: Draft) -> str:
        """See Kind."""
        return f"Mise en demeure : {draft.content['titre']}"

    def lines(self, draft: Draft) -> list[tuple[str, str]]:
        """See Kind."""
        found = draft.content
        claimed = [("Somme en jeu", amount(found["centimes"]))] if found["centimes"] is not None else []
        days = recevable.wording.count(found["delai_jours"], "jour", "jours")
        grief = f"{found['griefs']} ({found['source']})"
        return [("Ce qui est reproché", grief), *claimed, ("Délai pour répondre", days)]

    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """See Kind."""
        return at_stage(draft, Stage.OPEN)

    def letter(self, draft: Draft) -> letters.Wanted | None:
        """The formal notice, or the letter by which the beneficiary is heard before a decision is undone."""
        found = draft.content
        procedure = Procedure.objects.select_related("decision").get(pk=int(draft.about))
        facts = {
            "constats": [{"texte": found["griefs"], "source": found["source"]}],
            "repondre_avant_le": _answer_until(procedure, timezone.localdate(), found["delai_jours"]).isoformat(),
        }
        if procedure.kind == Procedure.Kind.RECOVERY:
            return announced(draft, "mise_en_demeure", {**facts, "montant": found["centimes"]})
        assert procedure.decision is not None
        taken_up = {**decided(procedure.decision), "acte": procedure.effect}
        return announced(draft, "ouverture_contradictoire", {**facts, **taken_up})

    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """See Kind."""
        return "mise_en_demeure", dossiers.encoded({"dossier": draft.dossier.reference, **draft.content})

    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State | None:
        """See Kind."""
        procedure = of(draft)
        step(draft.prepared_by, dossier, procedure, Step.NOTICE, on=timezone.localdate(), act=act)
        procedure.stage = Stage.TO_NOTIFY
        procedure.save(update_fields=["stage"])
        return None


NOTICE: Final = NoticeKind()


def prepare_notice(actor: Account, procedure: Procedure, griefs: str, source: str, days: int) -> Draft:
    """A formal notice for another person to sign: what is held, by which text, and the days that it gives to answer."""
    griefs = text(griefs, "GRIEFS", "Dites ce qui est reproché, en faits et en droit : le bénéficiaire y répondra.")
    source = referred(source)
    if not 1 <= days <= LONGEST:
        raise Refused("DELAI", f"Le délai pour répondre est de 1 à {LONGEST} jours ; il doit être raisonnable.")
    with transaction.atomic():
        held, kept = locked(actor, procedure)
        if not kept.heard:
            raise Refused(
                "ETAPE", "Le bénéficiaire a demandé lui-même cette décision : rien n'est à lui notifier d'abord."
            )
        require_stage(kept, Stage.OPEN)
        if kept.kind == Procedure.Kind.RECOVERY and not kept.claimed_cents:
            raise Refused("SOMME", "La somme en jeu n'est pas connue : le bénéficiaire ne saurait pas à quoi répondre.")
        content = {
            "procedure": kept.pk, "nature": kept.kind, "titre": kept.title, "regle": kept.rule or None,
            "source": source, "griefs": griefs, "centimes": kept.claimed_cents, "delai_jours": days,
        }  # fmt: skip
        return create(actor, NOTICE, held, Draft.Kind.NOTICE, kept, content)


def proposed_days(procedure: Procedure, pack: PackVersion | None) -> tuple[int | None, str]:
    """The days that the pack in force proposes for a notice, and by which text; None when it proposes none."""
    today = timezone.localdate()
    clock = next(iter(clocks_of(pack, _delay(procedure), today)), None)
    return (None, "") if clock is None or clock.counted is None else ((clock.counted - today).days, clock.source)


def _delay(procedure: Procedure) -> str:
    """The kind of the delay that a notice gives."""
    return "mise_en_demeure" if procedure.kind == Procedure.Kind.RECOVERY else "contradictoire"


def _answer_until(procedure: Procedure, begins: date, days: int) -> date:
    """The last day of the days that a notice gives, from the day when it is received."""
    clock = next(iter(clocks(procedure.programme, _delay(procedure), begins, days=days)), None)
    if clock is None:
        return begins + timedelta(days=days)
    if clock.day is None:
        raise Refused("CALENDRIER", "Le calendrier des jours fériés du programme ne va pas jusqu'à la fin de ce délai.")
    return clock.day


def delivered_on(procedure: Procedure) -> date | None:
    """The day on which the letter of the notice was delivered, as its sending says; None when it does not."""
    letter = Letter.objects.filter(act__step__procedure=procedure, act__step__kind=Step.NOTICE).first()
    return None if letter is None else sending.delivered_on(letter)


def notify(actor: Account, procedure: Procedure, on: date | None, proof: str) -> None:
    """Record the day on which the beneficiary received the notice, and what proves it: the delay runs from it.

    It is the day of the delivery of the letter, when that is known.
    """
    proof = text(proof, "PREUVE", "Dites ce qui prouve que le bénéficiaire l'a reçue (accusé, recommandé…).")
    with transaction.atomic():
        held, kept = locked(actor, procedure)
        require_stage(kept, Stage.TO_NOTIFY)
        notice = kept.steps.select_related("act__draft").get(kind=Step.NOTICE)
        assert notice.act is not None
        assert notice.act.draft is not None
        day = between(on, notice.on, "la date de réception", "la signature de la mise en demeure")
        known = delivered_on(kept)
        if known is not None and known != day:
            raise Refused("DATE", f"Le courrier a été remis le {recevable.wording.day(known)}, d'après son envoi.")
        kept.notified_on, kept.stage = day, Stage.NOTIFIED
        kept.answer_until = _answer_until(kept, day, notice.act.draft.content["delai_jours"])
        kept.save(update_fields=["notified_on", "answer_until", "stage"])
        step(actor, held, kept, Step.NOTIFIED, on=day, text=proof)
        dossiers.moved(held)


def observe(actor: Account, procedure: Procedure, on: date | None, answer: str) -> None:
    """Record what the beneficiary answered; several answers may come, late ones too."""
    answer = text(
        answer, "OBSERVATIONS", "Consignez ce que le bénéficiaire a répondu, ou ce qu'il a fait pour y remédier."
    )
    with transaction.atomic():
        held, kept = locked(actor, procedure)
        require_stage(kept, Stage.NOTIFIED, Stage.HEARD)
        assert kept.notified_on is not None
        day = between(on, kept.notified_on, "la date des observations", "la notification")
        step(actor, held, kept, Step.OBSERVATIONS, on=day, text=answer)
        kept.stage = Stage.HEARD
        kept.save(update_fields=["stage"])
        dossiers.moved(held)


def unheard(procedure: Procedure) -> str:
    """Why nothing may be decided yet, the beneficiary not having been heard; empty when it may."""
    if not procedure.heard or procedure.stage == Stage.HEARD:
        return ""
    if procedure.stage != Stage.NOTIFIED or procedure.answer_until is None:
        return "Le bénéficiaire n'a pas encore été mis en demeure et en mesure de présenter ses observations."
    if timezone.localdate() <= procedure.answer_until:
        until = recevable.wording.day(procedure.answer_until)
        return f"Le bénéficiaire peut présenter ses observations jusqu'au {until} inclus."
    return ""


# --- what both kinds share --------------------------------------------------------------------------------------------


def create(actor: Account, kind: drafts.Kind, held: Dossier, name: Draft.Kind, kept: Procedure, content: Any) -> Draft:
    """A draft of a step of a locked procedure."""
    draft = drafts.create(
        actor, kind, held, name, request=kept.request, key=kept.key, about=str(kept.pk), content=content
    )
    dossiers.moved(held)
    history.tell(held, actor, "preparation", f"{kind.title(draft)}, préparé.")
    return draft


def announced(draft: Draft, kind: str, facts: Mapping[str, Any]) -> letters.Wanted | None:
    """The letter of a kind that announces an act of a procedure; None when the programme writes no letters."""
    return letters.announcing(draft.dossier, kind, facts, draft.request, draft.key)


def decided(decision: Act) -> dict[str, str]:
    """What a letter says of the decision that it takes up again: several may have been taken on one day."""
    draft = decision.draft
    assert draft is not None
    assert draft.evaluation is not None
    title = packs.opened(draft.evaluation.pack_id).manifest.requests[draft.request].title
    parts = [_ANSWERS[Verdict(draft.verdict)], title, draft.key]
    return {
        "decision_le": register.day_of(decision).isoformat(),
        "decision_reprise": ", ".join([*filter(None, parts), f"acte n° {decision.rank}"]),
    }


def contradictory(procedure: Procedure) -> dict[str, Any]:
    """What a letter says of how the beneficiary was heard: when the notice was signed, what came in answer."""
    steps = procedure.steps.order_by("rank")
    notices = [one.on.isoformat() for one in steps.filter(kind=Step.NOTICE)]
    answers = [{"recues_le": one.on.isoformat(), "resume": one.text} for one in steps.filter(kind=Step.OBSERVATIONS)]
    return {
        **({"contradictoire_le": notices[0]} if notices else {}),
        **({"observations": answers} if answers else {}),
    }


def of(draft: Draft) -> Procedure:
    """The procedure of a draft, locked."""
    return Procedure.objects.select_for_update(of=("self",)).get(pk=int(draft.about))


def at_stage(draft: Draft, *stages: Procedure.Stage) -> list[str]:
    """Why a draft can no longer be signed, when its procedure has moved on."""
    stage = Procedure.objects.values_list("stage", flat=True).get(pk=int(draft.about))
    return [] if stage in stages else ["La procédure a avancé depuis que ce projet a été préparé."]


def require_stage(procedure: Procedure, *stages: Procedure.Stage) -> None:
    """Refuse a step that does not come now."""
    if procedure.stage not in stages:
        raise Refused("ETAPE", f"Cette étape ne vient pas maintenant : {procedure.get_stage_display().lower()}.")


def clocks(programme: str, kind: str, begins: date | None, *, days: int | None = None) -> tuple[recevable.Clock, ...]:
    """The clocks of a kind that a programme counts from a day, today; none when no rules are in force.

    `days` is a delay that a person gave, instead of that of the programme.
    """
    return clocks_of(packs.in_force(programme, timezone.localdate()), kind, begins, days=days)


def clocks_of(
    pack: PackVersion | None, kind: str, begins: date | None, *, days: int | None = None
) -> tuple[recevable.Clock, ...]:
    """The same by a pack."""
    return () if pack is None else packs.opened(pack.pk).clocks(kind, begins, timezone.localdate(), days=days)


def between(day: date | None, first: date, what: str, after: str) -> date:
    """A day that a person gives: neither before another nor to come."""
    if day is None:
        raise Refused("DATE", f"Donnez {what}.")
    if not first <= day <= timezone.localdate():
        raise Refused("DATE", f"{what.capitalize()} n'est ni à venir, ni antérieure à {after}.")
    return day


def text(given: str, code: str, missing: str, most: int = _TEXT) -> str:
    """What a person wrote, trimmed; refused when it is empty or too long."""
    given = given.strip()
    if not given:
        raise Refused(code, missing)
    if len(given) > most:
        raise Refused(code, f"Ce texte a {len(given)} caractères : {most} au plus.")
    return given


def referred(given: str) -> str:
    """The reference of a text."""
    return text(given, "SOURCE", "Donnez la référence du texte qui fonde cette décision.", _SHORT)


def amount(cents: int) -> str:
    """Cents as euros, in French."""
    return recevable.wording.amount(euros(cents))
