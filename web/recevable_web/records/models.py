"""The tables.  Amounts are whole cents; instants are UTC; bytes of packs, dossiers and decisions are never edited.

Versions of dossiers, evaluations, publications and acts are append-only: triggers refuse any change
(`migrations/0002_append_only.py`), and the chain of acts shows one that got through all the same.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q


class Role(models.TextChoices):
    """What an account may do in a programme."""

    INSTRUCTOR = "instructeur", "Instructeur"
    VALIDATOR = "valideur", "Valideur"
    CONTROLLER = "controleur", "Contrôleur"
    DRAFTER = "redacteur", "Rédacteur de règles"
    PUBLISHER = "publieur", "Publieur de règles"
    ADMINISTRATOR = "administrateur", "Administrateur"
    AUDITOR = "auditeur", "Auditeur"


# Whoever may open the dossiers of a programme: an administrator gives rights and decides nothing.
READERS: Final = (Role.INSTRUCTOR, Role.VALIDATOR, Role.CONTROLLER, Role.AUDITOR)


class State(models.TextChoices):
    """Where a dossier is."""

    RECEIVED = "recu", "Reçu"
    TO_INSTRUCT = "a_instruire", "À instruire"
    TO_COMPLETE = "a_completer", "À compléter par le demandeur"
    TO_VALIDATE = "a_valider", "À valider"
    DECIDED = "decide", "Décidé"


class Verdict(models.TextChoices):
    """What an act answers to a request: the words of the engine's decision."""

    ACCEPT = "accepter", "Accepter"
    COMPLETE = "completer", "Demander un complément"
    REJECT = "rejeter", "Rejeter"


# --- accounts ---------------------------------------------------------------------------------------------------------


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts."""

    def create_account(self, email: str, name: str, *, capacity: str = "", password: str | None = None) -> Account:
        """An account; without a password it can only be opened by the identity provider."""
        account = self.model(email=self.normalize_email(email).lower(), name=name, capacity=capacity)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who signs in: name and capacity are those that letters give (CRPA L111-1 and L111-2)."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    capacity = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = AccountManager()

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """A right: a role in a programme, from a day to a day (included), given by somebody; edited only to end it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    programme = models.CharField(max_length=100)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One grant of a role at a start."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "role", "programme", "starts"], name="grant_once"),
            models.CheckConstraint(condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="grant_ends_after"),
        ]


class Access(models.Model):
    """Who opened what, and when: kept by law of the house, never a payload."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    dossier = models.ForeignKey("Dossier", null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True, db_index=True)


# --- packs ------------------------------------------------------------------------------------------------------------


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


# --- dossiers ---------------------------------------------------------------------------------------------------------


class Dossier(models.Model):
    """A dossier of an applicant; `version` grows with each change, and an action states the one that it saw."""

    programme = models.CharField(max_length=100)
    reference = models.CharField(max_length=120)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RECEIVED)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A reference is that of one dossier; the queue is read by state."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["programme", "reference"], name="dossier_once")]
        indexes: ClassVar = [models.Index(fields=["programme", "state", "id"])]

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


# --- acts -------------------------------------------------------------------------------------------------------------


class Draft(models.Model):
    """An act that somebody prepares and another person signs or sends back."""

    class Status(models.TextChoices):
        """Where a draft is."""

        PREPARED = "prepare", "Préparé"
        RETURNED = "renvoye", "Renvoyé"
        SIGNED = "signe", "Signé"
        STALE = "caduc", "Caduc"

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="drafts")
    request = models.CharField(max_length=60)
    key = models.CharField(max_length=60, blank=True)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="drafts")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    follows = models.BooleanField()
    reason = models.TextField(blank=True)
    source = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PREPARED)
    prepared_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        """One open draft per request; departing from the proposal has its reason and its source; four eyes."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dossier", "request", "key"], condition=Q(status="prepare"), name="draft_open_once"
            ),
            models.CheckConstraint(
                condition=Q(follows=True) | (~Q(reason="") & ~Q(source="")), name="draft_departure_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="signe") | (Q(settled_by__isnull=False) & ~Q(settled_by=F("prepared_by"))),
                name="draft_four_eyes",
            ),
        ]


class Act(models.Model):
    """An entry of the register: see `recevable.ledger`.  Append-only."""

    rank = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40)
    dossier = models.ForeignKey(Dossier, null=True, on_delete=models.PROTECT, related_name="acts")
    draft = models.OneToOneField(Draft, null=True, on_delete=models.PROTECT, related_name="act")
    subject = models.CharField(max_length=300)
    instant = models.CharField(max_length=40)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    validator = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=300)
    validator_name = models.CharField(max_length=300, blank=True)
    content_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        """Four eyes, by person."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(validator__isnull=True) | ~Q(validator=F("author")), name="act_four_eyes"
            )
        ]


class ActContent(models.Model):
    """The bytes of an act, apart from it: a purge erases them and leaves the chain verifiable."""

    act = models.OneToOneField(Act, primary_key=True, on_delete=models.PROTECT, related_name="content")
    content = models.BinaryField()


class ChainHead(models.Model):
    """The one row that whoever appends an act locks first."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    rank = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        """There is one."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="chain_head_alone")]
