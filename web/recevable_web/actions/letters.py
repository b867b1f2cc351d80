"""Letters: made with the act that they announce, whose sealed content holds their digest, and kept with it.

A letter that cannot be made prevents the act.  A preview is made, shown, and kept nowhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import completing, deadlines, dossiers, history, register, reservations, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Dossier,
    Draft,
    Evaluation,
    Letter,
    LetterContent,
    PackVersion,
    Role,
    Verdict,
)

ACKNOWLEDGEMENT: Final = "accuse_reception"
# Who signs is not known before somebody does.
_SIGNATORY: Final = {"nom": "(signataire)", "qualite": "(qualité)"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter that an act announces: its kind, the facts of its own, and the evaluated request that it tells.

    `signed`: by another person than the agent in charge.
    """

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    request: str = ""
    key: str = ""
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A letter that was made, before its act is sealed."""

    wanted: Wanted
    pack: PackVersion
    on: date
    content: recevable.letters.LetterContent
    pdf: bytes

    @property
    def sha256(self) -> str:
        """The digest of the PDF."""
        return hashlib.sha256(self.pdf).hexdigest()


def telling(
    evaluation: Evaluation, request: str, key: str, verdict: str, facts: Mapping[str, Any] | None = None
) -> Wanted | None:
    """The letter that tells a verdict about a request; None when the programme writes no letters.

    Raises Refused when it writes letters, and not this one.
    """
    try:
        kind = recevable.letters.kind_for(packs.opened(evaluation.pack_id), verdict)
    except recevable.letters.LetterRefused as error:
        raise _refused(error.reasons) from None
    except recevable.InvalidPack as error:
        raise _faulty(error) from None
    return None if kind is None else Wanted(kind.name, facts or {}, evaluation, request, key)


def announcing(
    dossier: Dossier, kind: str, facts: Mapping[str, Any], request: str = "", key: str = "", *, signed: bool = True
) -> Wanted | None:
    """The letter of a kind that tells no verdict; None when the programme in force writes no letters."""
    pack = packs.in_force(dossier.programme, timezone.localdate())
    if pack is None or not recevable.letters.kinds(packs.opened(pack.pk)):
        return None
    return Wanted(kind, facts, request=request, key=key, signed=signed)


def make(dossier: Dossier, wanted: Wanted, agent: Account, signatory: Account | None) -> Made:
    """A letter of today, for an act that is about to be sealed; Refused with the reasons when it cannot be made."""
    made = _made(dossier, wanted, agent, None if signatory is None else _person(signatory), preview=False)
    if not made.content.confirmed and not settings.UNCONFIRMED_LETTERS:
        left = " ; ".join(f"{one.what} ({one.source})" for one in made.content.unconfirmed)
        raise Refused(
            "COURRIER-A-CONFIRMER",
            f"Le courrier contient des textes que le service juridique n'a pas validés : {left}. "
            "Rien n'est signé d'ici là.",
        )
    return made


def preview(dossier: Dossier, wanted: Wanted, agent: Account) -> bytes:
    """The PDF of a letter with its watermark; kept nowhere.  Refused with the reasons when it cannot be made."""
    signatory = _SIGNATORY if wanted.signed else None
    return _made(dossier, wanted, agent, signatory, preview=True).pdf


def sealed(content: bytes, made: Made | None) -> bytes:
    """The content of an act, with the digest of the letter that announces it."""
    if made is None:
        return content
    letter = {"nature": made.wanted.kind, "sha256": made.sha256, "gabarit": recevable.letters.template()}
    return dossiers.encoded({**json.loads(content), "courrier": letter})


def keep(dossier: Dossier, act: Act, made: Made) -> Letter:
    """Keep a letter with its act, in its transaction."""
    letter = Letter.objects.create(
        dossier=dossier,
        act=act,
        kind=made.wanted.kind,
        request=made.wanted.request,
        key=made.wanted.key,
        evaluation=made.wanted.evaluation,
        pack=made.pack,
        on=made.on,
        template=recevable.letters.template(),
        sha256=made.sha256,
        size=len(made.pdf),
        confirmed=made.content.confirmed,
    )
    LetterContent.objects.create(letter=letter, data=made.content.data, pdf=made.pdf)
    return letter


def acknowledged(dossier: Dossier, request: str, key: str = "") -> bool:
    """Whether the reception of a request was acknowledged."""
    return dossier.letters.filter(kind=ACKNOWLEDGEMENT, request=request, key=key).exists()


def evaluated(dossier: Dossier, request: str, key: str = "") -> Evaluation:
    """What the rules in force say today of a dossier that holds a request; Refused when it does not."""
    evaluation = dossiers.evaluate(dossiers.latest(dossier), timezone.localdate())
    dossiers.evaluated(evaluation, request, key)
    return evaluation


def acknowledgement(dossier: Dossier, request: str, key: str = "", last: date | None = None) -> Wanted:
    """The acknowledgement of a request for the dossier of today; `last` is the last day given to complete it."""
    evaluation = evaluated(dossier, request, key)
    signed = dossier.drafts.filter(kind=Draft.Kind.DECISION, status=Draft.Status.SIGNED, request=request, key=key)
    if signed.exclude(verdict=Verdict.COMPLETE).exists():
        raise Refused("DEJA-DECIDE", "Cette demande a déjà sa décision : il n'y a plus à en accuser réception.")
    facts = {} if last is None else {"completer_avant_le": last.isoformat()}
    return Wanted(ACKNOWLEDGEMENT, facts, evaluation, request, key, signed=False)


def acknowledge(
    actor: Account, dossier: Dossier, seen: int, request: str, key: str = "", last: date | None = None
) -> Letter:
    """Acknowledge the reception of a request, once: the letter, and an act of the register that seals it."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        held = dossiers.locked(dossier, seen)
        reservations.guard(actor, held)
        if acknowledged(held, request, key):
            raise Refused("DEJA-FAIT", "La réception de cette demande a déjà son accusé.")
        made = make(held, acknowledgement(held, request, key, last), actor, None)
        content = sealed(dossiers.encoded({"dossier": held.reference, "demande": request, "cle": key or None}), made)
        act = register.append(f"courrier:{ACKNOWLEDGEMENT}", held.reference, content, actor, dossier=held)
        letter = keep(held, act, made)
        _completing(held, act, made, last)
        dossiers.moved(held)
        text = f"{request} : accusé de réception produit (acte n° {act.rank})."
        history.tell(held, actor, "courrier", text)
    return letter


