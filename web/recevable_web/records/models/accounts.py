"""Accounts, their rights, and who opened what."""

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
    dossier = models.ForeignKey("records.Dossier", null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """When somebody last opened a dossier is asked each time it is opened."""

        indexes: ClassVar = [models.Index(fields=["account", "dossier", "at"], name="access_visits")]
