"""`proprietes.yaml`: phrases in the language of the rules, with a few words that say what is decided."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from recevable import data
from recevable.lint.run import lint
from recevable.pack import properties, requirements
from recevable.pack.source import FolderSource
from recevable.programme import open_programme

HEAD = "proprietes:\n  - id: PRO-UN\n    titre: Une phrase\n    source: Décret, Dépôt\n    demande: aide\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "rules" / "reconditionneurs"
    shutil.copytree(data.shipped("rules") / "reconditionneurs", found)
    shutil.copytree(data.shipped("schemas") / "reconditionneurs", tmp_path / "schemas" / "reconditionneurs")
    return found


def said(folder: Path, text: str) -> list[str]:
    """The faults of a file, as `line:code message (help)`."""
    (folder / properties.PROPERTIES).write_text(text, "utf-8")
    programme = open_programme(folder, prepared=False)
    found = properties.verify(FolderSource(folder), programme.compiled, None)
    return [f"{one.span.line if one.span else 0}:{one.code} {one.message} ({one.help})" for one in found]


@pytest.mark.parametrize(
    "claim",
    [
        'verdict(aide) = "accepter"',
        "provisoire(aide) = vrai",
        "a_payer(aide) > aide_calculee",
        'constat("DEP-DELAI") = "non_satisfait"',
        "aide_accordee > plafond_de_minimis",
        "aide_reglee",
    ],
)
def test_a_property_reads_what_rules_read_and_what_is_decided(folder: Path, claim: str) -> None:
    assert said(folder, f"{HEAD}    jamais: {claim}\n") == []


def test_a_property_about_recovery_reads_its_cases(folder: Path) -> None:
    head = HEAD.replace("demande: aide", "demande: recouvrement")
    claim = 'recouvrement("REC-CONTROLE") = "ordonner" et montant_indu("REC-CONTROLE") > total_verse'
    assert said(folder, f"{head}    jamais: {claim}\n") == []


def test_a_comparison_reads_each_dossier(folder: Path) -> None:
    pair = "    deux_dossiers: {different: [aide.recue_le]}\n"
    claim = 'premier.aide_accordee = second.aide_accordee et constat("premier.DEP-DELAI") = "satisfait"'
    assert said(folder, f"{HEAD}{pair}    toujours: {claim} et verdict(second.aide) = verdict(premier.aide)\n") == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            'jamais: verdict(aides) = "accepter"',
            "`verdict` ne connaît pas `aides` (Vouliez-vous dire `aide` ?)",
        ),
        ('jamais: verdict(aide) = "accepte"', "EXP-TYPE"),
        ("jamais: verdict() = 1", "EXP-TYPE"),
        ('jamais: constat("DEP-DELAIS") = "manquant"', "EXP-NOM `constat` ne connaît pas `DEP-DELAIS`"),
        ("jamais: constat(DEP) = 1", "EXP-TYPE `constat` s'emploie autrement"),
        ('jamais: recouvrement("REC-CONTROLE") = "ordonner"', "EXP-TYPE `recouvrement(…)` se lit au recouvrement"),
        ('jamais: constat("REC-CONTROLE") = "manquant"', "EXP-TYPE la règle `REC-CONTROLE` ne porte pas sur `aide`"),
        ("jamais: total_verse > 0", "EXP-TYPE `total_verse` ne se calcule pas pour `aide`"),
        ("jamais: a_payer(aide)", "EXP-TYPE `booleen` attendu ici, `montant` trouvé"),
        ("jamais: a_payer(aide) >", "EXP-SYNTAXE"),
        ("jamais: vrai\n    toujours: vrai", "PAQ-CLE-MANQUANTE"),
        ("quand: vrai", "PAQ-CLE-MANQUANTE"),
        ("jamais: vrai\n    deux_dossiers: {different: [aide.voi]}", "PAQ-CHAMP `aide.voi` n'est pas une donnée"),
        ("jamais: vrai\n    deux_dossiers: {donnees_otees: true, different: [aide.voie]}", "PAQ-BLOC"),
        ("jamais: vrai\n    deux_dossiers: {different: [aide.voie], sauf: [aide.voie]}", "PAQ-BLOC"),
        ('jamais: verdict(aide) = "accepter"\n    deux_dossiers: {different: [aide.voie]}', "EXP-TYPE"),
        ("jamais: vrai\n    exigence: [REQ-1]", "PAQ-CLE-INCONNUE"),
    ],
)
def test_a_fault_is_said_at_its_line(folder: Path, lines: str, expected: str) -> None:
    found = said(folder, f"{HEAD}    {lines}\n")
    assert any(expected in one and not one.startswith("0:") for one in found), found


def test_an_unknown_request_and_a_second_use_of_an_identifier_are_faults(folder: Path) -> None:
    assert "demande inconnue" in said(folder, HEAD.replace("demande: aide", "demande: aid") + "    jamais: vrai\n")[0]
    twice = HEAD + "    jamais: vrai\n" + HEAD.removeprefix("proprietes:\n") + "    jamais: vrai\n"
    assert "figure déjà ligne 2" in said(folder, twice)[0]


def test_an_unknown_requirement_is_a_fault_of_lint(folder: Path) -> None:
    (folder / properties.PROPERTIES).write_text(f"{HEAD}    exigences: [REQ-NULLE]\n    jamais: vrai\n", "utf-8")
    found = lint(FolderSource(folder), date(2026, 11, 29))
    assert [one.code for one in found if one.span and "proprietes" in one.span.file] == ["TRA-EXIGENCE"]


@pytest.mark.parametrize("name", ["af-ope-mss", "reconditionneurs"])
def test_the_shipped_properties_are_valid_and_cite_the_inventory(name: str) -> None:
    programme = open_programme(name, prepared=False)
    inventory = requirements.read(programme.source)
    assert properties.verify(programme.source, programme.compiled, inventory) == []
    found = properties.read(programme.source)
    assert all(one.requirements for one in found)
    assert len(found) >= {"af-ope-mss": 80, "reconditionneurs": 15}[name]
