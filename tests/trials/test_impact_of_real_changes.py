"""Four changes of the law as a policy officer makes them: the first sentence is true, and what changes is named."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from recevable import data
from recevable.outputs.impact import page as impact_page
from recevable.outputs.impact import words
from recevable.outputs.impact.text import render
from recevable.programme import open_programme
from recevable.report.layout import Page
from recevable.trials.impact.compare import Compared, Comparison, compared
from recevable.trials.impact.model import ChangeKind, DaySource, Impact, Why

NAME = "af-ope-mss"
FIXTURES = Path(__file__).parents[2] / "fixtures" / NAME
CABINETS = """\
  bareme_cab:
    titre: Tarif d'une BAL de cabinet
    type: montant
    valeurs: [{a_partir_du: "2022-09-09", valeur: "30.00", source: "AF §5.1"}]
    jusqu_au: ouvert

"""
PROOF = """\
  - id: SOL-HEBERGEMENT
    titre: Attestation d'hébergement
    demandes: [solde]
    piece: solde.pieces.attestation_hebergement
    si_absente:
      consequence: completer
      message: "L'attestation d'hébergement manque au dossier."
      reparation: "Joindre l'attestation d'hébergement"
    source: AF §6.2

"""
Edit = tuple[str, str, str]
ZONE = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def shipped() -> Compared:
    return compared(open_programme(data.shipped("rules") / NAME, prepared=False), NAME)


@pytest.fixture
def impact(tmp_path: Path, shipped: Compared) -> Callable[..., Impact]:
    """The impact of edits of the shipped pack, on the fixtures whose names match."""

    def make(fixtures: str, *edits: Edit) -> Impact:
        for name in ("rules", "schemas"):
            shutil.copytree(data.shipped(name) / NAME, tmp_path / name / NAME)
        for file, pattern, new in edits:
            path = tmp_path / (f"schemas/{NAME}" if file.endswith(".json") else f"rules/{NAME}") / file
            text, made = re.subn(pattern, new, path.read_text("utf-8"), count=1)
            assert made == 1, pattern
            path.write_text(text, "utf-8")
        found = Comparison(shipped, compared(open_programme(tmp_path / "rules" / NAME, prepared=False), NAME))
        for path in sorted(FIXTURES.glob(fixtures)):
            expected = yaml.safe_load(path.with_suffix(".attendu.yaml").read_text("utf-8"))
            found.add(path.read_bytes(), date.fromisoformat(expected["au"]), path.stem, source=DaySource.EXPECTED)
        return found.impact()

    return make


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def places(found: Impact, why: Why) -> set[tuple[str, str]]:
    return {(one.subject, one.element) for one in found.elsewhere if one.why is why}


def test_the_deadline_of_balances_one_day_later(impact: Callable[..., Impact]) -> None:
    found = impact("solde-*.json", ("parametres.yaml", r'(fin_depot_solde:(?:.|\n)*?valeur: "2023-09-)28', r"\g<1>29"))
    assert plain(words.headline(found)) == (
        f"{found.decided} dossiers décidés deux fois : 4 changent de verdict (3 de « rejeter » à « accepter », "
        "1 de « rejeter » à « compléter ») ; + 8 129,49 € à payer."
    )
    assert all(request.before.state == "rejeter" for one in found.dossiers for request in one.requests)
    assert {change.part.origin.name for change in found.changes.parameters} == {"fin_depot_solde"}
    # the end of the call is the same day, under another name
    assert ("fin_depot_solde", "paramètre cloture_appel") in places(found, Why.SAME_VALUE)
    quoted = {element for _, element in places(found, Why.QUOTED)}
    assert any(element.startswith("exigence REQ-") for element in quoted)


@pytest.mark.parametrize(
    ("title", "stale"),
    [
        ("Solde reçu le 28 septembre 2023", True),
        ("Solde reçu après le 28 septembre dans le délai", True),
        ("Constat du 28 septembre 2025", False),
        ("Solde reçu le 29 septembre", False),
    ],
)
def test_a_title_of_a_trial_that_quotes_the_old_date(impact: Callable[..., Impact], title: str, stale: bool) -> None:
    found = impact(
        "solde-cas-a.json",
        ("parametres.yaml", r'(fin_depot_solde:(?:.|\n)*?valeur: "2023-09-)28', r"\g<1>29"),
        ("scenarios/dates.yaml", r"- titre: .*", f"- titre: {title}"),
    )
    quoted = [one for one in found.elsewhere if one.element == "le titre d'un essai"]
    assert [one.text for one in quoted] == [title] * stale
    assert all(one.file == "scenarios/dates.yaml" and one.line > 1 for one in quoted)


def test_the_cap_raised_from_a_day(impact: Callable[..., Impact]) -> None:
    raised = '{a_partir_du: "2023-05-01", valeur: "260000.00", source: "AF §5.1"}'
    found = impact(
        "solde-*plafond*.json",
        ("parametres.yaml", r"(\n  plafond:(?:.|\n)*?valeurs: \[)(.*)\]", rf"\1\2, {raised}]"),
    )
    # three of them are one mailbox above the old cap
    assert plain(words.headline(found)) == (
        "6 dossiers décidés deux fois : 3 changent, sans changer de verdict ; + 28,60 € à payer."
    )
    (change,) = found.changes.parameters
    (period,) = change.periods
    assert (period.start, period.end) == (date(2023, 5, 1), None)
    assert words.read_day(change).startswith("Valeur lue au jour de la ")
    assert ("plafond", "versions") in places(found, Why.VERSION)
    assert "aucune version du texte ne commence le 1er mai 2023" in plain(render(found, (), ZONE, Page()))


def test_a_piece_that_is_added(impact: Callable[..., Impact]) -> None:
    found = impact(
        "solde-cas-*.json",
        ("regles/solde.yaml", r"  - id: SOL-LIEN-DOCUMENTATION", PROOF + "  - id: SOL-LIEN-DOCUMENTATION"),
        (
            "dossier.schema.json", r'("facture_acquittee": \{)',
            r'"attestation_hebergement": {"title": "Attestation", "type": "object", '
            r'"additionalProperties": false, "properties": {}}, \1',
        ),
    )  # fmt: skip
    assert plain(words.headline(found)) == (
        "6 dossiers décidés deux fois : 6 changent de verdict (6 de « accepter » à « compléter ») ; "
        "− 1 060 368,37 € à payer."
    )
    assert [part.origin.name for part in found.changes.rules if part.kind is ChangeKind.ADDED] == ["SOL-HEBERGEMENT"]
    for dossier in found.dossiers:
        assert {cause.rule for request in dossier.requests for cause in request.causes} <= {"SOL-HEBERGEMENT"}


def test_a_fourth_type_of_mailbox(impact: Callable[..., Impact]) -> None:
    found = impact(
        "solde-cas-*.json",
        ("parametres.yaml", r"(?=  bareme_per:)", CABINETS),
        (
            "regles/montants.yaml", r"montant: bareme_app \* ans.annuaire.applicatives",
            "montant: bareme_app * ans.annuaire.applicatives + bareme_cab * ans.annuaire.cabinets",
        ),
        (
            "dossier.schema.json", r'("annuaire": \{(?:.|\n)*?)("applicatives")',
            r'\1"cabinets": {"title": "BAL de cabinet", "$ref": "#/$defs/entier"}, \2',
        ),
    )  # fmt: skip
    left_out = places(found, Why.LEFT_OUT)
    # the recovery computes the total again, from three prices and from another object of the dossier
    assert ("bareme_cab", "règle MON-TOTAL-HT-RECALCULE, montant") in left_out
    assert ("ans.annuaire.cabinets", "champ controles.declaration_bal_erronee") in left_out
    assert ("ans.annuaire.cabinets", "règle DED-BAL-CONNUES, vaut") in left_out
    assert not any("montant" in element and "APP" in element for _, element in left_out)
    counted = {element for _, element in places(found, Why.COUNTED)}
    assert {"exigence REQ-1.1-01, resume", "règle AVA-PREVISIONNEL-ACTUEL, message"} <= counted
    # nobody has counted mailboxes of the new type in these dossiers
    assert "(6 de « accepter » à « compléter »)" in words.headline(found)


OLDER = """  - id: SOL-LIEN-DOCUMENTATION
    en_vigueur: {jusqu_au: "2023-07-31"}