def _completing(dossier: Dossier, act: Act, made: Made, last: date | None) -> None:
    """What an acknowledgement asks the applicant to complete, unless it was asked already."""
    evaluation, programme = made.wanted.evaluation, packs.opened(made.pack.pk)
    assert evaluation is not None
    one = dossiers.decided(evaluation.version, made.pack, evaluation.on).request(made.wanted.request, made.wanted.key)
    asked, clock = completing.items(one, programme), completing.given(programme, made.on)
    due = last or (None if clock is None else clock.day)
    waiting = dossier.completions.filter(request=one.name, key=one.key, outcome=completing.OPEN)
    if asked and due is not None and not waiting.exists():
        completing.ask(dossier, act, one, made.on, due, asked)


def pdf(letter: Letter) -> bytes:
    """The bytes of a letter as they were made; Refused once they are erased, ValueError when they were altered."""
    try:
        found = bytes(letter.content.pdf)
    except LetterContent.DoesNotExist:
        raise Refused("EFFACE", "Le contenu de ce courrier a été effacé au terme de sa conservation.") from None
    if hashlib.sha256(found).hexdigest() != letter.sha256:
        raise ValueError("the stored letter has been altered")
    return found


def title(letter: Letter) -> str:
    """What a letter is called."""
    known = {kind.name: kind.title for kind in recevable.letters.kinds(packs.opened(letter.pack_id))}
    return known.get(letter.kind, letter.kind)


def _made(
    dossier: Dossier, wanted: Wanted, agent: Account, signatory: Mapping[str, str] | None, *, preview: bool
) -> Made:
    on = timezone.localdate()
    evaluation = wanted.evaluation
    pack = evaluation.pack if evaluation is not None else packs.in_force(dossier.programme, on)
    if pack is None:
        raise Refused(
            "REGLES", "Aucune règle du programme n'est en vigueur aujourd'hui : aucun courrier ne peut être fait."
        )
    programme = packs.opened(pack.pk)
    version = evaluation.version if evaluation is not None else dossiers.latest(dossier)
    decision = None
    facts = {"agent": _person(agent), "reference": dossier.reference, **wanted.facts}
    if signatory is not None:
        facts["signataire"] = dict(signatory)
    try:
        if evaluation is not None:
            decision = dossiers.decided(version, pack, evaluation.on).request(wanted.request, wanted.key)
        read = programme.read(bytes(version.composed), dossier.reference)
        asked = deadlines.Facts([dossier.pk]).completions(dossier.pk) if wanted.kind == ACKNOWLEDGEMENT else {}
        content = recevable.letters.write(
            programme, wanted.kind, read, on, facts, decision, draft=preview, completions=asked
        )
        return Made(wanted, pack, on, content, recevable.letters.pdf(content.data))
    except recevable.letters.LetterRefused as error:
        raise _refused(error.reasons) from None
    except recevable.letters.InvalidFacts as error:
        raise _refused([f"{one.message}." for one in error.diagnostics]) from None
    except recevable.InvalidPack as error:
        raise _faulty(error) from None


def _person(account: Account) -> dict[str, str]:
    """Name and capacity, which a letter has to give (CRPA L. 111-2)."""
    if not account.capacity.strip():
        raise Refused(
            "QUALITE",
            f"Un courrier donne la qualité de chacun, et celle de {account.name} n'est pas renseignée : "
            "un administrateur la corrige dans la page de son compte.",
        )
    return {"nom": account.name, "qualite": account.capacity}


def _refused(reasons: Any) -> Refused:
    return Refused("COURRIER", f"Le courrier ne peut pas être fait. {' '.join(reasons)}")


def _faulty(error: recevable.InvalidPack) -> Refused:
    first = error.diagnostics[0]
    return Refused("COURRIER", f"Les courriers du programme ont une faute : {first.message} ({first.span}).")
