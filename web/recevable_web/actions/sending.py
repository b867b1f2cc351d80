"""Letters leave, arrive or come back: each sending and what becomes of it is added, nothing is changed.

A letter is sent once; again only for a reason.  A delivery has its proof, and starts the delays of the letter.
"""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

import recevable
from recevable_web import outbox
from recevable_web.actions import completions, dossiers, history, letters, pieces, reservations, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    CompletionRequest,
    Dossier,
    Letter,
    LetterContent,
    Piece,
    Role,
    Sending,
    SendingEvent,
)

Kind, Why = SendingEvent.Kind, SendingEvent.Why
_LOG = logging.getLogger(__name__)
# How many sendings are written to the outbox at once.
_AT_ONCE: Final = 100


def send(actor: Account, letter: Letter, channel: str, on: date, reason: str = "") -> Sending:
    """Send a letter: its sending is kept, and its files are written to the outbox once this is certain."""
    rights.require(actor, letter.dossier.programme, Role.INSTRUCTOR)
    if channel not in Sending.Channel.values:
        raise Refused("VOIE", "Choisissez comment ce courrier part.")
    reason = reason.strip()
    with transaction.atomic():
        held = _held(actor, letter)
        _day(on, letter.on, f"du courrier ({recevable.wording.day(letter.on)})")
        if not letter.confirmed and not settings.UNCONFIRMED_LETTERS:
            raise Refused("A-CONFIRMER", "Ce courrier contient des textes que le service juridique n'a pas validés.")
        if not LetterContent.objects.filter(letter=letter).exists():
            raise Refused("EFFACE", "Le contenu de ce courrier a été effacé au terme de sa conservation.")
        asked = CompletionRequest.objects.filter(act=letter.act_id).first()
        if asked is not None and completions.fault(asked.due, on):
            raise Refused(
                "DELAI",
                f"{completions.fault(asked.due, on)} Retirez cette demande de complément, puis préparez-en une autre.",
            )
        before = list(letter.sendings.order_by("rank"))
        if before and not reason:
            raise Refused("DEJA-ENVOYE", "Ce courrier est déjà parti : dites pourquoi il part de nouveau.")
        try:
            with transaction.atomic():
                sending = Sending.objects.create(
                    letter=letter, rank=len(before) + 1, channel=channel, on=on, reason=reason, author=actor
                )
        except IntegrityError:
            raise Refused("DEJA-ENVOYE", "Quelqu'un vient d'envoyer ce courrier.") from None
        again = f" de nouveau. {reason}" if before else "."
        _tell(held, actor, letter, f"envoyé le {recevable.wording.day(on)}, {sending.get_channel_display()}{again}")
        transaction.on_commit(lambda: deposit_if_possible(sending))
    return sending


def deliver(
    actor: Account, sending: Sending, on: date, proof: str, file: tuple[str, bytes] | None = None
) -> SendingEvent:
    """A sending reached the applicant on a day, by a proof in words and perhaps a file: its delays run from there.

    What was recorded before is corrected by another event, whose proof says why.
    """
    return _event(actor, sending, Kind.DELIVERED, on, proof, file=file)


def come_back(
    actor: Account, sending: Sending, on: date, why: str, text: str = "", file: tuple[str, bytes] | None = None
) -> SendingEvent:
    """A sending came back to the agency: it did not reach the applicant, and may leave again."""
    if why not in Why.values:
        raise Refused("CAUSE", "Choisissez pourquoi ce courrier est revenu.")
    return _event(actor, sending, Kind.RETURNED, on, text, why=why, file=file)


def _event(
    actor: Account, sending: Sending, kind: SendingEvent.Kind, on: date, text: str, *, why: str = "",
    file: tuple[str, bytes] | None = None,
) -> SendingEvent:  # fmt: skip
    letter = sending.letter
    rights.require(actor, letter.dossier.programme, Role.INSTRUCTOR)
    text = text.strip()
    with transaction.atomic():
        held = _held(actor, letter)
        _day(on, sending.on, f"de l'envoi ({recevable.wording.day(sending.on)})")
        if kind == Kind.DELIVERED and not text:
            raise Refused("PREUVE", "Dites ce qui prouve que ce courrier a été remis.")
        if standing(sending) is not None and not text:
            raise Refused("MOTIF", "Ce que vous corrigez est déjà consigné : dites pourquoi il ne vaut plus.")
        piece = None if file is None else _proof(actor, held, *file)
        event = SendingEvent.objects.create(
            sending=sending, kind=kind, why=why, on=on, text=text, proof=piece, author=actor
        )
        outcome = "remis" if kind == Kind.DELIVERED else f"revenu ({Why(why).label.lower()})"
        _tell(held, actor, letter, f"{outcome} le {recevable.wording.day(on)}.{f' {text}' if text else ''}")
    return event


