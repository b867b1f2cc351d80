"""Accounts, their rights, their sessions, and who opened what."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from recevable_web.records.sessions import SessionStore


class Role(models.TextChoices):
    """What an account may do in a programme."""

    INSTRUCTOR = "instructeur", "Instructeur"
    VALIDATOR = "valideur", "Valideur"
    CONTROLLER = "controleur", "Contrôleur"
    DRAFTER = "redacteur", "Rédacteur de règles"
    PUBLISHER = "publieur", "Publieur de règles"
    ADMINISTRATOR = "administrateur", "Administrateur"
    AUDITOR = "auditeur", "Auditeur"


# Those who may open the dossiers of a programme: an administrator gives rights and decides nothing.
READERS: Final = (Role.INSTRUCTOR, Role.VALIDATOR, Role.CONTROLLER, Role.AUDITOR)
# Those who decide something in a programme.
DECIDERS: Final = (Role.INSTRUCTOR, Role.VALIDATOR, Role.CONTROLLER, Role.DRAFTER, Role.PUBLISHER)
# Addresses of the invented accounts of the demonstration: a real service refuses to start with one.
DEMO_DOMAIN: Final = "guichet.example"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts."""

    def create_account(self, email: str, name: str, *, capacity: str = "", password: str | None = None) -> Account:
        """An account; without a password it can only be opened by the identity provider."""
        account = self.model(email=self.normalize_email(email).lower(), name=name, capacity=capacity)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who signs in: name and capacity are those that letters give (CRPA L111-1 and L111-2).

    `issuer` and `subject` are what the identity provider calls the person: an address can pass to somebody else, a
    subject never does.  Both are empty for an account of the demonstration.
    """

    # what happens to an account, signing in too, is an `AccountEvent`
    last_login = None
    email = models.EmailField(unique=True)
    issuer = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=200)
    capacity = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = AccountManager()

    class Meta:
        """A subject of a provider is one person."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], condition=~Q(subject=""), name="account_subject_once")
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """A right: a role in a programme, from a day to a day (included), given by somebody for a reason.

    Edited only to end it: `ends` for a day to come, `revoked_at` for at once.  The database refuses any other change.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    programme = models.CharField(max_length=100)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=500, blank=True)
    revoked_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        """One grant of a role at a start, unless it was taken back; nobody gives a right to himself."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "role", "programme", "starts"],
                condition=Q(revoked_at__isnull=True),
                name="grant_once",
            ),
            models.CheckConstraint(condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="grant_ends_after"),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("account")), name="grant_by_another"
            ),
        ]


class Access(models.Model):
    """Who opened what, and when: kept by law of the house, never a payload.

    `programme` is that of the dossier or of the file of many dossiers, which has no `dossier`; it is empty for such a
    file that was opened before the column was there.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=100, blank=True, default="")
    dossier = models.ForeignKey("records.Dossier", null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """When somebody last opened a dossier is asked each time it is opened."""

        indexes: ClassVar = [models.Index(fields=["account", "dossier", "at"], name="access_visits")]


class AccountEvent(models.Model):
    """What happened to an account: opened, signed in, given or denied something.  Append-only.

    `programme` is that of a right; empty for what concerns the account itself.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="events")
    actor = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=40)
    programme = models.CharField(max_length=100, blank=True)
    text = models.TextField()


class Session(AbstractBaseSession):
    """An open session, by the SHA-256 of its key: who reads the database cannot take it over.

    `expire_date` is its end whatever is done, `seen_at` (to the minute) when it was last used.  Deleted, it is over at
    the next request.
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="sessions")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """The class that reads and writes these rows."""
        from recevable_web.records.sessions import SessionStore

        return SessionStore


class Usage(models.Model):
    """How often somebody did something in the current stretch of time: `window` is its rank since 1970."""

    kind = models.CharField(max_length=40)
    who = models.CharField(max_length=64)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        """One counter for each."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "who"], name="usage_once")]
