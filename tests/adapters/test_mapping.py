"""`import.yaml`: what is wrong in it is said at its line, with what to write instead."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import recevable
from recevable.adapters.convert import ACCEPTED
from recevable.adapters.registry import verify
from recevable.language.diagnostics import Diagnostic

GOOD = """\
demarche-numerique:
  demarches: [12]
  etats: [en_instruction]
  champs:
    - {champ: Nom, vers: operateur.raison_sociale}
    - {champ: Nature, vers: operateur.nature, valeurs: {Morale: personne_morale}}
    - {champ: Taux, vers: operateur.tva.taux, unite: pourcent}
    - {champ: Moi, vers: operateur.depositaire.est_representant_legal, decochee: non}
    - {champ: RIB, piece: enrolement.pieces.rib}
    - {champ: Versements, liste: paiements, champs: [{champ: Somme, vers: montant}]}
  annotations:
    - {id: QQ==, vers: ans.espace_de_confiance}
  dossier:
    - {donnee: numero, vers: reference}
  constantes:
    - {vers: solde.voie, valeur: teleservice}
    - {vers: ans.service_en_production, valeur: oui}
  ignores: [Notice]
"""


@cache
def programme() -> recevable.Programme:
    return recevable.open_programme("af-ope-mss")


def with_mapping(text: str) -> recevable.MemorySource:
    return recevable.MemorySource({**programme().files(), "import.yaml": text.encode()})


def said(text: str) -> list[Diagnostic]:
    return verify(with_mapping(text), programme().pack)


def test_a_mapping_of_every_form_is_sound() -> None:
    assert said(GOOD) == []


def test_the_mapping_of_the_documentation_is_sound() -> None:
    text = (Path(__file__).parents[2] / "docs" / "adaptateurs.md").read_text("utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert said(example) == []


def test_the_documentation_says_which_answers_each_field_takes() -> None:
    text = (Path(__file__).parents[2] / "docs" / "adaptateurs.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (?:un |une )([^|(]+?) \| ([^|]+) \|", text, re.MULTILINE))
    called = {"texte": "texte", "nombre entier": "entier", "montant": "montant", "taux": "taux", "date": "date",
              "instant": "instant", "vrai ou faux": "booleen"}  # fmt: skip
    words = {"texte": "texte|choix", "entier": "nombre", "decimal": "nombre", "date": "date", "instant": "heure",
             "booleen": "oui ou non", "case": "case"}  # fmt: skip
    for name, kind in called.items():
        for answer in ACCEPTED[kind]:
            # a number may be typed as a text
            assert re.search(words[answer], rows[name]) or answer == "texte", (name, answer)


def test_lint_says_what_is_wrong_in_a_mapping_and_an_import_refuses_it() -> None:
    wrong = with_mapping(GOOD.replace("personne_morale", "personne_moral"))
    (found,) = (one for one in recevable.lint_pack(wrong, date(2023, 9, 4)) if one.code == "PAQ-VALEUR")
    assert str(found.span) == "import.yaml:6:65"
    with pytest.raises(recevable.InvalidPack, match="personne_moral"):
        recevable.import_formats(recevable.open_programme(wrong))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("demarche-numerique:", "demarche-numerik:", 1, "la clé `demarche-numerik` est inconnue"),
        ("  etats: [en_instruction]\n", "", 2, "il manque la clé `etats`"),
        ("en_instruction", "en_instructio", 3, "`en_instructio` n'est pas l'état d'un dossier"),
        ("[12]", "[douze]", 2, "`douze` n'est pas le numéro d'une démarche"),
        ("champ: Nom, ", "", 5, "il manque la clé `champ`"),
        ("vers: operateur.raison_sociale", "vers: operateur.raison_social", 5, "n'est pas un champ du schéma"),
        ("vers: operateur.raison_sociale", "vers: operateur", 5, "n'est pas un renseignement"),
        ("vers: operateur.raison_sociale", 'vers: "paiements[].montant"', 5, "n'est pas un champ du schéma"),
        ("vers: operateur.raison_sociale", "vers: operateur.raison_sociale, unite: pourcent", 5, "que d'un taux"),
        ("vers: operateur.raison_sociale", "vers: operateur.raison_sociale, decochee: non", 5, "vrai ou faux"),
        ("vers: operateur.raison_sociale", "vers: operateur.raison_sociale, valeurs: {a: b}", 5, "que d'une énumé"),
        ("personne_morale", "personne_moral", 6, "`personne_moral` n'est pas une valeur de `operateur.nature`"),
        ("unite: pourcent", "unite: pourcents", 7, "`pourcents` n'est pas une valeur de `unite`"),
        ("decochee: non", "decochee: faux", 8, "`faux` n'est pas une valeur de `decochee`"),
        ("piece: enrolement.pieces.rib", "piece: enrolement.pieces.rib.iban", 9, "n'est pas une pièce du programme"),
        ("piece: enrolement.pieces.rib", "piece: enrolement.pieces.rib, unite: fraction", 9, "ne se disent que d'un"),
        ("liste: paiements", "liste: operateur", 10, "n'est pas une liste d'objets"),
        (", champs: [{champ: Somme, vers: montant}]", "", 10, "un bloc répétable a des `champs`"),
        ("vers: montant", "vers: montants", 10, "`montants` n'est pas un champ du schéma"),
        ("donnee: numero", "donnee: numro", 14, "`numro` n'est pas une donnée de ce format"),
        ("vers: solde.voie, valeur: teleservice", "vers: solde.voie, valeur: poste", 16, "`poste` n'est pas"),
        ("vers: solde.voie", "vers: operateur.siret", 16, "n'est ni une énumération ni un vrai ou faux"),
        ("valeur: oui", "valeur: vrai", 17, "`vrai` n'est pas une valeur"),
        ("[Notice]", "[Notice, Nom]", 18, "« Nom » est à la fois repris et ignoré"),
        ("    - {champ: RIB,", "    - {champ: Nom, vers: operateur.raison_sociale}\n    - {champ: RIB,", 9, "déjà"),
        ("    - {id: QQ==,", "    - {id: QQ==, ids: x,", 12, "la clé `ids` est inconnue"),
    ],
)  # fmt: skip
def test_a_fault_is_said_at_its_line(old: str, new: str, line: int, words: str) -> None:
    assert GOOD.count(old) == 1
    found = [one for one in said(GOOD.replace(old, new)) if words in one.message]
    assert len(found) == 1, [one.message for one in said(GOOD.replace(old, new))]
    assert found[0].span is not None
    assert found[0].span.line == line
    assert found[0].help.rstrip(" ?.") != found[0].help, found[0]


@pytest.mark.parametrize(
    "text", ["- a\n", "", "texte\n", "demarche-numerique: [a]\n", "demarche-numerique: &a {etats: []}\n"]
)
def test_what_is_no_mapping_at_all_is_refused(text: str) -> None:
    assert said(text)
