"""The facts of an example are of the type of their field; a slip is shown, never taken for true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recevable.language.diagnostics import Diagnostic, Span
from recevable.pack.examples import read_examples
from recevable.programme import open_programme
from recevable.trials.examples import ExampleResult, run_example

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

EXAMPLE = '      - {avec: {}, resultat: "non_satisfait:absente"}\n'


def played(pack: PackFolder) -> tuple[list[bool], list[Diagnostic]]:
    """Which examples pass, and which cannot be read."""
    faults: list[Diagnostic] = []
    return [result.passed for result in results(pack, faults)], faults


def results(pack: PackFolder, faults: list[Diagnostic]) -> list[ExampleResult]:
    """What comes of every example that can be read."""
    decider = open_programme(pack.root, prepared=False).decider
    return [run_example(example, decider) for example in read_examples(decider.compiled, faults)]


def fault(pack: PackFolder) -> Diagnostic:
    _, found = played(pack)
    assert len(found) == 1, [f"{d.span} {d.message}" for d in found]
    assert pack.expected is not None
    assert found[0].span is not None
    assert str(found[0].span) == str(pack.expected), found[0]
    assert found[0].help.endswith((".", "?")), found[0]
    return found[0]


def test_the_examples_of_the_small_pack_pass(pack: PackFolder) -> None:
    assert played(pack) == ([True, True], [])


@pytest.mark.parametrize(
    "facts",
    [
        "aide.facture.lisible: false",
        "aide.nombre: 12",
        'aide.facture.prix: "12.50"',
        "aide.facture.acquittee_le: 2023-06-30",
        'aide.recue_le: "2023-06-30T12:00:00"',
        "demandeur.profil: association",
        "demandeur.nom: 1234",
        'aide.facture: {prix: "12.50", lisible: true}',
        "aide.facture: {}",
        'prime: "12.00"',
        "est_particulier: true",
        "appreciations.AID-RETARD-EXCUSE: {reponse: oui, auteur: x, motif: x, le: 2023-06-01, expire_le: 2024-06-01}",
    ],
)
def test_a_fact_of_its_type_is_taken(pack: PackFolder, facts: str) -> None:
    pack.edit(EXAMPLE, f"      - {{avec: {{{facts}}}, resultat: sans_objet}}\n")
    assert played(pack)[1] == []


@pytest.mark.parametrize(
    ("facts", "help"),
    [
        ("aide.facture.lisible: ▸oui", "Écrivez `true`."),
        ("aide.facture.lisible: ▸non", "Écrivez `false`."),
        ('aide.facture.lisible: ▸"true"', "Écrivez `true`."),
        ("aide.facture.lisible: ▸1", "Écrivez `true`."),
        ("aide.nombre: ▸douze", "Écrivez un nombre entier, comme `12`."),
        ('aide.nombre: ▸"12"', "Écrivez `12`."),
        ("aide.nombre: ▸1.5", "un nombre entier"),
        ("aide.nombre: ▸1 200", "Écrivez `1200`."),
        ("aide.facture.prix: ▸12.50", 'Écrivez `"12.50"`.'),
        ('aide.facture.prix: ▸"12,50"', 'Écrivez `"12.50"`.'),
        ("aide.facture.acquittee_le: ▸30/06/2023", 'Écrivez `"2023-06-30"`.'),
        ("aide.recue_le: ▸2023-06-30", "un instant, comme"),
        ("aide.facture.acquittee_le: ▸0203-06-30", "Vérifiez l'année."),
        ('aide.recue_le: ▸"2203-06-30T12:00:00"', "Vérifiez l'année."),
        ("demandeur.profil: ▸asociation", "`association`"),
        ("demandeur.profil: ▸Association", "Écrivez `association`."),
        ("demandeur.nom: ▸[Durand]", "Écrivez un texte."),
        ("aide.facture: ▸jointe", "des clés, comme"),
        ("aide.facture: {lisible: ▸oui}", "Écrivez `true`."),
        ("aide.facture: {▸lisibl: true}", "`lisible`"),
        ("aide: {▸facture.lisible: true}", "ici, `facture: {lisible: …}`."),
        ("▸aide.factur.lisible: true", "`aide.facture.lisible`"),
        ('prime: ▸"12,00"', 'Écrivez `"12.00"`.'),
        ("est_particulier: ▸vrai", "Écrivez `true`."),
    ],
)
def test_a_fact_that_is_not_of_its_type_is_shown(pack: PackFolder, facts: str, help: str) -> None:
    pack.edit(EXAMPLE, f"      - {{avec: {{{facts}}}, resultat: sans_objet}}\n")
    assert help in fault(pack).help


@pytest.mark.parametrize(
    ("example", "code", "help"),
    [
        ("▸rien", "EXE-FORME", "Écrivez `- {avec"),
        ("{avec: {}, resultat: ▸absente}", "EXE-RESULTAT", "`non_satisfait:absente`"),
        ("{avec: {}, resultat: satisfait, au: ▸30/06/2023}", "PAQ-DATE", '"2023-06-30"'),
        ("{avec: {}, ▸resultats: satisfait}", "PAQ-CLE-INCONNUE", "`resultat`"),
        ("▸{avec: {}}", "PAQ-CLE-MANQUANTE", "`resultat: …`"),
        ("▸{resultat: satisfait}", "PAQ-CLE-MANQUANTE", "`avec: …`"),
        ("{avec: {}, resultat: satisfait, demande: ▸recouvrement}", "PAQ-VALEUR", "`aide`"),
        ("{avec: {}, ▸valeur: 3}", "EXE-VALEUR", "`resultat: …`"),
    ],
)
def test_an_example_that_cannot_be_read_is_shown(pack: PackFolder, example: str, code: str, help: str) -> None:
    pack.edit(EXAMPLE, f"      - {example}\n")
    found = fault(pack)
    assert found.code == code, found
    assert help in found.help


@pytest.mark.parametrize(
    ("rule", "value", "help"),
    [
        ('    vaut: demandeur.profil = "particulier"\n', "▸vrai", "Écrivez `true`."),
        ("    nom: prime\n", '▸"12,50"', 'Écrivez `"12.50"`.'),
        ("    nom: prime\n", "▸beaucoup", "Écrivez un nombre entre guillemets, ou `manquant`."),
    ],
)
def test_a_value_that_cannot_be_compared_is_shown(pack: PackFolder, rule: str, value: str, help: str) -> None:
    pack.edit(rule, f"{rule}    exemples:\n      - {{avec: {{}}, valeur: {value}}}\n")
    found = fault(pack)
    assert (found.code, help in found.help) == ("EXE-VALEUR", True), found


def test_an_example_that_fails_says_where_it_is(pack: PackFolder) -> None:
    pack.edit(EXAMPLE, EXAMPLE.replace("- {", "- ▸{").replace('"non_satisfait:absente"', "satisfait"))
    failed = next(result for result in results(pack, []) if not result.passed)
    assert failed.got == "non_satisfait:absente"
    assert pack.expected is not None
    assert isinstance(failed.span, Span)
    assert str(failed.span) == str(pack.expected)
