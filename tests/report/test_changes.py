"""What changes between two dossiers, in words, and the rules that answer otherwise."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from recevable import Change, Dossier, Programme, open_programme

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "fixtures" / "af-ope-mss").glob("*.json"))
ONE = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"
VELO = ROOT / "tests" / "second_programme" / "prime-velo"
DAY = date(2023, 9, 4)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


def changed(programme: Programme, change: Callable[[dict[str, Any]], Any]) -> tuple[Dossier, Dossier]:
    """The known dossier before and after a change of its data."""
    data = json.loads(ONE.read_bytes())
    change(data)
    return programme.read(ONE.read_bytes()), programme.read(json.dumps(data).encode())


def said(found: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(one.pointer, one.before.replace("\N{NO-BREAK SPACE}", " "), one.after) for one in found]


def test_a_datum_that_changes_is_said_with_its_titles_and_who_supplies_it(programme: Programme) -> None:
    def change(data: dict[str, Any]) -> None:
        data["operateur"]["tva"]["taux"] = "0.055"

    (one,) = programme.changes(*changed(programme, change))
    assert one.titles == ("Opérateur MSSanté", "Régime de TVA", "Taux de TVA")
    assert (one.before, one.after) == ("20\N{NO-BREAK SPACE}%", "5,5\N{NO-BREAK SPACE}%")
    assert one.supplied_by == ("demandeur",)


def test_what_comes_and_what_goes_is_said_to_the_last_datum(programme: Programme) -> None:
    def change(data: dict[str, Any]) -> None:
        del data["ans"]["test_technique"]
        data["solde"]["pieces"]["capture_test"] = {}

    assert said(programme.changes(*changed(programme, change))) == [
        ("/ans/test_technique/environnement", "Production", "non renseigné"),
        ("/ans/test_technique/reussi", "oui", "non renseigné"),
        ("/ans/test_technique/realise_le", "12 juin 2023", "non renseigné"),
        ("/solde/pieces/capture_test", "non renseigné", "fourni, sans donnée"),
    ]


def test_an_element_that_comes_first_does_not_change_the_others(programme: Programme) -> None:
    def change(data: dict[str, Any]) -> None:
        data["paiements"].insert(0, {**data["paiements"][0], "montant": "1.00"})

    found = programme.changes(*changed(programme, change))
    assert {one.titles[1] for one in found} == {"n° 1"}
    assert [(one.before, one.after) for one in found if one.pointer.endswith("/montant")] == [
        ("non renseigné", "1,00\N{NO-BREAK SPACE}€")
    ]


def test_a_question_is_named_by_the_title_of_its_rule(programme: Programme) -> None:
    def change(data: dict[str, Any]) -> None:
        data["appreciations"] = {"ELI-DOUBLON": {"reponse": "operateurs_distincts"}}

    (one,) = programme.changes(*changed(programme, change))
    assert one.titles[1] == programme.pack.rules["ELI-DOUBLON"].title


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every datum of a dossier, its lists apart: an oracle that knows no schema."""
    if isinstance(value, dict) and value:
        for name, child in value.items():
            yield from leaves(child, f"{path}/{name}")
    elif not isinstance(value, list) or not value:
        yield path, json.dumps(value)


def test_every_datum_that_differs_is_said_and_no_other(programme: Programme) -> None:
    chance = random.Random(20261129)
    for _ in range(40):
        old, new = (programme.read(chance.choice(FIXTURES).read_bytes()) for _ in range(2))
        found = programme.changes(old, new)
        before, after = (dict(leaves(one.data)) for one in (old, new))
        expected = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        told = {one.pointer for one in found}
        # an object that becomes empty, or is no longer, is said by what it held
        inside = {path for path in expected if any(one.startswith(f"{path}/") for one in told | expected)}
        assert {one for one in told if not any(part.isdigit() for part in one.split("/"))} == expected - inside
        assert all(one.titles and all(one.titles) for one in found)
        back = {one.pointer: (one.after, one.before) for one in programme.changes(new, old)}
        lists = [one.pointer for one in found if any(part.isdigit() for part in one.pointer.split("/"))]
        assert {one.pointer: (one.before, one.after) for one in found if one.pointer not in lists} == {
            place: value for place, value in back.items() if not any(part.isdigit() for part in place.split("/"))
        }
        assert programme.changes(old, old) == ()


