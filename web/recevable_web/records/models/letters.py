"""The letters that were made, each sealed by an act: what it says as data, and its bytes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from recevable_web.records.models.acts import Act
from recevable_web.records.models.dossiers import Dossier, Evaluation
from recevable_web.records.models.packs import PackVersion


class Letter(models.Model):
    """A letter to an applicant, as it was made with an act, whose sealed content holds its digest.  Append-only.

    `kind` says what it is (`accuse_reception`, `rejet`…); `on` is the date that it bears; `template` the digest of what
    lays it out; `sha256` and `size` are those of the PDF.  `confirmed`: every text in it is validated by the legal
    service.  `evaluation` is the decision that it tells; None for a letter that tells none.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="letters")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=40)
    request = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=60, blank=True)
    evaluation = models.ForeignKey(Evaluation, null=True, on_delete=models.PROTECT, related_name="+")
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    template = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    confirmed = models.BooleanField()

    class Meta:
        """An act makes one letter of a kind; an empty file is none."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["act", "kind"], name="letter_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="letter_not_empty"),
        ]


class LetterContent(models.Model):
    """What a letter says, in JSON, and its PDF, apart from it: a purge may erase them, nothing changes them."""

    letter = models.OneToOneField(Letter, primary_key=True, on_delete=models.PROTECT, related_name="content")
    data = models.BinaryField()
    pdf = models.BinaryField()
