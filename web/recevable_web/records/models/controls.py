"""Controls after payment: dossiers drawn at random, and each step of their control.  Append-only, all three."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.acts import Act
from recevable_web.records.models.dossiers import Dossier


class ControlCampaign(models.Model):
    """A draw among the dossiers of a programme that were accepted in a period: who was in it, and the seed.

    Its act holds the whole population: anybody who has an export of the register draws the same dossiers again
    (`actions/controls.drawn`).
    """

    act = models.OneToOneField(Act, primary_key=True, on_delete=models.PROTECT, related_name="campaign")
    programme = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    starts = models.DateField()
    ends = models.DateField()
    paid_only = models.BooleanField()
    population = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)


class Control(models.Model):
    """A dossier that was drawn; where its control is follows from its steps."""

    campaign = models.ForeignKey(ControlCampaign, on_delete=models.PROTECT, related_name="controls")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="controls")
    rank = models.PositiveIntegerField()

    class Meta:
        """Drawn once in a campaign."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "dossier"], name="control_once"),
            models.UniqueConstraint(fields=["campaign", "rank"], name="control_rank_once"),
        ]


class ControlStep(models.Model):
    """A step of a control.  `due` is the last day on which the beneficiary may answer it."""

    class Kind(models.TextChoices):
        """What was done, in the order in which it may be."""

        NOTIFIED = "notification", "Contrôle notifié"
        ANSWERED = "reponse", "Réponse du bénéficiaire"
        FOUND = "constat", "Constat provisoire notifié"
        OBSERVED = "observations", "Observations du bénéficiaire"
        CONCLUDED = "conclusion", "Contrôle conclu"

    class Outcome(models.TextChoices):
        """What a control concludes."""

        CONFORMING = "conforme", "Conforme"
        FAULTY = "anomalie", "Anomalie sans reversement"
        UNDUE = "a_recouvrer", "Somme à reverser"

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    on = models.DateField()
    due = models.DateField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    text = models.TextField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Each step once; a conclusion says what it concludes, and nothing else does."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["control", "kind"], name="control_step_once"),
            models.CheckConstraint(
                condition=models.Q(kind="conclusion") & ~models.Q(outcome="")
                | ~models.Q(kind="conclusion") & models.Q(outcome=""),
                name="control_outcome",
            ),
        ]
