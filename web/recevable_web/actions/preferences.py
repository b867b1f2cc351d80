"""How a person reads the queue: the columns that they chose, the filters that they keep by name."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from django.db import connection, transaction

from recevable_web.actions.refused import Refused
from recevable_web.records import sql
from recevable_web.records.models import Account, QueuePreference

MOST_FILTERS: Final = 30
LONGEST_NAME: Final = 60


def of(account: Account) -> QueuePreference:
    """What a person chose; nothing yet when they never did."""
    found = sql.fetched(kept(), [account.pk])
    return read(account, found[0][0] if found else None)


def kept() -> str:
    """A query of one value for what an account (a parameter) chose, in SQL: for `read`."""
    return _KEPT[connection.vendor]


def read(account: Account, value: str | None) -> QueuePreference:
    """What a person chose, from what `kept` gave; None when they never did."""
    columns, filters = json.loads(value) if value else ([], {})
    return QueuePreference(account=account, columns=columns, filters=filters)


_FROM: Final = "FROM records_queuepreference WHERE account_id = %s"
_KEPT: Final = {
    "postgresql": f"SELECT jsonb_build_array(columns, filters) {_FROM}",
    "sqlite": f"SELECT json_array(json(columns), json(filters)) {_FROM}",
}


def choose_columns(account: Account, columns: Sequence[str], known: Collection[str]) -> None:
    """Keep the columns to show, in order, each once."""
    chosen = list(dict.fromkeys(columns))
    if not chosen:
        raise Refused("COLONNES", "Gardez au moins une colonne.")
    if not set(chosen) <= set(known):
        raise Refused("COLONNES", "Une de ces colonnes n'existe pas.")
    with transaction.atomic():
        kept = _locked(account)
        kept.columns = chosen
        kept.save()


def save_filter(account: Account, name: str, query: Mapping[str, str]) -> None:
    """Keep a filter by name, in place of the one of the same name."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused("NOM", f"Donnez à ce filtre un nom d'au plus {LONGEST_NAME} caractères.")
    with transaction.atomic():
        kept = _locked(account)
        if name not in kept.filters and len(kept.filters) >= MOST_FILTERS:
            raise Refused("FILTRES", f"Vous gardez déjà {MOST_FILTERS} filtres : supprimez-en un.")
        kept.filters = {**kept.filters, name: dict(query)}
        kept.save()


def delete_filter(account: Account, name: str) -> None:
    """Forget a filter."""
    with transaction.atomic():
        kept = _locked(account)
        if name not in kept.filters:
            raise Refused("FILTRE", "Ce filtre n'existe plus.")
        kept.filters = {key: query for key, query in kept.filters.items() if key != name}
        kept.save()


def _locked(account: Account) -> QueuePreference:
    QueuePreference.objects.get_or_create(account=account)
    return QueuePreference.objects.select_for_update().get(account=account)
