"""What was imported, file by file, and what is being typed in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.dossiers import Dossier


class Import(models.Model):
    """Files that came in together; its lines say what became of each dossier.  Without an end it was interrupted."""

    programme = models.CharField(max_length=100)
    format = models.CharField(max_length=60)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Listed by programme, the last first."""

        indexes: ClassVar = [models.Index(fields=["programme", "-id"])]


class ImportLine(models.Model):
    """A dossier of an import, or a file that held none: received, known already, or refused with its faults.

    `faults` and `remarks` are lists of `{"lieu", "message", "aide"}`.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        RECEIVED = "recu", "Reçu"
        KNOWN = "deja_recu", "Déjà reçu"
        REFUSED = "refuse", "Refusé"

    imported = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="lines")
    rank = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    dossier = models.ForeignKey(Dossier, null=True, on_delete=models.PROTECT, related_name="imports")
    pieces = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    remarks = models.JSONField(default=list)

    class Meta:
        """Ranks follow each other; only a refusal has no dossier."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["imported", "rank"], name="import_line_once"),
            models.CheckConstraint(
                condition=Q(outcome="refuse", dossier__isnull=True) | ~Q(outcome="refuse") & Q(dossier__isnull=False),
                name="import_line_dossier",
            ),
        ]


class Entry(models.Model):
    """A dossier that an agent types from paper or e-mail: a draft until it is received, then how it came.

    `values` are the texts as they were typed, by path (`paiements.0.montant`); `version` grows with each save.
    """

    class Channel(models.TextChoices):
        """How the request reached the agency."""

        POST = "courrier", "Courrier postal"
        EMAIL = "courriel", "Courriel"
        DESK = "depot", "Dépôt sur place"
        OTHER = "autre", "Autre"

    programme = models.CharField(max_length=100)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    received_on = models.DateField()
    values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    dossier = models.OneToOneField(Dossier, null=True, on_delete=models.PROTECT, related_name="entry")
    abandoned = models.BooleanField(default=False)

    class Meta:
        """An entry gives one dossier, or is given up, never both; those in progress are listed by person."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(dossier__isnull=True) | Q(abandoned=False), name="entry_one_end"),
        ]
        indexes: ClassVar = [models.Index(fields=["account", "programme"])]
