"""A second programme, invented, runs through the same engine: nothing but its YAML and its schema are its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recevable import data
from recevable.cli.app import run_code

HERE = Path(__file__).parent
PACK = HERE / "prime-velo"
DOSSIERS = HERE / "dossiers"
Check = Callable[..., dict[str, Any]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """The decision on one of the dossiers, as JSON data."""

    def run(name: str, *options: str, au: str = "2024-05-31", code: int = 0) -> dict[str, Any]:
        path = str(DOSSIERS / f"{name}.json")
        found = run_code(["check", "--rules", str(PACK), "--au", au, "--format", "ndjson", *options, path])
        printed = capsys.readouterr()
        assert found == code, printed.err
        decision: dict[str, Any] = json.loads(printed.out)
        return decision

    return run


def reasons(decision: dict[str, Any], request: str = "prime") -> dict[str, str]:
    """The consequence of every cause that stands against a request."""
    return {
        ":".join(filter(None, (finding["regle"], finding["cause"]))): finding["consequence"]
        for finding in decision["demandes"][request]["constats"]
        if finding["consequence"]
    }


def amounts(decision: dict[str, Any]) -> dict[str, str | None]:
    return {line["nom"]: line["valeur"] for line in decision["demandes"]["prime"]["montants"]}


def test_the_modest_household_is_accepted_with_the_increase(check: Check) -> None:
    decision = check("acceptee")
    assert decision["demandes"]["prime"]["verdict"] == "accepter"
    assert decision["demandes"]["prime"]["montant_propose"]["valeur"] == "509.97"
    assert decision["demandes"]["prime"]["montant_propose"]["regle"] == "PRIME-MAJOREE"


def test_a_missing_and_an_outdated_document_are_both_asked_for(check: Check) -> None:
    decision = check("a-completer", code=1)
    assert reasons(decision) == {"FACTURE:absente": "completer", "DOMICILE:perimee": "completer"}
    actions = [action["action"] for action in decision["demandes"]["prime"]["reparation"]["actions"]]
    assert actions == ["Joindre la facture du vélo", "Joindre un justificatif de domicile de moins de trois mois"]


def test_every_reason_to_reject_is_given_at_once(check: Check) -> None:
    decision = check("hors-delai", au="2024-09-20", code=1)
    assert decision["demandes"]["prime"]["verdict"] == "rejeter"
    assert reasons(decision) == {
        "FACTURE:illisible": "completer",
        "FACTURE:autre_nom": "rejeter",
        "DOMICILE:perimee": "completer",
        "MAJORITE:faux": "rejeter",
        "DELAI-DEMANDE:depasse": "rejeter",
    }


def test_an_open_appraisal_keeps_the_decision_and_its_amount_provisional(check: Check) -> None:
    decision = check("association", code=1)
    request = decision["demandes"]["prime"]
    assert (request["verdict"], request["provisoire"]) == ("accepter", True)
    assert request["montant_propose"] is None
    assert request["montant_estime"]["valeur"] == "400.00"
    assert request["montant_estime"]["sous_reserve_de"] == ["USAGE"]
    assert reasons(decision) == {"VELO-MUSCULAIRE:faux": "signaler"}


def test_a_recorded_appraisal_settles_it(check: Check) -> None:
    request = check("association-appreciee")["demandes"]["prime"]
    assert (request["verdict"], request["provisoire"]) == ("accepter", False)
    assert request["montant_propose"]["sous_reserve_de"] == []


def test_a_recorded_appraisal_expires(check: Check) -> None:
    decision = check("association-appreciee", au="2025-05-11", code=1)
    assert decision["demandes"]["prime"]["provisoire"] is True
    assert decision["appreciations"][0]["etat"] == "expiree"


def test_the_share_of_the_town_is_that_of_the_day_of_deposit(check: Check, tmp_path: Path) -> None:
    dossier = json.loads((DOSSIERS / "association-appreciee.json").read_bytes())
    dossier["velo"]["achete_le"] = "2024-12-15"
    for day, share in (("2024-12-31", "359.97"), ("2025-01-01", "299.98")):
        dossier["prime"]["deposee_le"] = f"{day}T12:00:00"
        path = tmp_path / f"{day}.json"
        path.write_text(json.dumps(dossier), encoding="utf-8")
        decision = check(str(path.with_suffix("")), au="2025-01-31")
        assert amounts(decision)["prime_de_base"] == share


def test_a_sale_before_its_time_opens_a_case_for_the_whole_sum(check: Check) -> None:
    (case,) = check("revente", au="2025-06-30", code=1)["recouvrement"]["cas"]
    assert (case["regle"], case["modalite"], case["etape"]) == ("REVENTE", "obligatoire", "demander")
    assert (case["montant"]["valeur"], case["clos"]) == ("509.97", False)
    assert case["message"] == (
        "Vélo revendu le 1er juin 2025, avant 3 ans : demander le remboursement de 509,97\u00a0€."
    )


def test_a_case_that_was_paid_back_is_closed(check: Check) -> None:
    decision = check("revente-remboursee", "--demande", "recouvrement", au="2025-06-30")
    (case,) = decision["recouvrement"]["cas"]
    assert (case["etape"], case["clos"], decision["demandes"]) == ("rembourse", True, {})


def test_an_amount_that_misses_a_datum_names_it(check: Check) -> None:
    decision = check("sans-revenu", code=1)
    (finding,) = [f for f in decision["demandes"]["prime"]["constats"] if f["resultat"] == "manquant"]
    assert [datum["nom"] for datum in finding["manquants"]] == ["beneficiaire.revenu_fiscal"]
    assert amounts(decision)["prime_accordee"] is None


def test_the_two_requests_of_a_dossier_are_decided_apart(check: Check) -> None:
    decision = check("deux-demandes")
    assert list(decision["demandes"]) == ["prime", "adhesion"]
    assert check("deux-demandes", "--demande", "adhesion")["demandes"].keys() == {"adhesion"}


def test_a_dossier_without_a_request_is_never_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_code(["check", "--rules", str(PACK), str(DOSSIERS / "sans-demande.json")])
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert "ne contient aucune demande" in printed.err
    assert "`prime`, `adhesion`" in printed.err


def test_the_checklist_of_the_programme_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--profil", "particulier", "--demande", "prime", "--au", "2024-05-31", "--rules", str(PACK)]
    assert run_code(["checklist", *options]) == 0
    text = capsys.readouterr().out
    assert "☐ Facture du vélo" in text
    assert "☐ Justificatif de domicile" in text
    assert "association" not in text


def test_a_folder_of_packs_serves_each_dossier_by_the_programme_it_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    packs = tmp_path / "rules"
    packs.mkdir()
    shipped = next(path for path in sorted(data.shipped("rules").iterdir()) if path.is_dir())
    for folder in (PACK, shipped):
        (packs / folder.name).symlink_to(folder, target_is_directory=True)
    schemas = tmp_path / "schemas"
    schemas.symlink_to(data.shipped("schemas"), target_is_directory=True)
    own = str(DOSSIERS / "acceptee.json")
    other = str(next(iter(sorted((data.shipped("rules").parent / "fixtures" / shipped.name).glob("*.json")))))
    unknown = tmp_path / "inconnu.json"
    unknown.write_text('{\n  "programme": "prime-vel"}', encoding="utf-8")
    code = run_code(
        ["check", "--rules", str(packs), "--au", "2024-05-31", "--format", "json", own, other, str(unknown)]
    )
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert code == 2
    assert [d["programme"]["id"] for d in report["decisions"]] == ["prime-velo", shipped.name]
    assert report["decisions"][0]["demandes"]["prime"]["verdict"] == "accepter"
    assert f"{unknown}:2:16: erreur [PROGRAMME]" in printed.err
    assert "Vouliez-vous dire `prime-velo` ?" in printed.err


def test_the_engine_does_not_know_its_name() -> None:
    words = re.compile(r"prime-velo|\bv[eé]los?\b", re.IGNORECASE)
    modules = sorted(data.PACKAGE.rglob("*.py"))
    assert modules
    assert [str(module) for module in modules if words.search(module.read_text("utf-8"))] == []
