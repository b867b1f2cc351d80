"""Packs that are proposed, checked, and put in force by another person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.jobs import Leased
from recevable_web.records.models.packs import PackVersion, Publication


class PackSubmission(Leased):
    """A pack that somebody proposes to put in force on a day; a worker checks it, another person approves it.

    `status` is that of the check, `report` what it found; `pack` is stored once every check has passed.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        OPEN = "ouverte", "À approuver"
        APPROVED = "approuvee", "Approuvée"
        DISCARDED = "ecartee", "Écartée"

    programme = models.CharField(max_length=100)
    label = models.CharField(max_length=200)
    reason = models.TextField()
    in_force_from = models.DateField()
    submitted_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(auto_now_add=True)
    sha256 = models.CharField(max_length=64)
    report = models.JSONField(default=dict)
    pack = models.ForeignKey(PackVersion, null=True, on_delete=models.PROTECT, related_name="submissions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    settled_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True, default="")
    publication = models.OneToOneField(Publication, null=True, on_delete=models.PROTECT, related_name="submission")

    class Meta(Leased.Meta):
        """What is in force was checked, and approved by somebody else than its author."""

        abstract = False
        constraints: ClassVar = [
            *Leased.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(outcome="approuvee")
                | (
                    Q(settled_by__isnull=False)
                    & ~Q(settled_by=F("submitted_by"))
                    & Q(status="fini")
                    & Q(pack__isnull=False)
                    & Q(publication__isnull=False)
                ),
                name="pack_submission_four_eyes",
            ),
        ]


class SubmittedFile(models.Model):
    """A file of a proposed pack, or of the known dossiers that try it, by its name in the archive."""

    submission = models.ForeignKey(PackSubmission, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=300)
    content = models.BinaryField()

    class Meta:
        """One file of a name."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["submission", "name"], name="submitted_file_once")]


class PackComparison(Leased):
    """What changes in meaning from a pack to another, worked out by a worker."""

    old = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    new = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField(default=dict)

    class Meta(Leased.Meta):
        """Two packs are compared once."""

        abstract = False
        constraints: ClassVar = [
            *Leased.Meta.constraints,
            models.UniqueConstraint(fields=["old", "new"], name="pack_comparison_once"),
        ]
