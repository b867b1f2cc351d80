"""What the tests of the decision share: a small programme, whose rules each test writes, and its decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from recevable.cli.programmes import Programme
from recevable.decision.model import RequestDecision
from recevable.dossier.dossier import load

LINE: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "payee": {"type": "boolean", "title": "Payée"},
        "prix": {"type": "string", "format": "montant", "title": "Prix"},
    },
}
SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["programme"],
    "additionalProperties": False,
    "properties": {
        "programme": {"const": "essai"},
        "demandeur": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"profil": {"type": "string", "enum": ["particulier"], "title": "Profil"}},
        },
        "aide": {
            "type": "object",
            "title": "Aide",
            "additionalProperties": False,
            "properties": {
                "recue_le": {"type": "string", "format": "instant", "title": "Reçue le"},
                "cout": {"type": "string", "format": "montant", "title": "Coût"},
                "bal": {"type": "integer", "title": "Boîtes"},
                "plafond": {"type": "string", "format": "montant", "title": "Plafond"},
                "jour": {"type": "string", "format": "date", "title": "Jour"},
                "factures": {"type": "array", "title": "Factures", "items": LINE},
                "devis": {"type": "array", "title": "Devis", "items": LINE},
            },
        },
    },
}


def _common() -> dict[str, Any]:
    """The keys that every rule has, each time new: a value that comes back would be written as an alias."""
    return {"demandes": ["aide"], "exigences": ["REQ-1"], "source": "Texte §1"}


def condition(text: str) -> dict[str, Any]:
    """A rule that rejects when a condition is false."""
    return {
        **_common(), "id": "ESSAI", "titre": "Essai", "condition": text,
        "si_faux": {"consequence": "rejeter", "message": "Faux."},
    }  # fmt: skip


def deduction(name: str, text: str) -> dict[str, Any]:
    """A rule that deduces a truth value, in whatever request."""
    found = {**_common(), "id": f"DED-{name.upper()}", "titre": f"Déduction {name}", "deduction": name, "vaut": text}
    del found["demandes"]
    return found


def amount(name: str, text: str) -> dict[str, Any]:
    """A rule that gives an amount."""
    return {**_common(), "id": f"MON-{name.upper()}", "titre": f"Montant {name}", "montant": text, "nom": name}


def _one(name: str, reference: str) -> dict[str, Any]:
    """A parameter that is 1 since 2020, read at reception or at the decision."""
    value = {"a_partir_du": "2020-01-01", "valeur": 1, "source": "Texte §1"}
    return {"titre": name, "type": "entier", "reference": reference, "valeurs": [value], "jusqu_au": "ouvert"}


Judge = Callable[..., RequestDecision]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """The decision on `aide` by some rules; `request` are more keys of the request in the manifest."""

    def decide(
        rules: list[dict[str, Any]],
        request: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
        **aide: Any,
    ) -> RequestDecision:
        (tmp_path / "regles").mkdir(exist_ok=True)
        manifest = {
            "programme": "essai", "titre": "Programme d'essai", "fuseau": "Europe/Paris",
            "schema": "dossier.schema.json", "profil": "demandeur.profil",
            "versions": [{"version": "1", "a_partir_du": "2020-01-01", "source": "Texte §1"}],
            "demandes": {
                "aide": {
                    "titre": "Demande d'aide", "racine": "aide", "reception": "aide.recue_le", **(request or {})
                }
            },
        }  # fmt: skip
        requirement = {"id": "REQ-1", "section": "§1", "resume": "Un essai.", "traitement": "regles"}
        files: dict[str, Any] = {
            "programme.yaml": manifest,
            "parametres.yaml": {"parametres": {name: _one(name, day) for name, day in (parameters or {}).items()}},
            "exigences.yaml": {"exigences": [requirement]},
            "regles/essai.yaml": {"regles": rules},
        }
        for name, content in files.items():
            (tmp_path / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
        (tmp_path / "dossier.schema.json").write_text(json.dumps(SCHEMA), "utf-8")
        programme = Programme(tmp_path)
        dossier = {
            "programme": "essai", "demandeur": {"profil": "particulier"},
            "aide": {"recue_le": "2023-06-01T12:00:00+02:00", **aide},
        }  # fmt: skip
        loaded = load(json.dumps(dossier).encode(), "dossier.json", programme.validator)
        return programme.decider.decide(loaded, date(2023, 9, 1)).requests[0]

    return decide
