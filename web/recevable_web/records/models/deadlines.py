"""What applicants are asked to complete, and the legal deadlines of dossiers, as dates."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.acts import Act
from recevable_web.records.models.dossiers import Dossier, DossierVersion
from recevable_web.records.models.letters import Letter


class CompletionRequest(models.Model):
    """What the applicant is asked to complete in a request, by a signed act, and until which day (included).

    `items` are what is asked: `texte`, `regles`, `pieces` (places in the dossier) and `sources`.  It is open until the
    applicant answers (`answer` is the version), somebody takes it back for a reason, or the request is decided; a day
    that has passed without an answer decides nothing.  Nothing of what was asked changes.
    """

    class Outcome(models.TextChoices):
        """What closed it."""

        OPEN = "", "En attente"
        ANSWERED = "repondue", "Répondue"
        WITHDRAWN = "retiree", "Retirée"
        DECIDED = "decidee", "Close par la décision"

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="completions")
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="completion")
    request = models.CharField(max_length=60)
    key = models.CharField(max_length=60, blank=True)
    asked_on = models.DateField()
    due = models.DateField()
    items: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.ForeignKey(DossierVersion, null=True, on_delete=models.PROTECT, related_name="answers")
    reason = models.TextField(blank=True)

    class Meta:
        """The delay comes after the request; an answer is a version, a withdrawal has its author and its reason."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(due__gt=F("asked_on")), name="completion_has_a_delay"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_on__isnull=True, answer__isnull=True)
                | Q(outcome="repondue", closed_on__isnull=False, answer__isnull=False)
                | Q(outcome="decidee", closed_on__isnull=False, closed_by__isnull=False)
                | (Q(outcome="retiree", closed_on__isnull=False, closed_by__isnull=False) & ~Q(reason="")),
                name="completion_closed_by_something",
            ),
        ]


class Deadline(models.Model):
    """A legal deadline of a dossier, as the engine computes it from what happened: kept so that it can be listed.

    `day` is its last day, included (UNKNOWN_DEADLINE when it is not known), `instant` its hour when the text gives one,
    `counted` the day that the delay itself gives, when it is another: `day` is then the working day to which it is
    carried.
    Until the day `resumes`, the delay does not run.  `stands`: once the day has passed, somebody still has to act.
    `letter` is one that waits for something, since that day.
    `actions/deadlines.py` writes it in the transaction of what changed; nothing else reads it to decide.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="deadlines")
    programme = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    request = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=400)
    subject = models.CharField(max_length=400, blank=True)
    begins = models.DateField(null=True)
    day = models.DateField()
    instant = models.DateTimeField(null=True)
    counted = models.DateField(null=True)
    resumes = models.DateField(null=True)
    source = models.TextField(blank=True)
    to_confirm = models.BooleanField(default=False)
    stands = models.BooleanField(default=False)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Listed by day, those of letters by what they wait for."""

        indexes: ClassVar = [
            models.Index(fields=["programme", "stands", "day", "id"], name="deadline_by_day"),
            models.Index(fields=["programme", "kind", "day", "id"], name="deadline_by_kind"),
        ]
