"""What is paid: payments that acts order, the files exchanged with the payer, and each answer in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.acts import Act
from recevable_web.records.models.dossiers import Dossier, DossierVersion


class PaymentFile(models.Model):
    """A file that was sent to the payer or came from it, good or bad.  Append-only.

    `faults` are those for which a file that came in was refused whole, in French.
    """

    class Direction(models.TextChoices):
        """Which way it went."""

        ORDERS = "ordres", "Ordres de payer"
        ANSWERS = "reponses", "Réponses du payeur"

    programme = models.CharField(max_length=100)
    direction = models.CharField(max_length=20, choices=Direction.choices)
    format = models.CharField(max_length=10)
    name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    cents = models.BigIntegerField(default=0)
    faults: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Listed by programme, the last first."""

        indexes: ClassVar = [models.Index(fields=["programme", "id"], name="payment_file_listed")]


class PaymentFileContent(models.Model):
    """The bytes of a file, apart from it: a purge may erase them, nothing changes them."""

    file = models.OneToOneField(PaymentFile, primary_key=True, on_delete=models.PROTECT, related_name="content")
    content = models.BinaryField()


class Payment(models.Model):
    """A sum to pay on a request, by a signed act that follows from a signed acceptance (`decision`).

    Only what becomes of it changes: `status`, the file that ordered it, what the payer answered, the version of the
    dossier that records it.  `rank` counts the payments of a request.
    """

    class Status(models.TextChoices):
        """Where a payment is."""

        SIGNED = "signe", "Signé, à ordonner"
        ORDERED = "ordonne", "Ordonné, sans réponse"
        PAID = "paye", "Payé"
        REFUSED = "refuse", "Refusé par le payeur"
        CANCELLED = "annule", "Annulé avant d'être ordonné"

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="payments")
    programme = models.CharField(max_length=100)
    request = models.CharField(max_length=60)
    key = models.CharField(max_length=60, blank=True)
    rank = models.PositiveIntegerField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="payment")
    decision = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="payments")
    cents = models.BigIntegerField()
    name = models.CharField(max_length=500)
    iban = models.CharField(max_length=40)
    bic = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SIGNED)
    file = models.ForeignKey(PaymentFile, null=True, on_delete=models.PROTECT, related_name="payments")
    paid_on = models.DateField(null=True)
    paid_cents = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    version = models.ForeignKey(DossierVersion, null=True, on_delete=models.PROTECT, related_name="payments")

    class Meta:
        """Once by request and rank, one at a time on a request; an answer is whole."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dossier", "request", "key", "rank"], name="payment_once"),
            models.UniqueConstraint(
                fields=["dossier", "request", "key"],
                condition=Q(status__in=("signe", "ordonne")),
                name="payment_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(status__in=("signe", "annule"), file__isnull=True)
                | Q(status__in=("ordonne", "paye", "refuse"), file__isnull=False),
                name="payment_ordered_by_a_file",
            ),
            models.CheckConstraint(
                condition=Q(status="paye", paid_on__isnull=False, paid_cents__gt=0)
                | (~Q(status="paye") & Q(paid_on__isnull=True, paid_cents__isnull=True)),
                name="payment_paid_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["programme", "status", "id"], name="payment_listed")]


class PaymentReturn(models.Model):
    """A payment that was made and whose money came back: the sum is owed again.

    `version` is that of the dossier which no longer holds the payment; only it is written later, when it could not be
    at once.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="back")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    returned_on = models.DateField()
    reference = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500)
    version = models.ForeignKey(DossierVersion, null=True, on_delete=models.PROTECT, related_name="+")


# The payments that were made and whose money did not come back.
MADE = Q(status=Payment.Status.PAID, back=None)


class PaymentAnswer(models.Model):
    """What a line of a file, or a person, says became of an order, and what was done of it.  Append-only.

    `given` is what the line says; `file` and `line` are where it was read, None and 0 for what a person typed.
    """

    class Outcome(models.TextChoices):
        """What was done of an answer; everything but the first two is a gap that a person has to look at."""

        APPLIED = "applique", "Pris en compte"
        REPEATED = "deja_dit", "Déjà dit, sans changement"
        UNKNOWN = "inconnu", "Ordre inconnu"
        UNORDERED = "non_ordonne", "Ordre jamais envoyé"
        AMOUNT = "montant", "Montant différent de l'ordre"
        DATE = "date", "Date impossible"
        CONTRADICTED = "contredit", "Contredit une réponse déjà prise en compte"

    file = models.ForeignKey(PaymentFile, null=True, on_delete=models.PROTECT, related_name="answers")
    line = models.PositiveIntegerField(default=0)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="answers")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    given: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    said = models.TextField(blank=True)

    class Meta:
        """A line of a file is read once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "line"], condition=Q(file__isnull=False), name="payment_answer_once"
            )
        ]
