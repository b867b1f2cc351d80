"""A whole session over stdio on the second programme, as an editor has it: what is told, proposed, shown and found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types as lsp

if TYPE_CHECKING:
    from tests.editor.conftest import Session

Told = dict[str, list[lsp.Diagnostic]]


def coded(told: Told, uri: str, code: str) -> list[lsp.Diagnostic]:
    return [one for one in told.get(uri, []) if one.code == code]


@pytest.fixture
def rules(session: Session, pack: Path) -> str:
    """The rules of a copy of the second programme, open."""
    return session.open(pack / "regles" / "prime.yaml")


def test_a_misspelt_field_is_told_while_typing_and_cleared_when_it_is_right_again(session: Session, rules: str) -> None:
    right = session.texts[rules]
    session.write(rules, right.replace("velo.prix <= plafond", "velo.prx <= plafond"))
    session.until(lambda told: bool(coded(told, rules, "EXP-NOM")))
    (one,) = coded(session.told, rules, "EXP-NOM")
    message, help = one.message.split("\n")
    assert message == "champ inconnu : `velo.prx`"
    assert help.startswith("Vouliez-vous dire `velo.prix` ou `velo` ? Un champ nouveau se déclare")
    assert one.severity is lsp.DiagnosticSeverity.Error
    line = session.texts[rules].splitlines()[one.range.start.line]
    assert line[one.range.start.character : one.range.end.character] == "velo.prx"
    session.write(rules, right)
    session.until(lambda told: not coded(told, rules, "EXP-NOM"))


def test_a_name_taken_out_of_one_file_is_told_in_the_others(session: Session, rules: str, pack: Path) -> None:
    parameters = session.open(pack / "parametres.yaml")
    session.write(parameters, session.texts[parameters].replace("  plafond:", "  plafon:"))
    files = [(pack / "regles" / name).as_uri() for name in ("montants.yaml", "prime.yaml")]
    session.until(lambda told: any(coded(told, file, "EXP-NOM") for file in files))
    session.close(parameters)
    session.until(lambda told: not any(coded(told, file, "EXP-NOM") for file in files))


def test_half_written_yaml_is_told_in_french_and_the_names_of_the_pack_are_still_known(
    session: Session, rules: str
) -> None:
    broken = session.texts[rules].replace("vaut: beneficiaire.revenu_fiscal <= revenu_modeste", "vaut: [ben")
    session.write(rules, broken)
    session.until(lambda told: any(str(one.code).startswith(("YAML-", "PAQ-")) for one in told.get(rules, [])))
    session.write(rules, broken.replace("condition: beneficiaire.majeur = vrai", "condition: beneficiaire.ma"))
    assert {"beneficiaire.majeur", "plafond", "foyer_modeste"} <= session.completion(rules, "beneficiaire.ma").keys()


def test_a_repair_that_is_certain_is_offered(session: Session, pack: Path) -> None:
    parameters = session.open(pack / "parametres.yaml")
    session.write(parameters, session.texts[parameters].replace('valeur: "400.00"', 'valeur: "400,00"'))
    session.until(lambda told: any(one.data for one in told.get(parameters, [])))
    told = [one for one in session.told[parameters] if one.data]
    context = lsp.CodeActionContext(told)
    params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(parameters), told[0].range, context)
    (action,) = session.wait(session.client.text_document_code_action_async(params)) or []
    assert isinstance(action, lsp.CodeAction)
    assert action.edit is not None
    assert action.edit.changes is not None
    (edit,) = action.edit.changes[parameters]
    assert "400.00" in edit.new_text
    assert edit.range == told[0].range


@pytest.mark.parametrize(
    ("before", "proposed"),
    [
        ("condition: velo.pr", {"velo.prix", "plafond", "foyer_modeste", "decale", "vrai"}),
        ("un vélo sans moteur : {velo.pr", {"velo.prix", "plafond"}),
        ('appreciation: "Le vélo de {beneficiaire.n', {"beneficiaire.nom"}),
        ('condition: velo.prix <= plafond * 10\n    si_f', {"si_faux", "exemples", "aupres_de"}),
        ("si_faux: {consequence: sign", {"rejeter", "completer", "signaler"}),
        ("demandes: [prime, adh", {"prime", "adhesion", "recouvrement"}),
    ],
)  # fmt: skip
def test_what_fits_a_place_is_proposed(session: Session, rules: str, before: str, proposed: set[str]) -> None:
    assert proposed <= session.completion(rules, before).keys()


def test_the_closed_values_of_a_field_are_all_that_is_proposed_for_it(session: Session, rules: str) -> None:
    found = session.completion(rules, 'quand: beneficiaire.statut = "asso')
    assert list(found) == ["particulier", "association"]


def test_a_key_of_another_nature_is_not_proposed(session: Session, rules: str) -> None:
    found = session.completion(rules, "condition: velo.prix <= plafond * 10\n    si_f")
    assert not {"si_absente", "si_depasse", "etapes"} & found.keys()


def test_what_is_proposed_is_explained_in_french_and_replaces_the_word_alone(session: Session, rules: str) -> None:
    item = session.completion(rules, "velo.prix <= plaf")["plafond"]
    assert isinstance(item.documentation, lsp.MarkupContent)
    assert "Plafond de la prime" in item.documentation.value
    assert isinstance(item.text_edit, lsp.TextEdit)
    line = session.texts[rules].splitlines()[item.text_edit.range.start.line]
    assert line[item.text_edit.range.start.character : item.text_edit.range.end.character] == "plafond"


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (
            "velo.prix <= plaf",
            ("Plafond de la prime** : montant", "reçue aujourd'hui : **400,00\u00a0€**", "la réception"),
        ),
        ("quand: velo.elec", ("booleen", "champ du dossier* `velo.electrique`")),
        ("si: deca", ("Décale d'une durée", "mois_suivant")),
        ("    deduct", ("**Déduction**", "comme un champ")),
        ("- id: FOYER-MOD", ("Le foyer est modeste", "art. 3")),
    ],
)
def test_a_hover_says_what_a_word_is(session: Session, rules: str, before: str, words: tuple[str, ...]) -> None:
    shown = session.hover(rules, before)
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize(
    ("before", "file", "line"),
    [
        ("quand: non foyer_m", "prime.yaml", "- id: FOYER-MODESTE"),
        ("montant: min(velo.prix * part_de", "parametres.yaml", "part_de_la_commune:"),
        ("montant: min(velo.pr", "dossier.schema.json", '"prix": {'),
        ("montant: prime_de", "montants.yaml", "- id: PRIME-DE-BASE"),
    ],
)
def test_a_name_leads_to_its_definition(session: Session, pack: Path, before: str, file: str, line: str) -> None:
    amounts = session.open(pack / "regles" / "montants.yaml")
    found = session.definition(amounts, before)
    assert found is not None
    assert found[0] == file
    assert found[1].startswith(line)


def test_the_plan_of_a_file_lists_its_rules(session: Session, rules: str) -> None:
    params = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(rules))
    found = session.wait(session.client.text_document_document_symbol_async(params)) or []
    assert [one.name for one in found] == [
        "FACTURE", "DOMICILE", "MAJORITE", "DELAI-DEMANDE", "VELO-MUSCULAIRE", "FOYER-MODESTE", "USAGE",
    ]  # fmt: skip
    assert isinstance(found[0], lsp.DocumentSymbol)
    assert found[0].detail == "Facture du vélo"


def test_a_file_outside_any_pack_is_left_alone(session: Session, tmp_path: Path) -> None:
    alone = session.open(tmp_path / "notes.yaml", "a: [\n  zut")
    assert session.completion(alone, "zut") == {}
    assert session.hover(alone, "zut") == ""
    assert session.definition(alone, "zut") is None
    assert alone not in session.told


def test_a_pack_that_disappears_takes_its_faults_with_it(session: Session, rules: str, pack: Path) -> None:
    session.write(rules, session.texts[rules].replace("velo.prix <= plafond", "velo.prx <= plafond"))
    session.until(lambda told: bool(coded(told, rules, "EXP-NOM")))
    (pack / "programme.yaml").unlink()
    session.write(rules, session.texts[rules] + "\n")
    session.until(lambda told: not told[rules])


def test_positions_count_code_units_past_an_astral_character_and_carriage_returns(session: Session, rules: str) -> None:
    text = session.texts[rules].replace("Prix élevé pour un vélo", "🚲 Prix élevé pour un vélo").replace("\n", "\r\n")
    session.write(rules, text.replace("{velo.prix}.", "{velo.prx}."))
    session.until(lambda told: bool(coded(told, rules, "EXP-NOM")))
    (one,) = coded(session.told, rules, "EXP-NOM")
    line = session.texts[rules].split("\r\n")[one.range.start.line].encode("utf-16-le")
    start, end = one.range.start.character * 2, one.range.end.character * 2
    assert line[start:end].decode("utf-16-le") == "velo.prx"


def test_a_question_that_fails_ends_nothing(session: Session, rules: str) -> None:
    nowhere = lsp.HoverParams(lsp.TextDocumentIdentifier("untitled:sans-nom"), lsp.Position(10**6, 10**6))
    assert session.wait(session.client.text_document_hover_async(nowhere)) is None
    assert session.hover(rules, "velo.prix <= plaf") != ""
