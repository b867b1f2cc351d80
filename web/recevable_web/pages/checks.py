"""What production refuses to start with: `check --deploy` says it, and the server (`wsgi.py`) does not start.

What would harm any command (a weak key, a table erased too soon) every command refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from recevable_web.records.models import DEMO_DOMAIN, Account

_KEY: Final = 50
# Fewer different characters than any key that was drawn at random.
_DIFFERENT: Final = 10
# Nothing is erased while a delay runs.
LEAST: Final = {
    "dossiers": 1826, "actes": 1826, "pieces": 1826, "paiements": 1826, "acces": 180, "imports": 31, "saisies": 31,
}  # fmt: skip
_DEBT = "pendant cinq ans, une somme indue peut encore être réclamée, et la décision contestée"
_LOG = "un journal de consultation se garde six mois au moins"
_WORK = "pendant un mois, un import refusé se corrige et une saisie se reprend"
_WHY = {
    "dossiers": _DEBT, "actes": _DEBT, "pieces": _DEBT, "paiements": _DEBT, "acces": _LOG, "imports": _WORK,
    "saisies": _WORK,
}  # fmt: skip


@register()
def configuration(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[Error]:
    """The key, the names, and a demonstration that is one."""
    found = []
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if len(key) < _KEY and not settings.DEMO:
        found.append(Error(f"RECEVABLE_WEB_SECRET_KEY a moins de {_KEY} caractères.", id="guichet.E001"))
    if settings.DEBUG:
        found.append(Error("DEBUG montre à tous ce qu'une page d'erreur contient.", id="guichet.E002"))
    if not settings.ALLOWED_HOSTS or any(name.startswith("*") for name in settings.ALLOWED_HOSTS):
        found.append(Error("RECEVABLE_WEB_HOSTS ne nomme pas les noms du service.", id="guichet.E003"))
    for table, least in LEAST.items():
        if settings.RETENTION[table] < least:
            message = f"RECEVABLE_WEB_CONSERVATION_{table.upper()} est de moins de {least} jours : {_WHY[table]}."
            found.append(Error(message, id="guichet.E020"))
    return found


@register(deploy=True)
def service(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[Error]:
    """What a service that people use has, and a demonstration has not."""
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if settings.DEMO:
        text = "La démonstration a sa base SQLite : elle n'ouvre pas celle d'un service."
        return [] if sqlite else [Error(text, id="guichet.E009")]
    found = [*_secrets(), *_provider()]
    if settings.UNCONFIRMED_LETTERS:
        text = (
            "RECEVABLE_WEB_COURRIERS_A_CONFIRMER=oui ne sert qu'aux démonstrations : tout courrier qui part est validé."
        )
        found.append(Error(text, id="guichet.E021"))
    if sqlite:
        found.append(Error("La base d'un service réel est PostgreSQL (RECEVABLE_WEB_DATABASE_URL).", id="guichet.E008"))
    return found


def _secrets() -> list[Error]:
    """A key that nobody guesses, cookies that go over HTTPS only, and limits that hold."""
    found = []
    if len(set(settings.SECRET_KEY)) < _DIFFERENT or settings.SECRET_KEY.startswith("django-insecure-"):
        found.append(Error("RECEVABLE_WEB_SECRET_KEY se devine : tirez-en une au hasard.", id="guichet.E001"))
    secure = settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_SSL_REDIRECT
    if not (secure and settings.SESSION_COOKIE_NAME[:7] == settings.CSRF_COOKIE_NAME[:7] == "__Host-"):
        found.append(Error("Les cookies passeraient en clair : le service est en HTTPS.", id="guichet.E004"))
    if not settings.LIMITS:
        found.append(Error("RECEVABLE_WEB_LIMITS=non ne sert qu'aux mesures.", id="guichet.E005"))
    return found


def _provider() -> list[Error]:
    missing = [name for name in ("URL", "CLIENT_ID", "CLIENT_SECRET", "ACR") if not settings.OIDC[name]]
    if missing:
        listed = ", ".join(f"RECEVABLE_WEB_OIDC_{name}" for name in missing)
        return [Error(f"Sans fournisseur d'identité personne n'entre : donnez {listed}.", id="guichet.E006")]
    if urlsplit(str(settings.OIDC["URL"])).scheme != "https":
        return [Error("RECEVABLE_WEB_OIDC_URL commence par https://.", id="guichet.E007")]
    return []


@register(Tags.database, deploy=True)
def invented(app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """No account of the demonstration in the database of a real service."""
    if settings.DEMO or not databases:
        return []
    try:
        found = Account.objects.filter(email__endswith=f"@{DEMO_DOMAIN}", is_active=True).count()
    except DatabaseError:
        # not there yet, or not answering: `/pret` says so
        return []
    if not found:
        return []
    text = f"La base a {found} compte(s) de démonstration : elle n'est pas celle d'un service réel."
    return [Error(text, id="guichet.E010")]
