"""The checklist: what the profile and the day settle, deadlines by period of reception, and nothing left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
import yaml

from recevable import data
from recevable.decision.checklist import ALWAYS, Item, checklist
from recevable.dossier.dossier import load
from recevable.pack.model import Consequence, Result
from recevable.programme import open_programme

SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"
SOURCE = '"Délibération, art. 5"'

Listed = Callable[..., dict[str, tuple[str, Item]]]


@pytest.fixture
def listed(tmp_path: Path) -> Listed:
    """The items of `prime` by rule, each with its condition, once rules and dated parameters are added."""

    def items(
        rules: Mapping[str, str], parameters: Mapping[str, str] | None = None, today: str = "2024-05-31"
    ) -> dict[str, tuple[str, Item]]:
        pack = Path(shutil.copytree(SMALL, tmp_path / "prime-velo"))
        with (pack / "parametres.yaml").open("a", encoding="utf-8") as file:
            for name, keys in (parameters or {}).items():
                file.write(f"  {name}:\n    titre: Date {name}\n")
                file.writelines(f"    {line}\n" for line in keys.splitlines())
        with (pack / "regles" / "prime.yaml").open("a", encoding="utf-8") as file:
            for name, keys in rules.items():
                file.write(f"\n  - id: {name}\n    titre: Règle {name}\n    source: {SOURCE}\n")
                file.writelines(f"    {line}\n" for line in keys.splitlines())
        decider = open_programme(pack).decider
        return {
            item.rule: (section.condition, item)
            for section in checklist(decider, "prime", "association", date.fromisoformat(today))
            for item in section.items
        }

    return items


def dated(reference: str, **values: str) -> str:
    """A parameter of days, each from a start written `d2024_01_01`."""
    given = ", ".join(
        f'{{a_partir_du: "{start[1:].replace("_", "-")}", valeur: "{value}", source: {SOURCE}}}'
        for start, value in values.items()
    )
    return f"type: date\nreference: {reference}\nvaleurs: [{given}]\njusqu_au: ouvert"


DEADLINE = (
    "demandes: [prime]\ndelai: {recu: date_de(prime.deposee_le), au_plus_tard: ferme}\n"
    'si_depasse: {consequence: rejeter, message: "Trop tard."}'
)
TWO = {"d2024_01_01": "2024-06-30", "d2024_05_01": "2024-09-30"}


def test_a_deadline_read_at_the_reception_is_told_by_period_of_reception(listed: Listed) -> None:
    _, item = listed({"LIMITE": DEADLINE}, {"ferme": dated("reception", **TWO)})["LIMITE"]
    assert item.action == (
        "au plus tard le 30 juin 2024, pour une demande reçue du 1er janvier 2024 au 30 avril 2024 ; "
        "au plus tard le 30 septembre 2024, pour une demande reçue à partir du 1er mai 2024"
    )


def test_a_deadline_read_at_the_decision_is_the_one_of_the_day(listed: Listed) -> None:
    _, item = listed({"LIMITE": DEADLINE}, {"ferme": dated("decision", **TWO)}, "2024-04-30")["LIMITE"]
    assert item.action == "au plus tard le 30 juin 2024"


def test_a_deadline_that_is_not_known_for_a_period_says_so(listed: Listed) -> None:
    keys = dated("reception", **TWO).replace('"2024-06-30"', "inconnue")
    _, item = listed({"LIMITE": DEADLINE}, {"ferme": keys})["LIMITE"]
    assert item.action == (
        "date non connue à ce jour, pour une demande reçue du 1er janvier 2024 au 30 avril 2024 ; "
        "au plus tard le 30 septembre 2024, pour une demande reçue à partir du 1er mai 2024"
    )


ASKED = (
    'demandes: [prime]\nquand: {}\ncondition: velo.prix > 1.00\nsi_faux: {{consequence: completer, message: "Non."}}'
)


@pytest.mark.parametrize(
    ("when", "today", "condition"),
    [
        ("aujourd_hui > ferme", "2024-06-30", None),
        ("aujourd_hui > ferme", "2024-07-01", ALWAYS),
        ("guichet_clos", "2024-06-30", None),
        ("guichet_clos", "2024-07-01", ALWAYS),
        ("non guichet_clos", "2024-06-30", ALWAYS),
        ("guichet_clos et velo.electrique = vrai", "2024-07-01", "« Électrique » : oui"),
        ("aujourd_hui <= ferme ou velo.electrique = vrai", "2024-07-01", "« Électrique » : oui"),
        ("non (aujourd_hui <= ferme ou velo.electrique = vrai)", "2024-07-01", "« Électrique » : non"),
        ("prime.deposee_le est present et velo.electrique = vrai", "2024-07-01", "« Électrique » : oui"),
    ],
)
def test_what_the_day_settles_is_not_left_open(listed: Listed, when: str, today: str, condition: str | None) -> None:
    rules = {"SUITE": ASKED.format(when), "CLOS": "deduction: guichet_clos\nvaut: aujourd_hui > ferme"}
    if "guichet" not in when:
        del rules["CLOS"]
    found = listed(rules, {"ferme": dated("decision", d2024_01_01="2024-06-30")}, today)
    assert (found["SUITE"][0] if "SUITE" in found else None) == condition


def test_what_depends_on_the_reception_stays_open_when_its_values_differ(listed: Listed) -> None:
    rules = {"SUITE": ASKED.format("aujourd_hui > ferme")}
    condition, _ = listed(rules, {"ferme": dated("reception", **TWO)}, "2024-07-01")["SUITE"]
    assert condition == "la date du jour suit « Date ferme »"


@pytest.mark.parametrize(
    ("in_force", "today", "condition"),
    [
        ('{du: "2024-06-01"}', "2024-05-31", None),
        ('{du: "2024-06-01"}', "2024-06-01", ""),
        ('{jusqu_au: "2024-06-01", selon: decision}', "2024-06-01", ""),
        ('{jusqu_au: "2024-06-01", selon: decision}', "2024-06-02", None),
        ('{du: "2024-06-01", selon: velo.achete_le}', "2024-05-31", "ne précède pas 1er juin 2024"),
    ],
)
def test_a_rule_is_listed_on_the_days_on_which_it_is_in_force(
    listed: Listed, in_force: str, today: str, condition: str | None
) -> None:
    rule = (
        "demandes: [prime]\ncondition: velo est present\n"
        f"en_vigueur: {in_force}\nsi_faux: {{consequence: completer, message: Non., reparation: Le joindre}}"
    )
    found = listed({"ESSAI": rule}, today=today).get("ESSAI")
    assert (found is None) is (condition is None)
    assert found is None or (condition or "") in found[0]
    assert found is None or bool(found[0]) is bool(condition)


def test_what_an_agent_appraises_is_listed_with_what_its_answers_ask(listed: Listed) -> None:
    rule = (
        'demandes: [prime]\nappreciation: "Le vélo sert-il ?"\nreponses:\n  oui: {resultat: satisfait}\n'
        '  non: {consequence: completer, message: "Non.", reparation: "Joindre une attestation d\'usage"}'
    )
    _, item = listed({"AVIS": rule})["AVIS"]
    assert (item.kind, item.action, item.details) == ("appreciation", "", ("Joindre une attestation d'usage",))


def test_a_warning_on_what_enters_the_amount_is_told_apart(listed: Listed) -> None:
    signal = 'demandes: [prime]\ncondition: {}\nsi_faux: {{consequence: signaler, message: "Non."}}'
    found = listed({"PRIX": signal.format("velo.prix < 9.00"), "JOUR": signal.format("velo.achete_le < aujourd_hui")})
    assert (found["PRIX"][1].counts, found["JOUR"][1].counts) == (True, False)
    assert found["PRIX"][1].warning
    assert found["JOUR"][1].warning


def test_a_choice_of_the_pack_is_listed_with_its_reason(listed: Listed) -> None:
    rule = ASKED.format("velo.electrique = vrai") + "\ndefaut_maison: Le texte se tait."
    _, item = listed({"CHOIX": rule})["CHOIX"]
    assert [(d.name, d.reason) for d in item.defaults] == [("CHOIX", "Le texte se tait.")]


# An amount is no piece: what it lacks, other rules ask for, or it waits for them.
AMOUNTS = {"MON-SOLDE-TTC"}


@pytest.mark.thorough
def test_the_list_of_a_profile_holds_all_that_the_known_dossiers_are_asked() -> None:
    """Whatever stands against a request was listed: its rule, and what to do about it."""
    shipped = open_programme(data.shipped("rules") / "af-ope-mss")
    lists: dict[tuple[str, str, date], dict[str, Item]] = {}
    left_out, seen = [], 0
    for path in sorted((data.shipped("fixtures") / "af-ope-mss").glob("*.attendu.yaml")):
        day = date.fromisoformat(yaml.safe_load(path.read_text("utf-8"))["au"])
        name = path.name.replace(".attendu.yaml", ".json")
        dossier = load(path.with_name(name).read_bytes(), name, shipped.validator)
        profile = dossier.data.get("operateur", {}).get("profil")
        if profile is None:
            continue
        for request in shipped.decider.decide(dossier, day).requests:
            key = (request.name, profile, day)
            if key not in lists:
                sections = checklist(shipped.decider, *key)
                lists[key] = {item.rule: item for section in sections for item in section.items}
            for finding in request.findings:
                if finding.result in (Result.SATISFIED, Result.NOT_APPLICABLE) or finding.rule in AMOUNTS:
                    continue
                seen += 1
                item = lists[key].get(finding.rule)
                asked = finding.consequence in (Consequence.REJECT, Consequence.COMPLETE)
                if item is None or (asked and finding.repair not in ("", item.action, *item.details)):
                    left_out.append((name, finding.rule, finding.repair))
    assert seen > 200
    assert left_out == []


@pytest.mark.parametrize(("today", "passed"), [("2024-06-30", ""), ("2024-07-01", " (date passée)")])
def test_a_deadline_that_is_over_on_that_day_says_so(today: str, passed: str, listed: Listed) -> None:
    found = listed({"LIMITE": DEADLINE}, {"ferme": dated("decision", d2024_01_01="2024-06-30")}, today=today)
    assert found["LIMITE"][1].action == f"au plus tard le 30 juin 2024{passed}"
