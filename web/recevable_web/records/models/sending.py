"""How letters leave and what becomes of them: each sending, and what is known of it, in order.  Append-only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.letters import Letter
from recevable_web.records.models.pieces import Piece


class Sending(models.Model):
    """A letter that somebody sends, the `rank`-th time, by a channel, on a day; `reason` says why it leaves again."""

    class Channel(models.TextChoices):
        """How it leaves."""

        ELECTRONIC = "electronique", "Voie électronique"
        REGISTERED = "recommande", "Lettre recommandée avec avis de réception"
        POST = "lettre", "Lettre simple"
        HAND = "remise", "Remise en main propre"

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="sendings")
    rank = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=20, choices=Channel.choices)
    on = models.DateField()
    reason = models.TextField(blank=True)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A letter leaves once; again only for a reason."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["letter", "rank"], name="sending_once"),
            models.CheckConstraint(condition=Q(rank=1) | (Q(rank__gt=1) & ~Q(reason="")), name="sending_again_reason"),
        ]


class SendingEvent(models.Model):
    """What is known of a sending: the last event of a kind other than DEPOSITED is its state.

    `on` is the day of the fact; `text` the proof, or why it came back, or why what was recorded before is wrong;
    `proof` a file of the dossier.  `author` is None for what the service does by itself.
    """

    class Kind(models.TextChoices):
        """What happened."""

        DEPOSITED = "depose", "Déposé dans la boîte de départ"
        DELIVERED = "remis", "Remis au destinataire"
        RETURNED = "retourne", "Revenu à l'agence"

    class Why(models.TextChoices):
        """Why a letter came back."""

        UNKNOWN_ADDRESS = "npai", "N'habite pas à l'adresse indiquée"
        UNCLAIMED = "non_reclame", "Pli avisé et non réclamé"
        REFUSED = "refuse", "Refusé par le destinataire"

    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    why = models.CharField(max_length=20, choices=Why.choices, blank=True)
    on = models.DateField()
    text = models.TextField(blank=True)
    proof = models.ForeignKey(Piece, null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Written to the outbox once; a delivery has its proof, a return its cause."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sending"], condition=Q(kind="depose"), name="sending_deposited_once"),
            models.CheckConstraint(condition=~Q(kind="remis") | ~Q(text=""), name="sending_delivery_has_proof"),
            models.CheckConstraint(condition=Q(kind="retourne", why__gt="") | (~Q(kind="retourne") & Q(why="")),
                                   name="sending_return_has_cause"),
        ]  # fmt: skip
