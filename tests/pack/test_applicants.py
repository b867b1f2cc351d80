"""`demandeurs.yaml`: names that exist, values that the schema accepts, no value of a parameter written again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import recevable
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.lint.run import lint
from recevable.pack import applicants
from recevable.pack.loader import load
from recevable.pack.source import FolderSource, OverlaidSource

ROOT: Final = Path(recevable.__file__).parents[2]
FOLDER: Final = ROOT / "rules" / "af-ope-mss"
SMALL: Final = """\
profils:
  acheteur: {titre: Acheteur, cout: "Au plus {plafond}."}
etapes:
  - {titre: Demander, demande: avance, ouvre: ouverture_services_asp, ferme: fin_depot_avance, source: AF §2}
ecarts:
  - {sujet: Qui, page: {dit: L'un., source: Une page}, texte: {dit: L'autre., source: AF §1.1}, retenu: Le texte.}
simulateur:
  suppose:
    - {dit: À la date du {date_cloture}., donne: {ans.annuaire.extrait_le: "{cloture_financement}"}, demandes: [solde]}
  questions:
    - {champ: solde.recue_le, question: Quand ?}
    - question: Versé ?
      saisie: {dit: Combien, type: montant}
      choix:
        - {dit: Oui, donne: {paiements: [{demande: avance, montant: "{saisie}"}]}}
        - {dit: Non, donne: {paiements: absent}}
""".replace("dit: À la date du {date_cloture}.", 'dit: "À la date du {date_cloture}."')


def found(text: str) -> list[Diagnostic]:
    source = OverlaidSource(FolderSource(FOLDER), {applicants.APPLICANTS: text.encode()})
    return applicants.verify(source, PACK)


PACK: Final = load(FOLDER)


def test_a_pack_may_say_nothing_to_applicants() -> None:
    second = ROOT / "tests" / "second_programme" / "prime-velo"
    assert applicants.read(second) == applicants.Applicants()
    assert applicants.verify(second, load(second)) == []


def test_what_is_right_is_read() -> None:
    assert found(SMALL) == []
    read = applicants.read(OverlaidSource(FolderSource(FOLDER), {applicants.APPLICANTS: SMALL.encode()}))
    assert [question.fields for question in read.questions] == [("solde.recue_le",), ("paiements",)]
    given = read.questions[1].choices[0].given["paiements"].value
    assert applicants.needs_entry(given)
    assert applicants.typed(given, "1.00") == [{"demande": "avance", "montant": "1.00"}]
    assert read.questions[1].choices[1].given["paiements"].value is None


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("acheteur: {", "achteur: {", "PAQ-VALEUR", "achteur"),
        ("demande: avance, ouvre", "demande: avances, ouvre", "PAQ-DEMANDE", "avances"),
        ("ouvre: ouverture_services_asp", "ouvre: plafond", "PAQ-CHAMP", "plafond"),
        ("ferme: fin_depot_avance", "ferme: fin_depot_avanc", "PAQ-CHAMP", "fin_depot_avanc"),
        ("{plafond}", "{plafon}", "EXP-NOM", "plafon"),
        ("{plafond}", "{plafond", "EXP-SYNTAXE", "{"),
        ("{plafond}", "250 000 €", "EXP-VALEUR", "250 000"),
        ("{plafond}", "250 000,00 €", "EXP-VALEUR", "250 000,00"),
        ("{date_cloture}.", "30 juin 2023.", "EXP-VALEUR", "30 juin 2023"),
        ("champ: solde.recue_le", "champ: solde.recu_le", "PAQ-CHAMP", "{"),
        ("ans.annuaire.extrait_le:", "ans.annuaire.extrait:", "PAQ-CHAMP", "ans.annuaire.extrait"),
        ('"{cloture_financement}"', '"{cloture}"', "EXP-NOM", '"{cloture}"'),
        ('"{cloture_financement}"', "demain", "PAQ-VALEUR", "demain"),
        ("demande: avance, montant", "demande: avanc, montant", "PAQ-VALEUR", "["),
        ("champ: solde.recue_le", "champ: paiements", "PAQ-DOUBLON", "q"),
        ("demandes: [solde]", "demandes: [soldes]", "PAQ-DEMANDE", "soldes"),
    ],
)
def test_a_fault_is_told_at_its_place(old: str, new: str, code: str, place: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert text != SMALL
    (diagnostic,) = found(text)
    assert diagnostic.code == code
    assert diagnostic.help
    assert diagnostic.span is not None
    line = text.split("\n")[diagnostic.span.line - 1]
    assert line[diagnostic.span.column - 1 :].startswith(place[:1])
    assert place in line


def test_a_date_beside_a_number_is_no_value_of_the_text() -> None:
    assert found(SMALL.replace("{plafond}", "1 250 000 €", 1)) == []


def test_lint_reads_it_with_the_rest() -> None:
    wrong = SMALL.replace("AF §2", "AF §9").replace("{plafond}", "{plafon}").encode()
    source = OverlaidSource(FolderSource(FOLDER), {applicants.APPLICANTS: wrong})
    from datetime import date

    said = [one for one in lint(source, date(2026, 11, 29)) if one.span and one.span.file == applicants.APPLICANTS]
    assert sorted((one.code, one.severity) for one in said) == [
        ("EXP-NOM", Severity.ERROR),
        ("SRC-SECTION", Severity.ERROR),
    ]


def test_a_file_that_is_no_mapping_is_refused() -> None:
    source = OverlaidSource(FolderSource(FOLDER), {applicants.APPLICANTS: b"- un\n"})
    with pytest.raises(DiagnosticError):
        applicants.read(source)
