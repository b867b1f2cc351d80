"""What the tests of the decision share: a small programme, whose rules each test writes, and its decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from recevable.decision.model import Decision, RequestDecision
from recevable.dossier.dossier import load
from recevable.programme import open_programme

LINE: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "payee": {"type": "boolean", "title": "Payée"},
        "payee_le": {"type": "string", "format": "date", "title": "Payée le"},
        "prix": {"type": "string", "format": "montant", "title": "Prix"},
        "siret": {"type": "string", "title": "SIRET du vendeur"},
        "controlee": {"type": "boolean", "title": "Contrôlée", "x-fourni-par": "agence"},
        "avenants": {
            "type": "array",
            "title": "Avenants",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"payee": {"type": "boolean", "title": "Payé"}},
            },
        },
    },
}
RECORD: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "reponse": {"type": "string", "title": "Réponse"},
        "auteur": {"type": "string", "title": "Auteur"},
        "motif": {"type": "string", "title": "Motif"},
        "le": {"type": "string", "format": "date", "title": "Le"},
        "expire_le": {"type": "string", "format": "date", "title": "Expire le"},
    },
}
SCHEMA: Final[dict[str, Any]] = {
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
                "numero": {"type": "integer", "title": "Numéro", "x-fourni-par": "agence"},
                "siret": {"type": "string", "title": "SIRET"},
                "factures": {"type": "array", "title": "Factures", "items": LINE},
                "decision": {
                    "type": "object",
                    "title": "Décision",
                    "additionalProperties": False,
                    "properties": {"sens": {"type": "string", "enum": ["validee", "rejetee"], "title": "Sens"}},
                },
                "devis": {"type": "array", "title": "Devis", "items": LINE},
            },
        },
        "appreciations": {
            "type": "object",
            "title": "Appréciations",
            "additionalProperties": False,
            "patternProperties": {"^[A-Z-]+$": RECORD},
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


def completing(id_: str, text: str, message: str = "À compléter.", **more: Any) -> dict[str, Any]:
    """A rule that asks for a completion when a condition is false."""
    return {
        **_common(), "id": id_, "titre": f"Règle {id_}", "condition": text,
        "si_faux": {"consequence": "completer", "message": message, **more.pop("si_faux", {})}, **more,
    }  # fmt: skip


def appraisal(id_: str, question: str, **answers: Any) -> dict[str, Any]:
    """A rule that asks a human a question."""
    return {**_common(), "id": id_, "titre": f"Question {id_}", "appreciation": question, "reponses": answers}


def undue(id_: str, established: str, stake: str, *steps: dict[str, str]) -> dict[str, Any]:
    """A case of recovery."""
    return {
        **_common(), "demandes": ["recouvrement"], "id": id_, "titre": f"Cas {id_}", "indu": established,
        "modalite": "obligatoire", "montant": stake, "assiette": "exact", "etapes": list(steps),
    }  # fmt: skip


def deduction(name: str, text: str) -> dict[str, Any]:
    """A rule that deduces a truth value, in whatever request."""
    found = {**_common(), "id": f"DED-{name.upper()}", "titre": f"Déduction {name}", "deduction": name, "vaut": text}
    del found["demandes"]
    return found


def amount(name: str, text: str) -> dict[str, Any]:
    """A rule that gives an amount."""
    return {**_common(), "id": f"MON-{name.upper()}", "titre": f"Montant {name}", "montant": text, "nom": name}


def dated(type_: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A parameter with a value from each of these days."""
    listed = [{"a_partir_du": day, "valeur": value, "source": "Texte §1"} for day, value in values.items()]
    return {"type": type_, "valeurs": listed, "jusqu_au": "ouvert", **more}


def _one(name: str, reference: str | dict[str, Any]) -> dict[str, Any]:
    """A parameter that is 1 since 2020, read at reception or at the decision; or as it is given."""
    if isinstance(reference, dict):
        return {"titre": name, **reference}
    value = {"a_partir_du": "2020-01-01", "valeur": 1, "source": "Texte §1"}
    return {"titre": name, "type": "entier", "reference": reference, "valeurs": [value], "jusqu_au": "ouvert"}


Decide = Callable[..., Decision]
Judge = Callable[..., RequestDecision]


@pytest.fixture
def decide(tmp_path: Path) -> Decide:
    """The decision by some rules on the day `today`.

    `request` are more keys of `aide` in the manifest, `records` the recorded appraisals; without `aide`, there is no
    request and only recovery is looked at.
    """

    def decided(
        rules: list[dict[str, Any]],
        aide: dict[str, Any] | None = None,
        *,
        request: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str | dict[str, Any]] | None = None,
        records: dict[str, dict[str, str]] | None = None,
        today: str = "2023-09-01",
    ) -> Decision:
        (tmp_path / "regles").mkdir(exist_ok=True)
        manifest = {
            "programme": "essai", "titre": "Programme d'essai", "fuseau": "Europe/Paris",
            "schema": "dossier.schema.json", "profil": "demandeur.profil",
            "versions": [{"version": "1", "a_partir_du": "2020-01-01", "source": "Texte §1"}],
            "intervenants": {
                "mairie": {"nom": "la mairie", "a": "à la mairie"},
                "agence": {"nom": "l'agence", "a": "à l'agence"},
            },
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
        programme = open_programme(tmp_path)
        dossier: dict[str, Any] = {"programme": "essai", "demandeur": {"profil": "particulier"}}
        if aide is not None:
            dossier["aide"] = aide
        if records is not None:
            dossier["appreciations"] = records
        loaded = load(json.dumps(dossier).encode(), "dossier.json", programme.validator)
        return programme.decider.decide(loaded, date.fromisoformat(today))

    return decided


@pytest.fixture
def judge(decide: Decide) -> Judge:
    """The decision on `aide` by some rules; `request` are more keys of the request in the manifest."""

    def judged(
        rules: list[dict[str, Any]],
        request: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str | dict[str, Any]] | None = None,
        **aide: Any,
    ) -> RequestDecision:
        received = {"recue_le": "2023-06-01T12:00:00+02:00", **aide}
        return decide(rules, received, request=request, parameters=parameters).requests[0]

    return judged
