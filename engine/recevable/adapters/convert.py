"""Answers of a portal into the values of a dossier: exact, and never guessed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from recevable.adapters.contract import Cell
from recevable.adapters.mapping import BOOLEANS, FRACTION, NO, NOTHING, PERCENT, Entry
from recevable.dossier.fields import Field

_AMOUNT: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")
# The types of an answer that a field can hold, by the type of the field.
ACCEPTED: Final[dict[str, tuple[str, ...]]] = {
    "texte": ("texte", "entier", "date"),
    "booleen": ("booleen", "case", "texte"),
    "entier": ("entier", "texte"),
    "montant": ("entier", "decimal", "texte"),
    "taux": ("entier", "decimal", "texte"),
    "date": ("date", "texte"),
    "instant": ("instant",),
}
CALLED: Final = {
    "texte": "un texte",
    "entier": "un nombre entier",
    "decimal": "un nombre décimal",
    "date": "une date",
    "instant": "une date et une heure",
    "booleen": "un oui ou non",
    "case": "une case à cocher",
    "valeurs": "plusieurs valeurs",
    "fichiers": "des fichiers",
    "lignes": "un bloc répétable",
    "montant": "un montant",
    "taux": "un taux",
}


class Refused(ValueError):
    """An answer that cannot be the value of its field: the message in French, and what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message, self.help = message, help


def converted(entry: Entry, cell: Cell) -> Any:
    """The value of a field out of an answer, None when nothing was answered; raises Refused."""
    if cell.unsure:
        raise Refused(cell.unsure, "Redemandez l'export avec les valeurs typées : rien n'est supposé.")
    field = entry.field
    if field.element is not None:
        texts = cell.value if cell.kind == "valeurs" else (cell.value,)
        return None if cell.value is None else [_one(entry, field.element, "texte", one) for one in texts] or None
    if cell.kind == "case" and cell.value is False:
        if entry.unticked == NOTHING:
            return None
        if entry.unticked != NO:
            raise Refused(
                "une case décochée peut vouloir dire non, ou rien",
                "Dites-le dans import.yaml : `decochee: non` ou `absent`.",
            )
        return False
    if cell.value is None:
        return None
    return _one(entry, field, cell.kind, cell.value)


def _one(entry: Entry, field: Field, kind: str, value: Any) -> Any:
    if entry.values or field.choices:
        return _listed(entry, field, value)
    if kind not in ACCEPTED.get(field.kind, ()):
        raise Refused(
            f"{CALLED.get(kind, kind)} ne se convertit pas en {CALLED.get(field.kind, field.kind)}",
            "Corrigez import.yaml, ou la démarche.",
        )
    if field.kind == "booleen" and not isinstance(value, bool):
        raise Refused(f"« {_cut(value)} » n'est ni oui ni non", "Ajoutez cette réponse à `valeurs` dans import.yaml.")
    if field.kind == "taux":
        return _rate(entry, value)
    if field.kind in _NUMBERS:
        return _NUMBERS[field.kind](value)
    return value if field.kind in ("booleen", "date", "instant") else _plain(value)


def _listed(entry: Entry, field: Field, value: Any) -> Any:
    """The value of an enumeration, or of a yes or no that was asked in words."""
    if isinstance(value, bool) and field.kind == "booleen":
        return value
    written = _plain(value)
    found = entry.values.get(written, written if written in map(str, field.choices) and not entry.values else None)
    if found is None:
        known = ", ".join(f"« {one} »" for one in entry.values) or "aucune"
        raise Refused(
            f"la réponse « {_cut(written)} » n'a pas de sens dans import.yaml",
            f"Ajoutez-la à `valeurs` ({known}), avec la valeur du dossier qui lui correspond.",
        )
    if field.kind == "booleen":
        return BOOLEANS[found]
    return next(choice for choice in field.choices if str(choice) == found)


def _amount(value: Any) -> str:
    text = _plain(value).replace(",", ".")
    if not _AMOUNT.fullmatch(text):
        raise Refused(f"« {_cut(value)} » n'est pas un montant au centime", "Corrigez la réponse dans la démarche.")
    whole, _, cents = text.partition(".")
    return f"{int(whole)}.{cents:0<2}" if whole not in ("-0",) else f"-0.{cents:0<2}"


def _rate(entry: Entry, value: Any) -> str:
    text = _plain(value).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text):
        raise Refused(f"« {_cut(value)} » n'est pas un taux", "Corrigez la réponse dans la démarche.")
    number = Decimal(text)
    if entry.unit == PERCENT:
        number /= 100
    elif entry.unit != FRACTION:
        raise Refused(
            f"« {_cut(value)} » peut être un taux ou un pourcentage",
            "Dites-le dans import.yaml : `unite: pourcent` ou `unite: fraction`.",
        )
    if not 0 <= number <= 1 or -int(number.normalize().as_tuple().exponent) > 4:
        raise Refused(f"« {_cut(value)} » n'est pas un taux entre 0 et 1", "Corrigez la réponse, ou `unite`.")
    return "0" if number == 0 else "1" if number == 1 else f"0.{f'{number.normalize():f}'[2:]:0<2}"


def _integer(value: Any) -> int:
    text = _plain(value)
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Refused(f"« {_cut(value)} » n'est pas un nombre entier", "Corrigez la réponse dans la démarche.")
    return int(text)


_NUMBERS: Final = {"montant": _amount, "entier": _integer}


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _cut(value: Any) -> str:
    text = _plain(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
