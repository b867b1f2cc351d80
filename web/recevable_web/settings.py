"""Settings, from the environment: `RECEVABLE_WEB_*`.  What production must not miss is refused by `checks.py`.

- `SECRET_KEY`: at least 50 characters.  `HOSTS`: the names that the application answers to, with commas between.
- `DATABASE_URL`: `sqlite:///path` or `postgresql://user:password@host:port/name`.
- `ANTIVIRUS`: a command that reads a file on its standard input (`clamdscan --no-summary -`): 0 clean, 1 infected.
- `OUTBOX`: the folder where letters that are sent are written, for whatever delivers them; none without it.
- `EXPORT_DAYS`: how many days the file of an export is kept (7).  `DAILY`: `non` evaluates nothing when a day passes.
- `CONSERVATION_DOSSIERS` and what else `RETENTION` names: how many days are kept.
- `DEMO`: `oui` opens the demonstration: local accounts without a password, on the loopback only.
- `OIDC_URL`: the identity provider, as it names itself (`iss`); `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET`, `OIDC_NAME`
  (what people read), `OIDC_SCOPE`, `OIDC_ACR`: the levels of authentication that use two factors, with spaces between.
- `PROXIES`: how many proxies stand before the application, each of which adds to X-Forwarded-For.
- `CONTACT` (an address) and `RESPONSABLE` (who answers for the data): what the pages on accessibility and data name.
- `COURRIERS_A_CONFIRMER`: `oui` lets letters be made of texts that the legal service has not validated (demonstration).
- `LIMITS`: `non` counts nothing (actions/limits.py): for measures only.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

PREFIX: Final = "RECEVABLE_WEB_"


def given(name: str, default: str = "") -> str:
    """A setting of the environment."""
    return os.environ.get(PREFIX + name, default)


def database(url: str) -> dict[str, Any]:
    """The settings of a database from its URL; ValueError when it is none that we know."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and parts.path:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path),
            # a writer waits for the one before, and takes its lock before it reads
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
            },
        }
    if parts.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            # without it psycopg does not prepare even what asks for it (`records/sql.py`); the cursors of Django
            # never prepare anything
            "OPTIONS": {"prepare_threshold": 1},
        }
    raise ValueError(f"{PREFIX}DATABASE_URL : ni sqlite:///… ni postgresql://…")


def whole(name: str, default: int) -> int:
    """A whole number of the environment; ValueError, in French, when it is none."""
    text = given(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{PREFIX}{name} : « {text} » n'est pas un nombre entier")
    return int(text)


def _static_of(package: str) -> list[Path]:
    """The static files of a package that is not one of our applications: its tables are none of ours."""
    spec = importlib.util.find_spec(package)
    return [] if spec is None or spec.origin is None else [Path(spec.origin).parent / "static"]


DEMO = given("DEMO") == "oui"
SECRET_KEY = given("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if DEMO else [name for name in given("HOSTS").split(",") if name]
DATABASES = {"default": database(given("DATABASE_URL", "sqlite:///recevable.sqlite3"))}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "recevable_web.records",
    "recevable_web.jobs",
    "recevable_web.pages",
]
MIDDLEWARE = [
    "recevable_web.pages.middleware.security",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "recevable_web.pages.uploads.Bounded",
    "django.middleware.csrf.CsrfViewMiddleware",
    "recevable_web.pages.middleware.Authenticated",
    "django.contrib.messages.middleware.MessageMiddleware",
    "recevable_web.pages.middleware.SignedIn",
]
ROOT_URLCONF = "recevable_web.pages.urls"
WSGI_APPLICATION = "recevable_web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recevable_web.pages.menu.menu",
            ],
            "builtins": ["recevable_web.pages.templatetags.mots", "recevable_web.pages.templatetags.parties"],
            "string_if_invalid": "",
        },
    }
]
AUTH_USER_MODEL = "records.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "connexion"
OIDC = {
    "URL": given("OIDC_URL"),
    "CLIENT_ID": given("OIDC_CLIENT_ID"),
    "CLIENT_SECRET": given("OIDC_CLIENT_SECRET"),
    "NAME": given("OIDC_NAME", "ProConnect"),
    "SCOPE": given("OIDC_SCOPE", "openid given_name usual_name email"),
    # those of ProConnect that use two factors
    "ACR": given(
        "OIDC_ACR",
        "eidas2 eidas3 https://proconnect.gouv.fr/assurance/self-asserted-2fa "
        "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
    ).split(),
}
PROXIES = whole("PROXIES", 0)
UNCONFIRMED_LETTERS = given("COURRIERS_A_CONFIRMER", "oui" if DEMO else "non") == "oui"
LIMITS = given("LIMITS", "oui") != "non"
CONTACT, RESPONSIBLE = given("CONTACT"), given("RESPONSABLE")
SESSION_ENGINE = "recevable_web.records.sessions"
SESSION_COOKIE_AGE = 12 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Lax: coming back from the identity provider is a visit from another site.  No page read by GET changes anything.
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEMO
SESSION_COOKIE_NAME = "session" if DEMO else "__Host-session"
CSRF_FAILURE_VIEW = "recevable_web.pages.errors.sans_jeton"
CSRF_COOKIE_NAME = "csrf" if DEMO else "__Host-csrf"
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
ANTIVIRUS = given("ANTIVIRUS")
OUTBOX = given("OUTBOX")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 100
EXPORT_DAYS = int(given("EXPORT_DAYS", "7"))
DAILY = given("DAILY", "oui") != "non"
STATIC_URL = "statique/"
STATICFILES_DIRS = [*_static_of("dsfr"), *_static_of("django_htmx")]
STATIC_ROOT = given("STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_AUTOREFRESH = False
USE_TZ = True
# How many days each table is kept (actions/purge.py); values proposed, which the agency is to confirm.
RETENTION = {
    "dossiers": whole("CONSERVATION_DOSSIERS", 3653),
    "actes": whole("CONSERVATION_ACTES", 3653),
    "pieces": whole("CONSERVATION_PIECES", 3653),
    "paiements": whole("CONSERVATION_PAIEMENTS", 3653),
    "acces": whole("CONSERVATION_ACCES", 365),
    "imports": whole("CONSERVATION_IMPORTS", 365),
    "saisies": whole("CONSERVATION_SAISIES", 365),
}
TIME_ZONE = "Europe/Paris"
USE_I18N = True
LANGUAGE_CODE = "fr"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "recevable_web.pages.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # a line for each request; the demonstration tells its terminal what is wrong only
    "loggers": {
        "recevable_web": {"level": "WARNING" if DEMO else "INFO"},
        # Django has its own handlers, which write what was asked for
        "django": {"handlers": [], "level": "ERROR" if DEMO else "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}
