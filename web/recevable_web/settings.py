"""Settings, from the environment: `RECEVABLE_WEB_*`.  What is missing is refused, never guessed (`checks.py`).

`RECEVABLE_WEB_DATABASE_URL`: `sqlite:///path` or `postgresql://user:password@host:port/name`.
"""

from __future__ import annotations

import os
from typing import Any, Final
from urllib.parse import unquote, urlsplit

PREFIX: Final = "RECEVABLE_WEB_"


def _given(name: str, default: str = "") -> str:
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
        }
    raise ValueError(f"{PREFIX}DATABASE_URL : ni sqlite:///… ni postgresql://…")


SECRET_KEY = _given("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = [name for name in _given("HOSTS").split(",") if name]
DATABASES = {"default": database(_given("DATABASE_URL", "sqlite:///recevable.sqlite3"))}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "recevable_web.records"]
AUTH_USER_MODEL = "records.Account"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "fr"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