def standing(sending: Sending) -> SendingEvent | None:
    """The last thing that is known of a sending since it left; None as long as nothing is."""
    return sending.events.exclude(kind=Kind.DEPOSITED).order_by("-pk").first()


def delivered_on(letter: Letter) -> date | None:
    """The day on which a letter reached the applicant, the first time; None when nothing proves that it did."""
    days = [event.on for one in letter.sendings.all() if (event := standing(one)) and event.kind == Kind.DELIVERED]
    return min(days, default=None)


def _held(actor: Account, letter: Letter) -> Dossier:
    held = Dossier.objects.select_for_update(of=("self",)).get(pk=letter.dossier_id)
    reservations.guard(actor, held)
    return held


def _day(on: date, first: date, what: str) -> None:
    if on > timezone.localdate():
        raise Refused("DATE", f"Le {recevable.wording.day(on)} est à venir : un fait se consigne une fois passé.")
    if on < first:
        raise Refused("DATE", f"Le {recevable.wording.day(on)} est avant la date {what}.")


def _proof(actor: Account, dossier: Dossier, name: str, content: bytes) -> Piece:
    piece: Piece = pieces.attach(actor, dossier, pieces.ELSEWHERE, name, content)
    return piece


def _tell(dossier: Dossier, actor: Account, letter: Letter, text: str) -> None:
    history.tell(dossier, actor, "courrier", f"Courrier de l'acte n° {letter.act_id} {text}")
    dossiers.moved(dossier)


# --- the outbox -------------------------------------------------------------------------------------------------------


def deposit(sending: Sending) -> bool:
    """Write a sending to the outbox, and keep that it is there; False when there is no outbox, or it is there already.

    What is handed over in person is in nobody's outbox.  Raises OSError when the outbox cannot be written.
    """
    if not settings.OUTBOX or sending.channel == Sending.Channel.HAND:
        return False
    if sending.events.filter(kind=Kind.DEPOSITED).exists():
        return False
    letter = sending.letter
    outbox.deposit(Path(settings.OUTBOX), name_of(sending), letters.pdf(letter), _slip(sending))
    try:
        with transaction.atomic():
            SendingEvent.objects.create(sending=sending, kind=Kind.DEPOSITED, on=timezone.localdate())
    except IntegrityError:
        # another process has written the same files
        return False
    return True


def deposit_if_possible(sending: Sending) -> bool:
    """As `deposit`; when it cannot be written, the fault is logged and a worker tries again."""
    try:
        return deposit(sending)
    except (OSError, ValueError) as error:
        _LOG.error("outbox: %s", type(error).__name__)
        return False


def deposit_all() -> int:
    """Write to the outbox what is not there yet; returns how many were written."""
    if not settings.OUTBOX:
        return 0
    left = Sending.objects.exclude(channel=Sending.Channel.HAND).exclude(events__kind=Kind.DEPOSITED)
    left = left.filter(letter__content__isnull=False).select_related("letter__dossier", "letter__content")
    return sum(deposit_if_possible(one) for one in left.order_by("pk")[:_AT_ONCE])


def name_of(sending: Sending) -> str:
    """The name of the files of a sending: it says nothing of whom the letter is about."""
    return f"envoi-{sending.pk:08d}"


def _slip(sending: Sending) -> dict[str, Any]:
    """What whatever delivers a letter needs to know, and no more: the letter itself holds the address."""
    letter = sending.letter
    return {
        "envoi": sending.pk,
        "rang": sending.rank,
        "motif": sending.reason or None,
        "voie": sending.channel,
        "programme": letter.dossier.programme,
        "reference": letter.dossier.reference,
        "nature": letter.kind,
        "acte": letter.act_id,
        "date": letter.on.isoformat(),
        "taille": letter.size,
        "sha256": letter.sha256,
    }
