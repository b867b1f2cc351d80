"""The queue: what each request of a dossier awaits, who works on what, what a person filters by, words to search."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.dossiers import Dossier


class QueueRequest(models.Model):
    """What the last evaluation of the last version proposes for a request; `open` until it is answered."""

    # both indexes of the dossier below begin with it
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="queue_requests", db_index=False)
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    verdict = models.CharField(max_length=20)
    provisional = models.BooleanField()
    settled = models.BooleanField()
    open = models.BooleanField(default=True)

    class Meta:
        """One row per request; filtered by what is proposed: few dossiers from that, many as they are walked over."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dossier", "name", "key"], name="queue_request_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name", "verdict", "provisional", "dossier"], name="queue_request_by_name"),
            models.Index(fields=["verdict", "provisional", "dossier"], name="queue_request_by_verdict"),
            models.Index(
                fields=["dossier", "name", "verdict", "provisional"],
                name="queue_request_open",
                condition=models.Q(open=True),
            ),
        ]


class Reservation(models.Model):
    """Who works on a dossier, from when and until when; one that has expired is nobody's."""

    dossier = models.OneToOneField(
        Dossier, primary_key=True, on_delete=models.CASCADE, related_name="reservation"
    )  # fmt: skip
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()


class QueuePreference(models.Model):
    """How a person reads the queue: columns in their order, and filters kept by name (`actions/preferences.py`)."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="queue_preference")
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    filters: models.JSONField[dict[str, dict[str, str]], dict[str, dict[str, str]]] = models.JSONField(default=dict)


class SearchText(models.Model):
    """The words of the last version of a dossier, folded (`records/search.py`): each database indexes them its way."""

    dossier = models.OneToOneField(Dossier, primary_key=True, on_delete=models.CASCADE, related_name="search_text")
    programme = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    words = models.TextField()
