"""What is prepared, what is signed, and the register."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.dossiers import Dossier, Evaluation


class Verdict(models.TextChoices):
    """What an act answers to a request: the words of the engine's decision."""

    ACCEPT = "accepter", "Accepter"
    COMPLETE = "completer", "Demander un complément"
    REJECT = "rejeter", "Rejeter"


class Draft(models.Model):
    """An act that somebody prepares and another person signs or sends back.

    `kind` says what is proper to it (`actions/acts.py`): a decision has a verdict on an evaluation, the others keep
    what they bind the agency to in `content`.  `about` tells apart the objects of one kind on one request: a payment
    by its rank, a step of a procedure by the key of the procedure.
    """

    class Kind(models.TextChoices):
        """What is prepared."""

        DECISION = "decision", "Décision"
        PAYMENT = "paiement", "Paiement"
        NOTICE = "mise_en_demeure", "Mise en demeure"
        CLAIM = "decision_recouvrement", "Décision sur la somme à reverser"
        ORDER = "proposition_ordre", "Proposition d'ordre de recouvrer"
        UNDOING = "retrait", "Retrait ou abrogation"

    class Status(models.TextChoices):
        """Where a draft is."""

        PREPARED = "prepare", "Préparé"
        RETURNED = "renvoye", "Renvoyé"
        SIGNED = "signe", "Signé"
        STALE = "caduc", "Caduc"

    # where `content` keeps the sum that an acceptance fixes, in cents, when it departs from the proposal
    FIXED: ClassVar = "somme_fixee_centimes"

    kind = models.CharField(max_length=30, default=Kind.DECISION)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="drafts")
    request = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=60, blank=True)
    about = models.CharField(max_length=60, blank=True)
    evaluation = models.ForeignKey(Evaluation, null=True, on_delete=models.PROTECT, related_name="drafts")
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    follows = models.BooleanField(default=True)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    source = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PREPARED)
    prepared_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        """One open draft per object; departing from the proposal has its reason and its source; four eyes."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier", "kind", "request", "key", "about"],
                condition=Q(status="prepare"),
                name="draft_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="decision") | (Q(evaluation__isnull=False) & ~Q(verdict="") & ~Q(request="")),
                name="draft_decision_has_verdict",
            ),
            models.CheckConstraint(
                condition=Q(follows=True) | (~Q(reason="") & ~Q(source="")), name="draft_departure_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="signe") | (Q(settled_by__isnull=False) & ~Q(settled_by=F("prepared_by"))),
                name="draft_four_eyes",
            ),
        ]

    @property
    def object(self) -> str:
        """The request as a decision names it: `embauche:3`, or its name alone."""
        return f"{self.request}:{self.key}" if self.key else self.request

    @property
    def fixed_cents(self) -> int | None:
        """The sum that an acceptance fixes when it departs from the proposal; None when it fixes none."""
        cents: int | None = self.content.get(self.FIXED)
        return cents


class Act(models.Model):
    """An entry of the register: see `recevable.ledger`.  Append-only."""

    rank = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40)
    dossier = models.ForeignKey(Dossier, null=True, on_delete=models.PROTECT, related_name="acts")
    draft = models.OneToOneField(Draft, null=True, on_delete=models.PROTECT, related_name="act")
    subject = models.CharField(max_length=300)
    instant = models.CharField(max_length=40)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    validator = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=300)
    validator_name = models.CharField(max_length=300, blank=True)
    content_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        """Four eyes, by person."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(validator__isnull=True) | ~Q(validator=F("author")), name="act_four_eyes"
            )
        ]


class ActContent(models.Model):
    """The bytes of an act, apart from it: a purge erases them and leaves the chain verifiable."""

    act = models.OneToOneField(Act, primary_key=True, on_delete=models.PROTECT, related_name="content")
    content = models.BinaryField()


class Purge(models.Model):
    """What an act of purge lets go: rows of a table from before an instant.  Append-only."""

    act = models.OneToOneField(Act, primary_key=True, on_delete=models.PROTECT, related_name="purge")
    what = models.CharField(max_length=20)
    until = models.DateTimeField()


class ChainHead(models.Model):
    """The one row that is locked before an act is appended."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    rank = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        """There is one."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="chain_head_alone")]
