"""The facts given with a letter, read and checked: its form by the schema of its kind, then what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from functools import lru_cache
from typing import Any

from recevable.dossier.dossier import load
from recevable.dossier.formats import YEARS, Years
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.letter_kinds import KINDS, LetterKind


class InvalidFacts(DiagnosticError):
    """Facts that a letter cannot be made of; `diagnostics` explain why, with JSON pointer, line and column."""


@lru_cache(maxsize=32)
def _validator(kind: str, zone: tzinfo, years: Years) -> SchemaValidator:
    return SchemaValidator(KINDS[kind].schema(), zone, years)


def read_facts(kind: LetterKind, content: bytes, name: str, zone: tzinfo, years: Years = YEARS) -> dict[str, Any]:
    """The facts of a letter, from JSON in UTF-8; raises InvalidFacts."""
    try:
        return load(content, name, _validator(kind.name, zone, years)).data
    except DiagnosticError as error:
        raise InvalidFacts(error.diagnostics) from None


def incoherent(kind: LetterKind, facts: Mapping[str, Any], on: date) -> list[str]:
    """Why facts of the right form contradict each other or the date of the letter, in French sentences."""
    found = []
    for name in ("completer_avant_le", "repondre_avant_le"):
        if name in facts and day(facts, name) <= on:
            found.append(f"« {_title(kind, name)} » n'est pas après la date du courrier.")
    for name in ("contradictoire_le", "decision_le"):
        if name in facts and day(facts, name) > on:
            found.append(f"« {_title(kind, name)} » est après la date du courrier.")
    opened = facts.get("contradictoire_le")
    for one in facts.get("observations", []):
        received = day(one, "recues_le")
        if received > on or (opened is not None and received < day(facts, "contradictoire_le")):
            found.append("Des observations sont reçues hors de la procédure contradictoire.")
    bases = facts.get("bases")
    if bases is not None and sum(one["montant"] for one in bases) != facts["montant"]:
        found.append("La somme à reverser n'est pas le total des bases de la liquidation.")
    if kind.fact("effet_le") is not None:
        if facts["acte"] == "abrogation" and "effet_le" not in facts:
            found.append("Une abrogation a une date d'effet (`effet_le`).")
        if facts["acte"] == "retrait" and "effet_le" in facts:
            found.append("Un retrait vaut depuis l'origine : il n'a pas de date d'effet.")
        if not facts.get("a_la_demande", False) and opened is None:
            found.append("Sauf à la demande du bénéficiaire, le contradictoire précède l'acte (`contradictoire_le`).")
    return found


def day(facts: Mapping[str, Any], name: str) -> date:
    """A date among the facts."""
    return date.fromisoformat(facts[name])


def _title(kind: LetterKind, name: str) -> str:
    fact = kind.fact(name)
    return fact.title if fact is not None else name
