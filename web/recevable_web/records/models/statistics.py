"""What is counted as it happens, so that no page counts a million rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from recevable_web.records.models.dossiers import Dossier, State


class StateChange(models.Model):
    """A dossier enters a state: how long it stayed in each is read from these.  Append-only."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(max_length=20, choices=State.choices)
    at = models.DateTimeField()

    class Meta:
        """Read by dossier, in order."""

        indexes: ClassVar = [models.Index(fields=["dossier", "id"])]


class StatisticRow(models.Model):
    """Something that was counted: rows of the same names add up, and a worker merges them.

    `month` is its first day; `cents` and `seconds` are sums over `number`.  Nothing names a person.  `erased` rows are
    of dossiers whose contents a purge erased: they are not counted again.
    """

    programme = models.CharField(max_length=100)
    month = models.DateField()
    measure = models.CharField(max_length=20)
    request = models.CharField(max_length=60, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    number = models.BigIntegerField(default=0)
    cents = models.BigIntegerField(default=0)
    seconds = models.BigIntegerField(default=0)
    erased = models.BooleanField(default=False)

    class Meta:
        """Read by programme and month."""

        indexes: ClassVar = [models.Index(fields=["programme", "month", "measure"])]
