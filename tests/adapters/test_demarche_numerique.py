"""The exports of démarche numérique: read as they are written, converted exactly, and nothing guessed."""

from __future__ import annotations

import base64
import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import recevable
from recevable import data
from recevable.adapters import demarche_numerique as adapter

HERE = Path(__file__).parent
NAME = "demarche-numerique"
NATIVE = data.shipped("fixtures") / "af-ope-mss" / "solde-cinq-defauts.json"
DAY = date(2023, 9, 4)
ANSWERS, ANNOTATIONS = "champs", "annotations"
RIB = "Demande d'enrôlement – Relevé d'identité bancaire"


@pytest.fixture(scope="module")
def programme() -> recevable.Programme:
    return recevable.open_programme("af-ope-mss")


@pytest.fixture
def export() -> dict[str, Any]:
    return dict(json.loads((HERE / "exports" / "dossier.json").read_bytes()))


def champ(export: dict[str, Any], label: str, of: str = ANSWERS) -> dict[str, Any]:
    (found,) = (one for one in export["data"]["dossier"][of] if one["label"] == label)
    assert isinstance(found, dict)
    return found


def imported(programme: recevable.Programme, export: Any) -> list[recevable.ImportedDossier]:
    content = export if isinstance(export, bytes) else json.dumps(export, ensure_ascii=False, indent=1).encode()
    return list(recevable.import_export(programme, content, "export.json", NAME))


def only(programme: recevable.Programme, export: Any) -> recevable.ImportedDossier:
    (found,) = imported(programme, export)
    return found


def refused(programme: recevable.Programme, export: Any, words: str) -> recevable.Diagnostic:
    """The only fault, which says these words, is at a line of the export, and says what to do."""
    found = only(programme, export)
    assert found.content == b""
    matching = [one for one in found.faults if words in one.message]
    assert matching, [one.message for one in found.faults]
    assert matching[0].help.endswith((".", "?")), matching[0]
    assert matching[0].span is not None
    return matching[0]


# --- the whole path ---------------------------------------------------------------------------------------------------