"""


@pytest.mark.parametrize(
    ("edit", "said", "keys"),
    [
        ("", "Elle prend la suite de SOL-LIEN-DOCUMENTATION, et dit la même chose.", []),
        (
            "si_faux.consequence", "Elle prend la suite de SOL-LIEN-DOCUMENTATION, et dit autrement :",
            ["conséquence (si faux) : compléter → rejeter"],
        ),
    ],
)  # fmt: skip
def test_a_rule_that_follows_another_is_compared_with_it(
    impact: Callable[..., Impact], edit: str, said: str, keys: list[str]
) -> None:
    text = (data.shipped("rules") / NAME / "regles" / "solde.yaml").read_text("utf-8")
    (rule,) = re.findall(r"  - id: SOL-LIEN-DOCUMENTATION\n(?:    .*\n|\n)*", text)
    newer = rule.replace("DOCUMENTATION\n", 'DOCUMENTATION-2023\n    en_vigueur: {du: "2023-08-01"}\n', 1)
    if edit:
        newer = newer.replace("consequence: completer", "consequence: rejeter")
        newer = re.sub(r"\n +reparation: .*", "", newer)
    pattern = r"  - id: SOL-LIEN-DOCUMENTATION\n"
    found = impact("solde-cas-a-p*.json", ("regles/solde.yaml", pattern, newer.replace("\\", r"\\") + OLDER))
    (added,) = [part for part in found.changes.rules if part.kind is ChangeKind.ADDED]
    assert words.succession(added) == said
    told = [words.key(one) for one in added.keys]
    assert set(keys) <= set(told)
    assert bool(told) is bool(keys)
    assert said.replace(" ", "") in plain(render(found, (), ZONE, Page())).replace(" ", "").replace("\n", "")


def test_a_rule_that_begins_after_another_has_ended_may_not_follow_it(impact: Callable[..., Impact]) -> None:
    other = PROOF.replace("    piece:", '    en_vigueur: {du: "2023-08-01"}\n    piece:')
    found = impact(
        "solde-cas-a-p*.json",
        ("regles/solde.yaml", r"(  - id: SOL-CAPTURE-TEST\n)", r'\1    en_vigueur: {jusqu_au: "2023-07-31"}\n'),
        ("regles/solde.yaml", r"  - id: SOL-LIEN-DOCUMENTATION", other + "  - id: SOL-LIEN-DOCUMENTATION"),
        (
            "dossier.schema.json", r'("facture_acquittee": \{)',
            r'"attestation_hebergement": {"title": "Attestation", "type": "object", '
            r'"additionalProperties": false, "properties": {}}, \1',
        ),
    )  # fmt: skip
    (added,) = [part for part in found.changes.rules if part.kind is ChangeKind.ADDED]
    assert (added.follows, added.keys) == ("", ())


def test_a_dossier_with_a_datum_that_only_the_new_rules_know_is_compared(
    impact: Callable[..., Impact], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossiers = tmp_path / "dossiers"
    dossiers.mkdir()
    for name in ("solde-cas-a-plafonne", "solde-cas-b"):
        content = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
        content["ans"]["annuaire"]["cabinets"] = 0
        (dossiers / f"{name}.json").write_text(json.dumps(content), "utf-8")
        shutil.copy(FIXTURES / f"{name}.attendu.yaml", dossiers)
    monkeypatch.setattr(sys.modules[__name__], "FIXTURES", dossiers)
    found = impact("solde-*.json", (
        "dossier.schema.json", r'("annuaire": \{(?:.|\n)*?)("applicatives")',
        r'\1"cabinets": {"title": "BAL de cabinet", "$ref": "#/$defs/entier"}, \2',
    ))  # fmt: skip
    assert plain(words.headline(found)) == "2 dossiers décidés deux fois : aucun ne change."
    assert found.lacking == 2
    told = "2 dossiers contiennent une donnée que le paquet d'avant ne connaît pas : il les décide sans elle."
    assert told in words.asides(found, ())


def test_the_page_is_written_for_a_lawyer(impact: Callable[..., Impact]) -> None:
    found = impact("solde-*.json", ("parametres.yaml", r'(fin_depot_solde:(?:.|\n)*?valeur: "2023-09-)28', r"\g<1>29"))
    html = impact_page.render(found, (), ZONE)
    assert "<h2>Autres endroits à relire</h2>" in html
    assert "Valeur lue au jour de la décision." in html
    for word in ("valeurs[", "HEAD:", "fin_depot_solde.valeurs"):
        assert word not in html


def test_a_message_is_told_before_and_after(impact: Callable[..., Impact]) -> None:
    found = impact(
        "avance-recue-140001-paris.json",
        ("regles/calendrier.yaml", r"message: .Demande d'avance reçue le", "message: \"Demande d'avance arrivée le"),
    )  # fmt: skip
    assert found.dossiers == ()
    (wording,) = found.wordings
    assert (wording.rule, wording.count) == ("AVA-DELAI", 1)
    text = plain(render(found, (), ZONE, Page()))
    assert "MOTIFS RÉDIGÉS AUTREMENT" in text
    assert "avant : « Demande d'avance reçue le 26 juillet 2023" in text
    assert "après : « Demande d'avance arrivée le 26 juillet 2023" in text


def test_another_rate_of_tax_counts_requests_when_dossiers_have_several(impact: Callable[..., Impact]) -> None:
    found = impact(
        "solde-cas-*.json", ("parametres.yaml", r'(\n  taux_metropole:(?:.|\n)*?valeur: )"0.20"', r'\1"0.10"')
    )
    requests = sum(request.moved for one in found.dossiers for request in one.requests)
    assert requests > found.moved > 0
    said = plain(words.headline(found))
    assert f" : {requests} demandes changent de verdict dans {found.moved} dossiers (" in said
    counted = re.search(r"\(([^)]*)\)", said)
    assert counted is not None
    assert sum(int(one.split()[0]) for one in counted[1].split(", ")) == requests
    # a question that appears is a finding, not another wording
    assert all(one.before and one.after for one in found.wordings)
    assert "TVA-TAUX-INHABITUEL" not in {one.rule for one in found.wordings}


def test_the_keys_of_files_are_said_in_french(impact: Callable[..., Impact]) -> None:
    found = impact("solde-a*.json", ("parametres.yaml", r'(fin_depot_solde:(?:.|\n)*?valeur: "2023-09-)28', r"\g<1>29"))
    told = [words.elsewhere(one) for one in found.elsewhere]
    assert any(one.startswith("Exigence REQ-") and ", résumé " in one for one in told)
    assert not any(", resume " in one for one in told)