def test_the_rules_that_answer_otherwise_are_said_and_no_other(programme: Programme) -> None:
    def change(data: dict[str, Any]) -> None:
        data["solde"]["pieces"]["capture_test"] = {
            "environnement": "production", "reussi": True, "realise_le": "2023-06-12",
        }  # fmt: skip

    old, new = (programme.decide(one, DAY) for one in changed(programme, change))
    found = programme.moves(old, new)
    (one,) = [move for move in found if move.rule == "SOL-CAPTURE-TEST"]
    assert (one.request, one.before, one.after, one.message) == (
        "Demande de solde", "non satisfait", "satisfait", "",
    )  # fmt: skip
    before, after = (
        {f.rule: {(g.result, g.cause) for g in side.request("solde").findings if g.rule == f.rule}
         for f in side.request("solde").findings}
        for side in (old, new)
    )  # fmt: skip
    moved = {move.rule for move in found if move.request == "Demande de solde"}
    assert moved == {rule for rule in before if before[rule] != after[rule]}
    assert programme.moves(old, old) == ()
    assert programme.moves(old, programme.decide(changed(programme, lambda _: None)[1], DAY)) == ()


def test_a_request_that_comes_moves_every_rule_about_it(programme: Programme) -> None:
    old, new = changed(programme, lambda data: data.pop("solde"))
    found = programme.moves(programme.decide(new, DAY), programme.decide(old, DAY))
    solde = [move for move in found if move.request == "Demande de solde"]
    assert {move.before for move in solde} == {"non évaluée"}
    assert len(solde) == len({f.rule for f in programme.decide(old, DAY).request("solde").findings})


def test_what_a_rule_tests_is_said_in_order(programme: Programme) -> None:
    assert programme.conditions("solde", "SOL-CAPTURE-TEST", "absente") == (
        "« Capture d'écran du test technique » est fourni.",
    )
    whole = programme.conditions("solde", "SOL-CAPTURE-TEST")
    assert whole[0] == "« Capture d'écran du test technique » est fourni."
    assert len(whole) > 1
    assert programme.conditions("solde", "AUCUNE") == ()
    assert all(
        one.endswith(".") and one[0] != one[0].lower()
        for name in ("enrolement", "avance", "solde")
        for rule in programme.pack.rules
        for one in programme.conditions(name, rule)
        if one[0].isalpha()
    )


def test_a_document_is_that_of_the_rules_that_ask_for_it_or_for_a_part_of_it(programme: Programme) -> None:
    assert programme.document_of("SOL-FACTURE") == "solde.pieces.facture_acquittee"
    assert programme.document_of("AVA-PREVISIONNEL-ACTUEL") == "avance.pieces.formulaire"
    assert programme.document_of("SOL-MONTANT") == ""
    assert programme.document_of("AUCUNE") == ""


def test_another_programme_needs_no_code() -> None:
    programme = open_programme(str(VELO))
    old, new = (
        programme.read(json.dumps({"programme": "prime-velo", **data}).encode())
        for data in ({"velo": {"prix": "800.00"}}, {"velo": {"prix": "950.50"}, "prime": {"pieces": {"facture": {}}}})
    )
    assert [(one.titles, one.before, one.after) for one in programme.changes(old, new)] == [
        (("Vélo", "Prix payé"), "800,00\N{NO-BREAK SPACE}€", "950,50\N{NO-BREAK SPACE}€"),
        (("Demande de prime", "Pièces", "Facture"), "non renseigné", "fourni, sans donnée"),
    ]
