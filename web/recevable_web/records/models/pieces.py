"""The pieces joined to dossiers: the bytes once by digest, what they are, and where each was joined."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.dossiers import Dossier


class Kind(models.TextChoices):
    """What a file really is, by its content; nothing else is taken."""

    PDF = "application/pdf", "PDF"
    PNG = "image/png", "image PNG"
    JPEG = "image/jpeg", "image JPEG"
    TIFF = "image/tiff", "image TIFF"


class Blob(models.Model):
    """Bytes that were received, once whatever the number of dossiers: what they are and what was found in them.

    `remarks` are sentences for people, one a line.  A blob in `quarantine` (why, in a sentence; empty for the others)
    is neither shown nor given.  Append-only.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, choices=Kind.choices)
    pages = models.PositiveIntegerField()
    remarks = models.TextField(blank=True)
    quarantine = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """An empty file is none."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(size__gt=0), name="blob_not_empty")]


class BlobContent(models.Model):
    """The bytes of a blob, apart from it: a purge may erase them, nothing changes them."""

    blob = models.OneToOneField(Blob, primary_key=True, on_delete=models.PROTECT, related_name="content")
    content = models.BinaryField()


class Piece(models.Model):
    """A file joined to a dossier, at a place of its schema (`solde.pieces.facture`; empty: at none).  Append-only.

    `name` is the name that it came with, cleaned to be shown.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="pieces")
    place = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=150)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="pieces")
    author = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The same file is joined once to a place of a dossier."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["dossier", "place", "blob"], name="piece_once")]
