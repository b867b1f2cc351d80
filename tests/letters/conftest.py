"""What the tests of letters share: the shipped programme, facts for every kind, a PDF read back."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pdfplumber
import pikepdf
import pytest
from tests.letters.standards import faults

from recevable import Dossier, Programme, open_programme

FIXTURES: Final = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
DAY: Final = date(2023, 9, 4)
AGENT: Final = {"nom": "Camille Exemple", "qualite": "Instructrice", "telephone": "01 99 00 11 22"}
BASE: Final[dict[str, Any]] = {
    "agent": AGENT,
    "reference": "MSS-2023-0017",
    "destinataire": {"adresse": ["12, rue des Lilas", "99999 Val-Exemple"]},
}
SIGNED: Final[dict[str, Any]] = {**BASE, "signataire": {"nom": "Dominique Essai", "qualite": "Cheffe de service"}}
FINDINGS: Final = [
    {"texte": "L'extraction compte 250 boîtes personnelles, et non 400.", "source": "AF §5.1 et §7"},
    {"texte": "Un supplément de prix a été demandé à deux clients.", "source": "AF §4.3"},
]
# Facts of each kind, about a letter of DAY.
FACTS: Final[dict[str, dict[str, Any]]] = {
    "accuse_reception": {**BASE, "completer_avant_le": "2023-10-04"},
    "demande_complement": {**SIGNED, "completer_avant_le": "2023-10-04"},
    "acceptation": SIGNED,
    "rejet": SIGNED,
    "mise_en_demeure": {**SIGNED, "constats": FINDINGS, "montant": 270983, "repondre_avant_le": "2023-11-06"},
    "ouverture_contradictoire": {
        **SIGNED,
        "acte": "retrait",
        "decision_le": "2023-06-05",
        "decision_reprise": "acceptation, Demande d'avance, acte n° 12",
        "constats": FINDINGS,
        "repondre_avant_le": "2023-10-04",
    },
    "fin_contradictoire": {
        **SIGNED,
        "contradictoire_le": "2023-07-04",
        "observations": [
            {"recues_le": "2023-08-01", "resume": "l'erreur vient d'un export.", "reponse": "l'export est exact."}
        ],
        "suite": "Les constats sont maintenus.\n\nIls fondent un reversement partiel.",
    },
    "proposition_ordre": {
        **SIGNED,
        "contradictoire_le": "2023-07-04",
        "constats": FINDINGS[:1],
        "bases": [
            {"libelle": "Boîtes déclarées en trop", "calcul": "5,00 × 150", "montant": 75000, "source": "AF §5.1"},
            {"libelle": "TVA correspondante", "montant": 15000, "source": "AF §5.2"},
        ],
        "montant": 90000,
    },
    "retrait": {
        **SIGNED,
        "acte": "retrait",
        "decision_le": "2023-06-05",
        "decision_reprise": "acceptation, Demande d'avance, acte n° 12",
        "constats": FINDINGS[:1],
        "contradictoire_le": "2023-07-04",
    },
    "notification_controle": {
        **BASE,
        "controle": "Le nombre de boîtes déclarées.\n\nProduisez l'extraction de l'annuaire au 30 juin 2023.",
        "repondre_avant_le": "2023-11-06",
    },
    "constat_controle": {
        **BASE,
        "controle": "L'extraction compte 250 boîtes personnelles, et non 400 (AF §5.1).",
        "repondre_avant_le": "2023-11-06",
    },
    "conclusion_controle": {
        **BASE,
        "controle": "L'erreur est établie ; la somme en cause fera l'objet d'un recouvrement.",
    },
}


@pytest.fixture(scope="session")
def programme() -> Programme:
    return open_programme("af-ope-mss")


def dossier_of(programme: Programme, name: str) -> Dossier:
    return programme.read((FIXTURES / f"{name}.json").read_bytes(), f"{name}.json")


@dataclass(frozen=True)
class Read:
    """A PDF read back by tools that did not write it: its text without spaces, its tags in order, its metadata."""

    text: str
    tags: tuple[str, ...]
    standards: dict[str, str]
    title: str
    language: str
    pages: int
    untagged: int
    scopes: int
    watermark: bool
    faults: tuple[str, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many of each tag."""
        return Counter(self.tags)

    def holds(self, text: str) -> bool:
        """Whether the text is there, wherever its lines break."""
        return squeezed(text) in self.text


def squeezed(text: str) -> str:
    """A text without its spaces: lines break at any of them."""
    return "".join(text.split())


def read_back(pdf: bytes) -> Read:
    with pdfplumber.open(io.BytesIO(pdf)) as file:
        # in the order of reading, without artifacts: page numbers, the watermark
        said = [char for page in file.pages for char in page.chars if char["tag"] != "Artifact"]
        printed = {char["text"] for page in file.pages for char in page.chars if char["tag"] == "Artifact"}
        pages, untagged = len(file.pages), sum(char["mcid"] is None for char in said)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        tags: list[str] = []
        scopes = _walk(root.StructTreeRoot, tags)
        with document.open_metadata() as metadata:
            keys = ("pdfuaid:part", "pdfaid:part", "pdfaid:conformance")
            standards = {key: str(metadata.get(key)) for key in keys}
            title = str(metadata["dc:title"])
        assert bool(root.MarkInfo.Marked)
        language = str(root.Lang)
    text = squeezed("".join(char["text"] for char in said))
    return Read(
        text, tuple(tags), standards, title, language, pages, untagged, scopes, "Ç" in printed, tuple(faults(pdf))
    )


def _walk(element: Any, tags: list[str]) -> int:
    """Collect the tags of a structure tree in their order; returns how many header cells have a scope."""
    scopes = 0
    if "/S" in element:
        tags.append(str(element.S).lstrip("/"))
        if tags[-1] == "TH":
            attributes = element.get("/A", [])
            found = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
            scopes += any("/Scope" in one for one in found)
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and ("/S" in child or "/K" in child):
            scopes += _walk(child, tags)
    return scopes
