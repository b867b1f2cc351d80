"""Dossiers, their versions, what the engine answered and what a person judged."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final

from django.db import models

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.packs import PackVersion


class State(models.TextChoices):
    """Where a dossier is."""

    RECEIVED = "recu", "Reçu"
    TO_INSTRUCT = "a_instruire", "À instruire"
    TO_COMPLETE = "a_completer", "À compléter par le demandeur"
    TO_VALIDATE = "a_valider", "À valider"
    DECIDED = "decide", "Décidé"


class Clock(models.TextChoices):
    """What is known of the day on which silence becomes a decision."""

    RUNS = "court", "Court"
    SUSPENDED = "suspendu", "Suspendu"
    UNKNOWN = "inconnu", "Réception non consignée"
    NONE = "aucun", "Aucun"


# Where a dossier without a deadline comes in the queue, and one whose deadline is not known: last, and first.
NO_DEADLINE: Final = date.max
UNKNOWN_DEADLINE: Final = date.min


class Dossier(models.Model):
    """A dossier of an applicant; `version` grows with each change, and an action states the one that it saw.

    The columns from `applicant` on say what the queue shows and sorts by: `actions/rows.py` writes them, in the
    transaction of what changed.  `deadline` is the first day at the end of which silence is a decision (`Clock`); until
    the day `resumes` its delay is suspended, and it is the latest one.  `erased` is the purge after which its versions
    and evaluations hold nothing any more.
    """

    programme = models.CharField(max_length=100)
    reference = models.CharField(max_length=120)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RECEIVED)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    applicant = models.CharField(max_length=500, blank=True)
    siret = models.CharField(max_length=20, blank=True)
    instructor = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    deadline = models.DateField(default=NO_DEADLINE)
    clock = models.CharField(max_length=20, choices=Clock.choices, default=Clock.NONE)
    resumes = models.DateField(null=True, blank=True)
    recovery = models.BooleanField(default=False)
    erased = models.ForeignKey("records.Purge", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A reference is that of one dossier; the queue is read by state, and by state and instructor."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["programme", "reference"], name="dossier_once")]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "deadline", "id"], name="dossier_queue"),
            models.Index(fields=["programme", "instructor", "state", "deadline", "id"], name="dossier_mine"),
            models.Index(
                fields=["programme", "deadline", "id"], name="dossier_recovery", condition=models.Q(recovery=True)
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class DossierVersion(models.Model):
    """What a dossier holds at a moment: the applicant's payload, the agency's facts over it, and both together."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="versions")
    rank = models.PositiveIntegerField()
    payload = models.BinaryField()
    overlay = models.BinaryField()
    composed = models.BinaryField()
    sha256 = models.CharField(max_length=64, db_index=True)
    origin = models.CharField(max_length=40)
    author = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Ranks follow each other."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["dossier", "rank"], name="dossier_version_once")]


class Evaluation(models.Model):
    """What the engine answered about a version of a dossier, by a pack, on a day: the bytes of a decision, in gzip."""

    version = models.ForeignKey(DossierVersion, on_delete=models.PROTECT, related_name="evaluations")
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    decision_gz = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The same three give the same bytes."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "pack", "on"], name="evaluation_once")]


class EvaluationRequest(models.Model):
    """What an evaluation says of one request, to be listed and counted."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="requests")
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=60, blank=True)
    verdict = models.CharField(max_length=20)
    provisional = models.BooleanField()
    payable_cents = models.BigIntegerField(null=True)

    class Meta:
        """One answer per request."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["evaluation", "name", "key"], name="evaluation_request_once")
        ]


class Appraisal(models.Model):
    """A judgement that only a human can make, as it was recorded: it also makes a new version of the dossier."""

    version = models.OneToOneField(DossierVersion, on_delete=models.PROTECT, related_name="appraisal")
    rule = models.CharField(max_length=100)
    answer = models.CharField(max_length=60)
    reason = models.TextField()
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    expires = models.DateField(null=True, blank=True)


class Event(models.Model):
    """What happened to a dossier, in its timeline."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="events")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        """What a person did last is read by account."""

        indexes: ClassVar = [models.Index(fields=["account", "id"], name="event_by_account")]


class Note(models.Model):
    """A note between agents: never in a letter, never sent.  Append-only."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()
