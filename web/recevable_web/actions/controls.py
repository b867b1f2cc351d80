"""Controls after payment: a draw that nobody chooses, the beneficiary informed and heard, then a conclusion.

The seed of a draw is the digest of the last act of the register before it: it is known to nobody beforehand, and
stays in the register for good.  An export is enough to draw again: see `drawn`.  Who decided on a dossier does not
control it.  Nothing follows from a conclusion by itself: to claim a sum is another procedure, with its own signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import recevable
from recevable_web.actions import dossiers, history, letters, register, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    MADE,
    Account,
    Act,
    ChainHead,
    Control,
    ControlCampaign,
    ControlStep,
    Dossier,
    Event,
    Payment,
    Role,
    Verdict,
)

DRAW: Final = "controle:tirage"
NOTIFICATION: Final = "controle:notification"
CONCLUSION: Final = "controle:conclusion"
# Most dossiers of a draw, and of its population: the act that seals it holds their references.
MOST: Final = 1_000
POPULATION: Final = 100_000
_TITLE: Final = 200
Kind = ControlStep.Kind
# The letter by which the beneficiary is informed of a step.
LETTERS: Final = {
    Kind.NOTIFIED: "notification_controle", Kind.FOUND: "constat_controle", Kind.CONCLUDED: "conclusion_controle",
}  # fmt: skip
Outcome = ControlStep.Outcome
# The steps to which the beneficiary may answer, until a day.
ASKING: Final = (Kind.NOTIFIED, Kind.FOUND)


def drawn(seed: str, references: Collection[str], size: int) -> list[str]:
    """The `size` references whose SHA-256, of the seed, a line feed and the reference in UTF-8, come first in order."""
    return sorted(references, key=lambda one: hashlib.sha256(f"{seed}\n{one}".encode()).digest())[:size]


def population(programme: str, starts: date, ends: date, *, paid_only: bool) -> QuerySet[Dossier]:
    """The dossiers of which a request was accepted in a period, both days included; `paid_only`: and paid since."""
    signed = Act.objects.filter(
        dossier=OuterRef("pk"),
        kind=f"decision:{Verdict.ACCEPT}",
        instant__gte=_midnight(starts),
        instant__lt=_midnight(ends + timedelta(days=1)),
    )
    paid = Payment.objects.filter(MADE, dossier=OuterRef("pk"))
    found = Dossier.objects.filter(Exists(signed), programme=programme)
    return found.filter(Exists(paid)) if paid_only else found


def _midnight(day: date) -> str:
    """The beginning of a day where the agency is, as the register writes instants."""
    return register.written(timezone.make_aware(datetime.combine(day, time.min)))


def draw(
    actor: Account, programme: str, title: str, starts: date, ends: date, size: int, *, paid_only: bool
) -> ControlCampaign:
    """Draw dossiers to control; the act holds the population, the seed and what was drawn.

    Raises Refused: no right, no title, an empty period or population, a size out of bounds.
    """
    rights.require(actor, programme, Role.CONTROLLER)
    title = title.strip()
    if not title or len(title) > _TITLE:
        raise Refused("TITRE", f"Donnez à cette campagne un titre, de {_TITLE} caractères au plus.")
    if not starts <= ends < date.max:
        raise Refused("PERIODE", "La période finit avant d'avoir commencé.")
    if not 0 < size <= MOST:
        raise Refused("TAILLE", f"Tirez entre 1 et {MOST} dossiers.")
    with transaction.atomic():
        # a signature waits: the population is that of the instant of the seed
        seed = ChainHead.objects.select_for_update().get().digest
        found = population(programme, starts, ends, paid_only=paid_only)
        references = dict(found.values_list("reference", "pk")[: POPULATION + 1])
        if not references:
            raise Refused("VIDE", "Aucun dossier n'a été accepté dans cette période.")
        if len(references) > POPULATION:
            raise Refused("PERIODE", f"Plus de {POPULATION} dossiers dans cette période : donnez-en une plus courte.")
        chosen = drawn(seed, references, size)
        content = {
            "programme": programme,
            "titre": title,
            "du": starts.isoformat(),
            "au": ends.isoformat(),
            "payes_seulement": paid_only,
            "graine": seed,
            "population": sorted(references),
            "taille": size,
            "tires": chosen,
        }
        act = register.append(DRAW, title, dossiers.encoded(content), actor)
        campaign = ControlCampaign.objects.create(
            act=act, programme=programme, title=title, starts=starts, ends=ends, paid_only=paid_only,
            population=len(references), size=size, seed=seed,
        )  # fmt: skip
        Control.objects.bulk_create(
            Control(campaign=campaign, dossier_id=references[one], rank=rank) for rank, one in enumerate(chosen, 1)
        )
        Event.objects.bulk_create(
            Event(
                dossier_id=references[one],
                account=actor,
                kind="controle",
                text=f"Tiré au sort pour un contrôle : {title} (acte n° {act.rank}).",
            )
            for one in chosen
        )
    return campaign


def steps(control: Control) -> dict[str, ControlStep]:
    """The steps that were made, by kind."""
    return {one.kind: one for one in control.steps.select_related("author").order_by("id")}


def possible(made: dict[str, ControlStep], today: date) -> list[ControlStep.Kind]:
    """The steps that may be made today.

    The beneficiary is informed first; a finding waits for the answer, or for its last day to pass; so does a conclusion
    for the observations on the finding.  Only a control without a finding against the beneficiary ends without one.
    """
    if Kind.NOTIFIED not in made:
        return [Kind.NOTIFIED]
    if Kind.CONCLUDED in made:
        return []
    if Kind.FOUND in made:
        if Kind.OBSERVED in made:
            return [Kind.CONCLUDED]
        return [Kind.OBSERVED, *([Kind.CONCLUDED] if _over(made[Kind.FOUND], today) else [])]
    answered = Kind.ANSWERED in made
    if not (answered or _over(made[Kind.NOTIFIED], today)):
        return [Kind.ANSWERED]
    return ([] if answered else [Kind.ANSWERED]) + [Kind.FOUND, Kind.CONCLUDED]


def _over(step: ControlStep, today: date) -> bool:
    return step.due is not None and step.due < today


def outcomes(made: dict[str, ControlStep]) -> list[ControlStep.Outcome]:
    """What may be concluded: nothing against the beneficiary without a finding on which they were heard."""
    return list(Outcome) if Kind.FOUND in made else [Outcome.CONFORMING]


def decided_by(dossier: Dossier, actor: Account) -> bool:
    """Whether somebody prepared or signed anything on a dossier."""
    prepared = dossier.drafts.filter(Q(prepared_by=actor) | Q(settled_by=actor)).exists()
    acts = dossier.acts.filter(Q(author=actor) | Q(validator=actor)).exclude(kind__in=[NOTIFICATION, CONCLUSION])
    return prepared or acts.exists()


def preview(
    actor: Account, control: Control, kind: ControlStep.Kind, text: str, due: date | None, outcome: str
) -> bytes:
    """The letter by which the beneficiary would be informed of a step, with a watermark; Refused when there is none."""
    wanted = _letter(control.dossier, kind, text.strip(), due, outcome) if kind in LETTERS else None
    if wanted is None:
        raise Refused("SANS-COURRIER", "Aucun courrier n'annonce cette étape.")
    return letters.preview(control.dossier, wanted, actor)


def _letter(
    dossier: Dossier, kind: ControlStep.Kind, text: str, due: date | None, outcome: str
) -> letters.Wanted | None:
    """The letter of a step of which the beneficiary is informed; the agent in charge of the control signs it."""
    facts = {
        "controle": f"{Outcome(outcome).label}.\n\n{text}" if outcome in Outcome.values else text,
        **({} if due is None else {"repondre_avant_le": due.isoformat()}),
    }
    return letters.announcing(dossier, LETTERS[kind], facts, signed=False)


def step(
    actor: Account,
    control: Control,
    kind: ControlStep.Kind,
    text: str,
    *,
    due: date | None = None,
    outcome: str = "",
) -> ControlStep:
    """Make a step of a control: what binds the agency (notification, conclusion) is sealed in the register.

    Raises Refused: no right, who decided, a step out of order, a missing text, delay or outcome.
    """
    rights.require(actor, control.dossier.programme, Role.CONTROLLER)
    today, text = timezone.localdate(), text.strip()
    with transaction.atomic():
        held = Dossier.objects.select_for_update(of=("self",)).get(pk=control.dossier_id)
        if decided_by(held, actor):
            raise Refused("DECIDEUR", "Qui a préparé ou signé une décision sur ce dossier ne le contrôle pas.")
        made = steps(control)
        if kind not in possible(made, today):
            raise Refused("ETAPE", "Cette étape ne peut pas être faite maintenant : relisez où en est le contrôle.")
        if not text:
            raise Refused("TEXTE", "Écrivez ce qui est demandé, reçu, constaté ou conclu.")
        asks = kind in ASKING
        due = due if asks else None
        if asks and (due is None or due <= today):
            raise Refused("DELAI", "Donnez le dernier jour pour répondre : il est à venir.")
        concluding = kind == Kind.CONCLUDED
        if concluding and outcome not in outcomes(made):
            raise Refused(
                "CONCLUSION", "Choisissez une conclusion ; sans constat notifié au bénéficiaire, elle est « conforme »."
            )
        outcome = outcome if concluding else ""
        found = ControlStep.objects.create(
            control=control, kind=kind, on=today, due=due, text=text, author=actor, outcome=outcome
        )
        sealed = ""
        if asks or concluding:
            wanted = _letter(held, kind, text, due, outcome)
            letter = None if wanted is None else letters.make(held, wanted, actor, None)
            content = {
                "campagne": control.campaign_id, "dossier": held.reference, "etape": kind, "jour": today.isoformat(),
                "reponse_au_plus_tard": due.isoformat() if due is not None else None,
                "conclusion": found.outcome or None, "texte": text,
            }  # fmt: skip
            named = CONCLUSION if concluding else NOTIFICATION
            sealed_content = letters.sealed(dossiers.encoded(content), letter)
            act = register.append(named, held.reference, sealed_content, actor, dossier=held)
            if letter is not None:
                letters.keep(held, act, letter)
            sealed = f" (acte n° {act.rank})"
        words = f"{found.get_kind_display()}{f' : {found.get_outcome_display().lower()}' if concluding else ''}"
        until = f", réponse jusqu'au {recevable.wording.day(due)} inclus" if due is not None else ""
        dossiers.moved(held)
        history.tell(held, actor, "controle", f"{words}{until}{sealed}.")
    return found
