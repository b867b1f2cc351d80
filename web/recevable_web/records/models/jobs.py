"""What workers do: work that is leased, batches of re-evaluation, exports, and the last sign of each worker.

These tables own the truth about jobs: a killed worker's lease ends and its work is taken again.  They hold numbers and
identifiers, never a personal datum.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from recevable_web.records.models.accounts import Account
from recevable_web.records.models.dossiers import Dossier
from recevable_web.records.models.packs import PackVersion


class Status(models.TextChoices):
    """Where a piece of work is."""

    WAITING = "attente", "En attente"
    RUNNING = "en_cours", "En cours"
    DONE = "fini", "Terminé"
    FAILED = "echec", "En échec"
    CANCELLED = "annule", "Annulé"


UNFINISHED: Final = (Status.WAITING, Status.RUNNING)


class Leased(models.Model):
    """Work that one worker holds until a moment of the database's clock; `owner` is made anew at each taking.

    `attempts` counts the takings since the last progress; `failure` tells people why it failed, in French.
    """

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    owner = models.CharField(max_length=32, blank=True, default="")
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True, default="")

    class Meta:
        """What is unfinished is looked for at every turn of a worker."""

        abstract = True
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(status__in=("attente", "en_cours")), name="%(class)s_unfinished")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(status="en_cours") & ~Q(owner="") & Q(leased_until__isnull=False))
                | (~Q(status="en_cours") & Q(owner="") & Q(leased_until__isnull=True)),
                name="%(class)s_owner_while_running",
            )
        ]


class Batch(models.Model):
    """A re-evaluation of the dossiers of a programme, by a pack, as of a day.

    `kept` are the evaluations that it writes: all of them when rules changed, those that moved when a day passed, none
    when it only shows what a pack would do.  The same `name` is one batch.
    """

    class Kind(models.TextChoices):
        """Why it runs."""

        RULES = "regles", "Nouvelles règles"
        DAY = "jour", "Changement de jour"
        ASKED = "demande", "Demandée"
        TRIAL = "essai", "Essai, sans rien enregistrer"

    class State(models.TextChoices):
        """Where it is."""

        RUNNING = "en_cours", "En cours"
        DONE = "fini", "Terminée"
        CANCELLED = "annule", "Annulée"
        STOPPED = "arrete", "Arrêtée"

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    programme = models.CharField(max_length=100)
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    asked_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    settled_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True, default="")

    class Meta:
        """Listed by programme, the last first."""

        indexes: ClassVar = [models.Index(fields=["programme", "id"])]


class BatchSlice(Leased):
    """The dossiers of a batch whose identifiers are in a range; `reached` is the last one that is done.

    The slice of rank 0 cuts the batch into the others.  Counts grow in the transaction that writes the results.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="slices")
    rank = models.PositiveIntegerField()
    last = models.BigIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    size = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta(Leased.Meta):
        """One slice of a rank."""

        abstract = False
        constraints: ClassVar = [
            *Leased.Meta.constraints,
            models.UniqueConstraint(fields=["batch", "rank"], name="batch_slice_once"),
        ]


class BatchResult(models.Model):
    """A request whose answer moved in a batch, or a dossier that could not be evaluated (`failure`, no request).

    `decided`: an act has already answered this request, which does not change; `before` is then what was decided.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="results")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    request = models.CharField(max_length=60, blank=True, default="")
    key = models.CharField(max_length=60, blank=True, default="")
    decided = models.BooleanField(default=False)
    before = models.CharField(max_length=20, blank=True, default="")
    before_provisional = models.BooleanField(default=False)
    before_cents = models.BigIntegerField(null=True)
    after = models.CharField(max_length=20, blank=True, default="")
    after_provisional = models.BooleanField(default=False)
    after_cents = models.BigIntegerField(null=True)
    rules = models.JSONField(default=list)
    failure = models.TextField(blank=True, default="")

    class Meta:
        """The same work done twice is one result."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "dossier", "request", "key"], name="batch_result_once")
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "decided", "id"])]


class Export(Leased):
    """A file that a worker writes for one person, and keeps until it expires.

    `choices` says which dossiers and columns; `taking` is the attempt whose parts are the file.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="exports")
    programme = models.CharField(max_length=100)
    format = models.CharField(max_length=10)
    choices = models.JSONField(default=dict)
    asked_at = models.DateTimeField(auto_now_add=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    taking = models.CharField(max_length=32, blank=True, default="")

    class Meta(Leased.Meta):
        """Listed for their owner, the last first."""

        abstract = False
        indexes: ClassVar = [
            *Leased.Meta.indexes,
            models.Index(fields=["account", "id"]),
            models.Index(fields=["expires_at"]),
        ]


class ExportPart(models.Model):
    """A part of the file of an export, written by one taking of it."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    taking = models.CharField(max_length=32)
    rank = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        """Read in order."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["export", "taking", "rank"], name="export_part_once")]


class WorkerSign(models.Model):
    """When a worker was last seen."""

    name = models.CharField(max_length=100, unique=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
