"""The menu of every page: what each role finds there."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from recevable_web.pages.common import held
from recevable_web.records.models import READERS, Account, Role

# The name of an address, what it is called, and who finds it in the menu.
ENTRIES: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("file", "Dossiers", frozenset(READERS)),
    ("importer", "Importer", frozenset({Role.INSTRUCTOR})),
    ("saisies", "Saisir", frozenset({Role.INSTRUCTOR})),
    ("paiements", "Paiements", frozenset(READERS)),
    ("recouvrements", "Recouvrements", frozenset(READERS)),
    ("campagnes", "Contrôles", frozenset(READERS)),
    ("administration", "Administration", frozenset({Role.ADMINISTRATOR})),
    ("audit", "Audit", frozenset({Role.AUDITOR})),
    ("regles", "Règles", frozenset(Role.values)),
    ("reevaluations", "Réévaluations", frozenset({*READERS, Role.PUBLISHER, Role.DRAFTER})),
    ("tableau-de-bord", "Tableau de bord", frozenset(READERS)),
    ("statistiques", "Statistiques", frozenset(READERS)),
    ("exports", "Mes exports", frozenset(READERS)),
    ("registre", "Registre", frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.VALIDATOR})),
    ("conservation", "Conservation", frozenset({Role.ADMINISTRATOR})),
    ("donnees", "Données personnelles", frozenset({Role.ADMINISTRATOR, Role.AUDITOR})),
)


def menu(request: HttpRequest) -> dict[str, Any]:
    """The entries that the user may open."""
    # a request may be refused before anybody knows who asks
    account = getattr(request, "user", None)
    if not isinstance(account, Account):
        return {}
    roles_ = frozenset().union(*held(request).values())
    return {"menu": tuple((name, label) for name, label, roles in ENTRIES if roles_ & roles)}