def test_an_export_gives_the_dossier_that_decides_as_the_native_one(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    found = only(programme, export)
    assert (found.faults, found.remarks, found.name) == ((), (), "demarche-numerique-123456")
    native = {"reference": "123456", **json.loads(NATIVE.read_bytes())}
    assert json.loads(found.content) == native
    answers = [
        programme.to_json(programme.decide(programme.read(content, "d"), DAY))
        for content in (found.content, json.dumps(native).encode())
    ]
    first, second = (json.loads(one) for one in answers)
    assert first["demandes"] == second["demandes"]
    assert first["recouvrement"] == second["recouvrement"]
    assert first["demandes"]["solde"]["verdict"] == "completer"


def test_the_pieces_are_named_with_their_place_and_digest_and_never_their_address(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    found = only(programme, export)
    (rib,) = (one for one in found.pieces if one.place == "enrolement.pieces.rib")
    assert rib.name == "rib.pdf"
    assert len(rib.md5) == 32
    assert rib.size == len(b"%PDF-1.7 enrolement.pieces.rib")
    assert "secret" not in repr(found)


def test_the_shipped_mapping_is_sound_and_its_checker_finds_nothing(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    assert [one.name for one in recevable.import_formats(programme)] == [NAME]
    content = json.dumps(export).encode()
    assert recevable.check_import(programme, content, "export.json", NAME) == []


@pytest.mark.parametrize("holder", ["demarche", "groupeInstructeur"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_page_of_dossiers_is_read_one_by_one(
    programme: recevable.Programme, export: dict[str, Any], holder: str, wrapped: bool
) -> None:
    first = export["data"]["dossier"]
    second = {**copy.deepcopy(first), "number": 7, "state": "accepte"}
    third = {**copy.deepcopy(first), "number": 8}
    page = {holder: {"number": 98765, "dossiers": {
        "pageInfo": {"hasNextPage": True, "endCursor": "x"}, "nodes": [first, second, None, third]
    }}}  # fmt: skip
    whole, *found = imported(programme, {"data": page} if wrapped else page)
    assert [one.message for one in whole.remarks] == [
        "l'export s'arrête à une page : il reste d'autres dossiers à demander"
    ]
    assert [one.message.partition(" : ")[2] for one in whole.faults] == ["il faut un objet `{…}`"]
    assert [(one.name, bool(one.content)) for one in found] == [
        ("demarche-numerique-123456", True), ("demarche-numerique-7", False), ("demarche-numerique-8", True),
    ]  # fmt: skip
    assert "il est dans l'état « accepte », que l'import ne reprend pas" in found[1].faults[0].message


def test_another_form_is_refused_and_one_that_is_not_named_is_told(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    export["data"]["dossier"]["demarche"]["number"] = 1
    refused(programme, export, "la démarche n° 1 n'est pas celle de import.yaml")
    del export["data"]["dossier"]["demarche"]
    found = only(programme, export)
    assert found.content
    assert "l'export ne dit pas de quelle démarche il vient" in found.remarks[0].message


# --- nothing guessed --------------------------------------------------------------------------------------------------


def test_a_question_nobody_answered_is_no_no(programme: recevable.Programme, export: dict[str, Any]) -> None:
    """The portal writes `false` as the text of a question without an answer: only the typed value tells."""
    asked = champ(export, "Relevé d'identité bancaire – Lisible", ANNOTATIONS)
    asked["stringValue"], asked["selected"] = "false", None
    assert "lisible" not in json.loads(only(programme, export).content)["enrolement"]["pieces"]["rib"]
    asked["selected"] = False
    assert json.loads(only(programme, export).content)["enrolement"]["pieces"]["rib"]["lisible"] is False
    del asked["selected"]
    refused(programme, export, "un « non » et une absence de réponse s'y confondent")
    asked["stringValue"] = "true"
    assert json.loads(only(programme, export).content)["enrolement"]["pieces"]["rib"]["lisible"] is True


def test_an_answer_without_a_meaning_is_refused_with_its_label(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    asked = champ(export, "Opérateur MSSanté – Territoire")
    asked["stringValue"] = asked["value"] = "Saint-Martin"
    found = refused(
        programme, export, "« Opérateur MSSanté – Territoire » : la réponse « Saint-Martin » n'a pas de sens"
    )
    assert "« Métropole »" in found.help
    assert found.span is not None
    lines = json.dumps(export, ensure_ascii=False, indent=1).split("\n")
    assert "Territoire" in "".join(lines[found.span.line - 1 : found.span.line + 8])


def test_the_token_itself_is_no_answer_when_answers_are_mapped(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    champ(export, "Opérateur MSSanté – Territoire")["stringValue"] = "metropole"
    refused(programme, export, "la réponse « metropole » n'a pas de sens")


def test_a_question_that_nothing_takes_is_refused_once_it_is_answered(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    asked = champ(export, "Coordonnées de contact – Courriel")
    asked["label"] = "Adresse électronique"
    refused(programme, export, "la question « Adresse électronique » a une réponse, et import.yaml n'en dit rien")
    asked["stringValue"] = ""
    assert only(programme, export).content


def test_two_questions_of_one_label_are_refused(programme: recevable.Programme, export: dict[str, Any]) -> None:
    answers = export["data"]["dossier"][ANSWERS]
    answers.append({**champ(export, "Coordonnées de contact – Courriel"), "stringValue": "autre@ch-val.example"})
    found = refused(programme, export, "plusieurs questions s'appellent « Coordonnées de contact – Courriel »")
    assert "`id`" in found.help


def test_a_piece_without_a_file_is_not_in_the_dossier(programme: recevable.Programme, export: dict[str, Any]) -> None:
    champ(export, "Demande de solde – Guide Client final")["files"] = []
    champ(export, "Guide Client final – Format", ANNOTATIONS)["stringValue"] = ""
    assert "guide_client_final" not in json.loads(only(programme, export).content)["solde"]["pieces"]
    del champ(export, "Demande de solde – Guide Client final")["files"]
    found = imported(programme, export)
    assert "les fichiers de cette pièce manquent (`files`)" in found[0].faults[0].message


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [("20", 20.0, "0.20"), ("8.5", 8.5, "0.085"), ("0", 0.0, "0"), ("100", 100.0, "1"), ("2,1", 2.1, "0.021"),
     ("20.0000", 20, "0.20"), ("0.0001", 0.0001, None), ("120", 120.0, None), ("-1", -1.0, None)],
)  # fmt: skip
def test_a_rate_is_exact_or_refused(
    programme: recevable.Programme, export: dict[str, Any], text: str, number: float, expected: str | None
) -> None:
    asked = champ(export, "Régime de TVA – Taux de TVA")
    asked["stringValue"], asked["decimalNumber"] = text, number
    if expected is None:
        refused(programme, export, "Taux de TVA")
    else:
        assert json.loads(only(programme, export).content)["operateur"]["tva"]["taux"] == expected


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [("8000.00", 8000.0, "8000.00"), ("8000", 8000, "8000.00"), ("0.1", 0.1, "0.10"),
     ("123456789012.99", None, "123456789012.99"),
     ("8000.001", 8000.001, None), ("8000", 8001, None), ("huit mille", None, None), ("8 000,50", 8000.5, "8000.50")],
)  # fmt: skip
def test_an_amount_is_exact_or_refused(
    programme: recevable.Programme, export: dict[str, Any], text: str, number: float | None, expected: str | None
) -> None:
    (payments,) = (one for one in export["data"]["dossier"][ANNOTATIONS] if one["label"] == "Paiements")
    (asked,) = (one for one in payments["rows"][0]["champs"] if one["label"] == "Montant versé")
    asked["stringValue"], asked["decimalNumber"] = text, number
    found = imported(programme, export)
    if expected is None:
        assert found[0].content == b""
        assert found[0].faults
    else:
        assert json.loads(found[0].content)["paiements"][0]["montant"] == expected


def test_a_fault_of_the_schema_is_said_at_the_answer_that_it_comes_from(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    champ(export, "Opérateur MSSanté – Raison sociale")["stringValue"] = "A\nB"
    found = refused(programme, export, "« Opérateur MSSanté – Raison sociale » :")
    assert found.subject.startswith("/data/dossier/champs/")


def test_the_fault_of_a_row_is_that_of_its_row(programme: recevable.Programme, export: dict[str, Any]) -> None:
    (payments,) = (one for one in export["data"]["dossier"][ANNOTATIONS] if one["label"] == "Paiements")
    second = copy.deepcopy(payments["rows"][0])
    payments["rows"].append(second)
    next(one for one in second["champs"] if one["label"] == "Payé le")["date"] = "1023-05-04"
    found = refused(programme, export, "« Payé le »")
    assert "/rows/1/champs/" in found.subject


def test_an_unticked_box_means_what_the_mapping_says(programme: recevable.Programme, export: dict[str, Any]) -> None:
    asked = champ(export, "Dépositaire – Est le représentant légal")
    asked["checked"], asked["stringValue"] = False, "false"
    found = json.loads(only(programme, export).content)
    assert found["operateur"]["depositaire"]["est_representant_legal"] is False
    mute = recevable.open_programme(changed(programme, "      decochee: non\n", ""))
    refused(mute, export, "une case décochée peut vouloir dire non, ou rien")
    nothing = recevable.open_programme(changed(programme, "decochee: non", "decochee: absent"))
    assert "depositaire" not in json.loads(only(nothing, export).content)["operateur"]


def test_a_constant_makes_no_request_and_contradicts_no_answer(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    constant = "  constantes:\n    - {vers: avance.voie, valeur: postale}\n  ignores:\n"
    with_constant = recevable.open_programme(changed(programme, "  ignores:\n", constant))
    refused(with_constant, export, "« une constante » contredit une autre réponse sur `avance.voie`")
    for of in (ANSWERS, ANNOTATIONS):
        for asked in export["data"]["dossier"][of]:
            if asked["label"].startswith(("Demande d'avance", "Formulaire d'avance", "Prévisionnel", "Nombres")):
                asked.update(dict.fromkeys(("stringValue", "selected", "datetime", "value", "integerNumber"), None))
                asked["files"] = []
    assert "avance" not in json.loads(only(with_constant, export).content)


def test_an_identifier_names_a_question_whatever_its_label(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    asked = champ(export, "Coordonnées de contact – Courriel")
    asked["label"] = "Adresse électronique"
    by_id = changed(programme, 'champ: "Coordonnées de contact – Courriel"', f"id: {asked['champDescriptorId']}")
    found = json.loads(only(recevable.open_programme(by_id), export).content)
    assert found["operateur"]["contact"]["courriel"] == asked["stringValue"]


def changed(programme: recevable.Programme, old: str, new: str) -> recevable.MemorySource:
    files = programme.files()
    assert files["import.yaml"].decode().count(old) == 1
    return recevable.MemorySource({**files, "import.yaml": files["import.yaml"].decode().replace(old, new).encode()})


# --- attacks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "il n'y a rien à lire"),
        (b"{", "le fichier s'arrête"),
        (b"[]", "il faut un objet"),
        (b"{}", "ce n'est pas un export de dossiers"),
        (b'{"data": null}', "il faut un objet"),
        (b'{"errors": [{"message": "non"}], "data": {"dossier": null}}', "l'API a signalé une erreur"),
        (b'{"dossier": {"number": 1e400}}', "nombre démesuré"),
        (b'{"dossier": {"number": ' + b"9" * 10_000 + b"}}", "nombre démesuré"),
        (b'{"dossier": {"number": NaN}}', "`NaN` n'est pas une valeur JSON"),
        (b'{"dossier": {"number": 1, "number": 2}}', "figure deux fois"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "niveaux d'imbrication"),
        (b"[" * 80 + b"]" * 80, "niveaux d'imbrication"),
        (b"\xff", "n'est pas en UTF-8"),
        (b'{"demarche": {"dossiers": {"nodes": []}}}', "ne contient aucun dossier"),
        (b'{"dossier": {"number": true}}', "il faut le num"),
        (b'{"dossier": {"number": 1, "state": "en_instruction", "champs": {}}}', "il faut une liste"),
        (b'{"dossier": {"number": 1, "state": "en_instruction", "champs": [{"label": 3}]}}', "il faut un texte"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused_in_a_sentence(programme: recevable.Programme, content: bytes, words: str) -> None:
    found = imported(programme, content)
    assert all(one.content == b"" for one in found)
    faults = [fault for one in found for fault in one.faults]
    assert any(words in fault.message for fault in faults), faults
    assert all(fault.help for fault in faults)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(
        st.sampled_from(["label", "stringValue", "rows", "champs", "files", "selected", "date", "value", "id"]),
        below, max_size=4,
    ),
    max_leaves=10,
)  # fmt: skip


_WHOLE = json.loads((HERE / "exports" / "dossier.json").read_bytes())


@given(
    value=_JSON,
    rank=st.integers(0, 60),
    key=st.sampled_from(["stringValue", "selected", "files", "label", "__typename"]),
)
def test_whatever_stands_in_an_answer_an_import_ends_with_a_dossier_or_its_faults(
    programme: recevable.Programme, value: Any, rank: int, key: str
) -> None:
    export = copy.deepcopy(_WHOLE)
    # a few questions are enough, and make it ten times faster
    answers = export["data"]["dossier"][ANSWERS] = export["data"]["dossier"][ANSWERS][:30]
    export["data"]["dossier"][ANNOTATIONS] = []
    answers[rank % len(answers)][key] = value
    for one in imported(programme, export):
        assert bool(one.content) != bool(one.faults)


def test_a_large_export_is_read_without_places(programme: recevable.Programme, export: dict[str, Any]) -> None:
    export["data"]["dossier"]["remplissage"] = "x" * 2_100_000
    champ(export, "Opérateur MSSanté – Territoire")["stringValue"] = "Ailleurs"
    found = only(programme, export)
    assert found.faults[0].span is not None
    assert (found.faults[0].span.line, found.faults[0].subject[:5]) == (1, "/data")


# --- the checker of mappings ------------------------------------------------------------------------------------------


def checked(programme: recevable.Programme, export: dict[str, Any]) -> list[str]:
    return [one.message for one in recevable.check_import(programme, json.dumps(export).encode(), "export.json", NAME)]


def test_the_checker_tells_questions_that_are_lacking_and_those_that_nothing_takes(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    champ(export, "Coordonnées de contact – Courriel")["label"] = "Adresse électronique"
    assert checked(programme, export) == [
        "aucune question ne s'appelle « Coordonnées de contact – Courriel » dans l'export",
        "la question « Adresse électronique » n'est reprise par rien",
    ]


def test_the_checker_tells_types_that_do_not_convert_and_fields_that_nothing_fills(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    champ(export, "Opérateur MSSanté – Raison sociale")["__typename"] = "CheckboxChamp"
    champ(export, RIB)["__typename"] = "TextChamp"
    said = checked(programme, export)
    assert "« Opérateur MSSanté – Raison sociale » : une case à cocher ne se convertit pas en un texte" in said
    assert f"« {RIB} » : un texte n'est pas des fichiers" in said
    without = recevable.open_programme(
        changed(
            programme, '    - champ: "Représentant légal – Nom"\n      vers: operateur.representant_legal.nom\n', ""
        )
    )
    assert "rien ne remplit `operateur.representant_legal.nom` (Nom)" in checked(without, export)


def test_the_checker_reads_the_options_of_the_form_when_the_export_has_them(
    programme: recevable.Programme, export: dict[str, Any]
) -> None:
    asked = export["data"]["dossier"]
    described = [
        {"__typename": f"{one['__typename']}Descriptor", "id": one["id"], "label": one["label"]}
        for one in asked[ANSWERS]
    ]
    territory = next(one for one in described if one["label"].endswith("Territoire"))
    territory["options"] = ["Métropole", "Saint-Martin"]
    annotations = [
        {"__typename": f"{one['__typename']}Descriptor", "id": one["id"], "label": one["label"],
         **({"champDescriptors": [{"__typename": "TextChampDescriptor", "id": "x", "label": inner["label"]}
                                  for inner in one["rows"][0]["champs"]]} if "rows" in one else {})}
        for one in asked[ANNOTATIONS]
    ]  # fmt: skip
    asked["demarche"]["revision"] = {"champDescriptors": described, "annotationDescriptors": annotations}
    assert checked(programme, export) == [
        "« Opérateur MSSanté – Territoire » : l'option « Saint-Martin » n'a pas de sens"
    ]


def test_a_pack_without_a_mapping_imports_nothing(programme: recevable.Programme) -> None:
    files = {name: content for name, content in programme.files().items() if name != "import.yaml"}
    bare = recevable.open_programme(recevable.MemorySource(files))
    assert recevable.import_formats(bare) == ()
    with pytest.raises(ValueError, match="maps no export"):
        list(recevable.import_export(bare, b"{}", "x", NAME))


def test_the_data_of_the_portal_are_those_of_the_schema_of_mappings() -> None:
    schema = json.loads((data.shipped("schemas") / "import.schema.json").read_bytes())["$defs"]
    assert schema["donnee"]["properties"]["donnee"]["enum"] == list(adapter.DATA)
    assert schema["portail"]["properties"]["etats"]["items"]["enum"] == list(adapter.STATES)


def test_the_digest_of_a_file_is_read_from_base64_and_nothing_else(programme: recevable.Programme, export: Any) -> None:
    file = champ(export, RIB)["files"][0]
    for checksum, expected in ((base64.b64encode(b"\1" * 16).decode(), "01" * 16), ("pas du base64 !", ""), (None, "")):
        file["checksum"] = checksum
        (rib,) = (one for one in only(programme, export).pieces if one.place == "enrolement.pieces.rib")
        assert rib.md5 == expected
