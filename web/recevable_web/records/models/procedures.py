"""Procedures with a beneficiary, step by step: to recover a sum, or to undo a decision."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.acts import Act
from recevable_web.records.models.dossiers import Dossier


class Procedure(models.Model):
    """A procedure that a person opened; what it is about never changes, `stage` and what steps wrote do.

    `rule` is the rule of the finding that it recovers by; empty for a sum paid above what is owed on `request`.
    `decision` is the act to undo, or the one that undid a decision whose payments are recovered.  `heard`: whether the
    beneficiary must be heard first.  `found_on` is the day on which the agency knew; `answer_until` the last day given
    for observations.  Sums are cents; `claimed_cents` is None while the rules cannot tell.
    """

    class Kind(models.TextChoices):
        """What it may end with."""

        RECOVERY = "recouvrement", "Recouvrement"
        UNDOING = "retrait", "Retrait ou abrogation"

    class Stage(models.TextChoices):
        """Where it is."""

        OPEN = "ouverte", "Ouverte"
        TO_NOTIFY = "a_notifier", "Mise en demeure signée, à notifier"
        NOTIFIED = "notifiee", "Notifiée, observations attendues"
        HEARD = "entendue", "Observations reçues, à décider"
        DECIDED = "decidee", "Décidée"
        ORDERED = "ordre_propose", "Ordre de recouvrer proposé"
        CLOSED = "close", "Close"

    class Ground(models.TextChoices):
        """Why a decision may be undone, by the code of relations between the public and the administration."""

        ILLEGAL = "illegalite", "Décision illégale (CRPA, L242-1)"
        CONDITION = "condition", "Condition de la subvention non respectée (CRPA, L242-2, 2°)"
        ASKED = "demande", "Demande du bénéficiaire (CRPA, L242-3 et L242-4)"
        FRAUD = "fraude", "Décision obtenue par fraude (CRPA, L241-2)"

    class Effect(models.TextChoices):
        """From when the decision no longer counts."""

        WITHDRAWN = "retrait", "Retrait : pour le passé et l'avenir"
        REPEALED = "abrogation", "Abrogation : pour l'avenir seulement"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="procedures")
    programme = models.CharField(max_length=100)
    request = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=60, blank=True)
    decision = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="procedures")
    rule = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=300)
    modality = models.CharField(max_length=20, blank=True)
    basis = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=300, blank=True)
    ground = models.CharField(max_length=20, choices=Ground.choices, blank=True)
    effect = models.CharField(max_length=20, choices=Effect.choices, blank=True)
    heard = models.BooleanField(default=True)
    claimed_cents = models.BigIntegerField(null=True)
    found_on = models.DateField()
    reason = models.TextField()
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.OPEN)
    prescribed_on = models.DateField(null=True)
    notified_on = models.DateField(null=True)
    answer_until = models.DateField(null=True)
    decided_cents = models.BigIntegerField(null=True)
    repaid_cents = models.BigIntegerField(default=0)

    class Meta:
        """One is open on an object; nothing is decided unheard, nor above what is claimed; repaid once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier", "kind", "rule", "request", "key"], condition=~Q(stage="close"), name="procedure_once"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=("decidee", "ordre_propose")) | Q(heard=False) | Q(notified_on__isnull=False),
                name="procedure_heard_first",
            ),
            models.CheckConstraint(
                condition=Q(heard=True) | Q(kind="retrait", ground="demande"), name="procedure_heard_unless_asked"
            ),
            models.CheckConstraint(
                condition=Q(decided_cents__isnull=True)
                | Q(claimed_cents__isnull=False, decided_cents__gte=0, decided_cents__lte=F("claimed_cents")),
                name="procedure_within_claim",
            ),
            models.CheckConstraint(
                condition=Q(repaid_cents=0)
                | Q(decided_cents__isnull=False, repaid_cents__gt=0, repaid_cents__lte=F("decided_cents")),
                name="procedure_repaid_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["programme", "prescribed_on", "id"], condition=~Q(stage="close"), name="procedure_listed"
            )
        ]


class ProcedureStep(models.Model):
    """What was done in a procedure, in order.  Append-only.

    `on` is the day that the step is about (notified, received, repaid), `at` when it was written.
    """

    class Kind(models.TextChoices):
        """What was done."""

        OPENED = "ouverture", "Ouverture"
        NOTICE = "mise_en_demeure", "Mise en demeure signée"
        NOTIFIED = "notification", "Notification au bénéficiaire"
        OBSERVATIONS = "observations", "Observations du bénéficiaire"
        DECIDED = "decision", "Décision signée"
        ORDER = "ordre", "Proposition d'ordre de recouvrer signée"
        REPAID = "reversement", "Reversement"
        CLOSED = "cloture", "Clôture"

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="steps")
    rank = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    act = models.OneToOneField(Act, null=True, on_delete=models.PROTECT, related_name="step")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    on = models.DateField()
    cents = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        """Ranks follow each other; a repayment is recorded once, by its reference."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["procedure", "rank"], name="procedure_step_once"),
            models.UniqueConstraint(
                fields=["procedure", "reference"], condition=Q(kind="reversement"), name="procedure_repayment_once"
            ),
        ]
