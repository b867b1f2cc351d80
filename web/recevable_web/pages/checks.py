"""What production refuses to start with (`manage check --deploy` and `recevable serve` say it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, register

_KEY = 50
# Nothing is erased while a delay runs.
_LEAST = {"actes": 1826, "pieces": 1826, "acces": 180}
_DEBT = "pendant cinq ans, une somme indue peut encore être réclamée, et la décision contestée"
_WHY = {"actes": _DEBT, "pieces": _DEBT, "acces": "un journal de consultation se garde six mois au moins"}


@register()
def configuration(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[Error]:
    """The key, the names, and a demonstration that is one."""
    found = []
    if len(settings.SECRET_KEY) < _KEY and not settings.DEMO:
        found.append(Error(f"RECEVABLE_WEB_SECRET_KEY a moins de {_KEY} caractères.", id="guichet.E001"))
    if settings.DEBUG:
        found.append(Error("DEBUG montre à tous ce qu'une page d'erreur contient.", id="guichet.E002"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(Error("RECEVABLE_WEB_HOSTS ne nomme pas les noms du service.", id="guichet.E003"))
    for table, least in _LEAST.items():
        if settings.RETENTION[table] < least:
            message = f"RECEVABLE_WEB_CONSERVATION_{table.upper()} est de moins de {least} jours : {_WHY[table]}."
            found.append(Error(message, id="guichet.E020"))
    return found
