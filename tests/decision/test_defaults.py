"""The choices of a pack where the text is silent: which of them a decision shows, and with what reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from recevable import data
from recevable.decision.defaults import Defaults, _key
from recevable.decision.model import Decision
from recevable.dossier.dossier import load
from recevable.programme import Programme, open_programme, sample_dossiers
from recevable.report.json_format import decision_data
from recevable.report.layout import Page
from recevable.report.text import render

SMALL = Path(__file__).parents[1] / "second_programme"
SOURCE = '"Délibération, art. 5"'
REJECT = 'si_faux: {consequence: rejeter, message: "Non."}'
CHOICE = "defaut_maison: Le texte se tait."

PARIS = ZoneInfo("Europe/Paris")

Decide = Callable[..., Decision]


@pytest.fixture
def decide(tmp_path: Path) -> Decide:
    """The decision on a dossier of the small programme, with more rules, and with parameters that are choices."""

    def decided(rules: Mapping[str, str], chosen: str = "", **parameters: str) -> Decision:
        pack = Path(shutil.copytree(SMALL / "prime-velo", tmp_path / "prime-velo"))
        file = pack / "parametres.yaml"
        text = file.read_text("utf-8")
        if chosen:
            assert f"\n  {chosen}:\n" in text
            text = text.replace(
                f"\n  {chosen}:\n", f"\n  {chosen}:\n    defaut_maison: true\n    note: Un usage, à valider.\n"
            )
        for name, keys in parameters.items():
            text += f"  {name}:\n    titre: Choix {name}\n    defaut_maison: true\n    jusqu_au: ouvert\n"
            text += "".join(f"    {line}\n" for line in keys.splitlines())
        file.write_text(text, "utf-8")
        with (pack / "regles" / "prime.yaml").open("a", encoding="utf-8") as file_:
            for name, keys in rules.items():
                file_.write(f"\n  - id: {name}\n    titre: Règle {name}\n    source: {SOURCE}\n")
                file_.writelines(f"    {line}\n" for line in keys.splitlines())
        programme = open_programme(pack)
        dossier = load((SMALL / "dossiers" / "acceptee.json").read_bytes(), "d.json", programme.validator)
        return programme.decider.decide(dossier, date(2024, 5, 31))

    return decided


def names(decision: Decision) -> dict[str, tuple[str, ...]]:
    """The choices shown for `prime`, with the rules that rest on each."""
    return {default.name: default.rules for default in decision.requests[0].defaults}


def test_a_pack_without_choice_shows_none(decide: Decide) -> None:
    decision = decide({})
    assert names(decision) == {}
    assert decision.recovery_defaults == ()
    assert "Choix de gestion" not in render(decision, PARIS, Page())


def test_a_rule_that_is_a_choice_is_shown_where_it_applies(decide: Decide) -> None:
    rule = "demandes: [prime]\ncondition: velo.prix > 1.00\n" + f"{REJECT}\n{CHOICE}"
    assert names(decide({"CHOIX": rule})) == {"CHOIX": ("CHOIX",)}


def test_a_rule_that_does_not_apply_is_not_shown(decide: Decide) -> None:
    rule = f"demandes: [prime]\nquand: velo.prix < 1.00\ncondition: velo.prix > 1.00\n{REJECT}\n{CHOICE}"
    assert names(decide({"CHOIX": rule})) == {}


def test_a_definition_that_is_a_choice_is_shown_by_the_rule_that_reads_it(decide: Decide) -> None:
    rules = {
        "LU": f"demandes: [prime]\ncondition: est_cher\n{REJECT}",
        "CHER": f"deduction: est_cher\nvaut: velo.prix > 1.00\n{CHOICE}",
    }
    assert names(decide(rules)) == {"CHER": ("LU",)}


def test_the_parameter_of_an_amount_is_shown_with_its_value_and_its_note(decide: Decide) -> None:
    (default,) = decide({}, chosen="part_de_la_commune").requests[0].defaults
    assert (default.name, str(default.value), default.reason) == ("part_de_la_commune", "0.30", "Un usage, à valider.")
    assert default.source == "Délibération, art. 2"


def test_an_alternative_that_is_not_taken_shows_nothing(decide: Decide) -> None:
    keys = f'type: entier\nvaleurs: [{{a_partir_du: "2024-01-01", valeur: 2, source: {SOURCE}}}]'
    text = "(si velo.prix > 1.00 alors velo.prix > plafond * a sinon velo.prix > plafond * b)"
    taken = f"demandes: [prime]\ncondition: {text}\n{REJECT}"
    decision = decide({"REGLE": taken}, a=keys, b=keys)
    assert names(decision) == {"a": ("REGLE",)}
    (default,) = decision.requests[0].defaults
    assert default.reason == "Délibération, art. 5"


def test_a_choice_that_keeps_a_rule_from_applying_counted(decide: Decide) -> None:
    keys = f'type: montant\nvaleurs: [{{a_partir_du: "2024-01-01", valeur: "1.00", source: {SOURCE}}}]'
    rule = f"demandes: [prime]\nquand: velo.prix < seuil\ncondition: velo.prix > 1.00\n{REJECT}"
    assert names(decide({"REGLE": rule}, seuil=keys)) == {"seuil": ("REGLE",)}


def test_text_and_json_show_the_choice_and_its_reason(decide: Decide) -> None:
    rule = f"demandes: [prime]\ncondition: velo.prix > 1.00\n{REJECT}\n{CHOICE}"
    decision = decide({"CHOIX": rule}, chosen="part_de_la_commune")
    shown = render(decision, PARIS, Page())
    assert "Choix de gestion appliqués, là où le texte se tait" in shown
    assert "    · Règle CHOIX\n      Le texte se tait.\n      Délibération, art. 5 · CHOIX\n" in shown
    assert "    · Part du prix prise en charge : 30\u00a0%\n      Un usage, à valider.\n" in shown
    found = decision_data(decision)
    defaults = {one["nom"]: one for one in found["demandes"]["prime"]["defauts_maison"]}
    assert defaults["CHOIX"] == {
        "nature": "regle", "nom": "CHOIX", "titre": "Règle CHOIX", "raison": "Le texte se tait.",
        "source": "Délibération, art. 5", "regles": ["CHOIX"],
    }  # fmt: skip
    assert (defaults["part_de_la_commune"]["nature"], defaults["part_de_la_commune"]["valeur"]) == ("parametre", "0.30")
    schema = json.loads((data.shipped("schemas") / "decision.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads(json.dumps(found)))


def test_a_reason_is_said_once_in_a_report(decide: Decide) -> None:
    rule = f"demandes: [prime, recouvrement]\ncondition: velo.prix < 1.00\n{REJECT}\n{CHOICE}"
    shown = render(decide({"CHOIX": rule}), PARIS, Page())
    assert shown.count("Le texte se tait.") == 1
    assert (
        shown.count("    · Règle CHOIX\n") == shown.count("    · Règle CHOIX (CHOIX, raison donnée plus haut)\n") == 1
    )


def test_recovery_shows_its_own(decide: Decide) -> None:
    rule = "demandes: [recouvrement]\ncondition: velo.prix > 1.00\n" + f"{REJECT}\n{CHOICE}"
    decision = decide({"CHOIX": rule})
    assert [default.name for default in decision.recovery_defaults] == ["CHOIX"]
    assert names(decision) == {}


@pytest.mark.thorough
def test_what_is_remembered_of_a_search_never_changes_what_it_finds() -> None:
    warm, cold = open_programme("af-ope-mss"), open_programme("af-ope-mss")
    seen: set[str] = set()
    for path in sample_dossiers("af-ope-mss"):
        for day in (date(2023, 3, 1), date(2024, 2, 1)):
            content = path.read_bytes()
            for name in (*cold.manifest.requests, "recouvrement"):
                cold.decider.context_decider(name).defaults = _forgetful(cold, name)
            found = [p.decide(p.read(content), day) for p in (warm, cold)]
            for one in found:
                seen |= {default.name for request in one.requests for default in request.defaults}
            assert found[0] == found[1], path.name
    assert len(seen) > 10
    kept = [warm.decider.context_decider(name).defaults for name in warm.manifest.requests]
    assert all(0 < defaults._paths < 200 for defaults in kept)


def _forgetful(programme: Programme, name: str) -> Defaults:
    one = programme.decider.context_decider(name)
    return Defaults(one.compiled, one.context, one.unknowns)


def test_two_writings_of_one_amount_are_told_apart_and_a_truth_value_is_no_number() -> None:
    """2.0 and 2.00 are equal, and are written otherwise."""
    short, long = Decimal("2.0"), Decimal("2.00")
    assert short == long
    assert _key(short) != _key(long)
    assert _key(short) == _key(short)
    assert _key(True) != _key(1)
    assert _key(date(2024, 1, 1)) == _key(date.fromisoformat("2024-01-01"))
