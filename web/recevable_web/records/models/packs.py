"""Packs of rules as bytes, and which is in force."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from recevable_web.records.models.accounts import Account


class PackVersion(models.Model):
    """A pack of rules as bytes.  `digest` is that of its files, as the receipt of a decision gives it."""

    programme = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    label = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The same bytes are one version."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["programme", "digest"], name="pack_once")]


class PackFile(models.Model):
    """A file of a pack, by its name in it; the dossier schema is one of them."""

    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=300)
    content = models.BinaryField()

    class Meta:
        """One file of a name."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["pack", "name"], name="pack_file_once")]


class Publication(models.Model):
    """Which pack is in force from a day.  Append-only: the last one that has begun counts."""

    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="publications")
    programme = models.CharField(max_length=100)
    in_force_from = models.DateField()
    published_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Looked up by programme and day."""

        indexes: ClassVar = [models.Index(fields=["programme", "in_force_from"])]
