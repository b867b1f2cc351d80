"""Every decision of the fixtures fits its schema; a member too few, too many or of another type does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import recevable
from recevable.cli.app import run_code
from recevable.dossier.dossier import load
from recevable.programme import open_programme
from recevable.report.json_format import decision_data

if TYPE_CHECKING:
    from tests.schemas.conftest import Faults

ROOT = Path(recevable.__file__).parents[2]
FOLDER = ROOT / "fixtures" / "af-ope-mss"
FIXTURES = sorted(FOLDER.glob("*.json"))

Decide = Callable[..., Any]


@pytest.fixture(scope="module")
def decide() -> Decide:
    """The decision on a fixture, as JSON data, on the day that its expected result gives."""
    programme = open_programme(ROOT / "rules" / "af-ope-mss")

    def run(path: Path, *, trace: bool = False) -> Any:
        day = date.fromisoformat(str(yaml.safe_load(path.with_suffix(".attendu.yaml").read_text("utf-8"))["au"]))
        dossier = load(path.read_bytes(), path.name, programme.validator)
        return json.loads(json.dumps(decision_data(programme.decider.decide(dossier, day, trace=trace))))

    return run


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) > 150


def test_every_decision_fits(faults: Faults, decide: Decide) -> None:
    found = {path.name: faults("decision", decide(path)) for path in FIXTURES}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_every_traced_decision_fits(faults: Faults, decide: Decide) -> None:
    found = {path.name: faults("decision", decide(path, trace=True)) for path in FIXTURES[::4]}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_trace_is_there_only_when_it_is_asked_for(decide: Decide) -> None:
    path = FOLDER / "solde-cinq-defauts.json"
    plain, traced = decide(path), decide(path, trace=True)
    assert [name for name, request in plain["demandes"].items() if "trace" in request] == []
    assert [name for name, request in traced["demandes"].items() if "trace" not in request] == []


def test_the_fixtures_reach_every_definition_of_the_schema(decide: Decide) -> None:
    """A schema of members that no fixture has would prove nothing."""
    seen: set[str] = set()
    for path in FIXTURES:
        decision = decide(path)
        seen |= {"cas" for _ in decision["recouvrement"]["cas"]}
        seen |= {f"appreciation:{line['etat']}" for line in decision["appreciations"]}
        for request in decision["demandes"].values():
            seen |= {f"verdict:{request['verdict']}", f"propose:{request['montant_propose'] is not None}"}
            seen |= {f"resultat:{finding['resultat']}" for finding in request["constats"]}
            seen |= {"reparation" for _ in request["reparation"]["actions"]}
            seen |= {"obstacle" for _ in request["reparation"]["obstacles"]}
            seen |= {"etapes" for amount in request["montants"] if amount["etapes"]}
            seen |= {"manquants" for finding in request["constats"] if finding["manquants"]}
    wanted = {"cas", "reparation", "obstacle", "etapes", "manquants", "propose:True", "propose:False"}
    wanted |= {f"verdict:{v}" for v in ("rejeter", "completer", "accepter")}
    wanted |= {f"resultat:{r}" for r in ("satisfait", "non_satisfait", "manquant", "sans_objet", "a_apprecier")}
    wanted |= {f"appreciation:{s}" for s in ("ouverte", "consignee", "expiree", "invalide")}
    assert wanted <= seen


def sample(decide: Decide) -> Any:
    return decide(FOLDER / "solde-cinq-defauts.json")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("verdict", "refuser"),
        ("verdict", None),
        ("provisoire", "non"),
        ("recue_le", "2023-07-26T14:00:00"),
        ("recue_le", "26/07/2023"),
        ("bilan/satisfait", -1),
        ("bilan/autre", 0),
        ("constats/0/resultat", "vrai"),
        ("constats/0/consequence", "refuser"),
        ("constats/0/cause", 3),
        ("constats/0/gravite", "erreur"),
        ("montants/0/valeur", 86124.32),
        ("montants/0/valeur", "86124.3"),
        ("montants/0/valeur", "86 124,32"),
        ("montants/0/type", "euros"),
        ("reparation/possible", None),
        ("trace", []),
    ],
)
def test_a_decision_that_is_not_as_described_does_not_fit(
    faults: Faults, decide: Decide, path: str, value: Any
) -> None:
    decision = sample(decide)
    assert faults("decision", decision) == []
    place = decision["demandes"]["solde"]
    *parents, last = path.split("/")
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[last] = value
    assert faults("decision", decision)


def test_a_decision_with_a_member_too_few_does_not_fit(faults: Faults, decide: Decide) -> None:
    decision = sample(decide)
    for member in decision:
        assert faults("decision", {key: value for key, value in decision.items() if key != member}), member


def test_a_request_with_a_member_too_few_does_not_fit(faults: Faults, decide: Decide) -> None:
    decision = sample(decide)
    for member in decision["demandes"]["solde"]:
        changed = copy.deepcopy(decision)
        del changed["demandes"]["solde"][member]
        assert faults("decision", changed), member


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("booleen", "vrai"),
        ("entier", 1.5),
        ("montant", 12.5),
        ("date", "31/07/2023"),
        ("duree", "15 jours"),
        ("objet", []),
    ],
)
def test_a_datum_is_of_the_type_that_it_declares(faults: Faults, decide: Decide, kind: str, value: Any) -> None:
    decision = sample(decide)
    datum = {"nom": "x", "titre": "x", "type": kind, "valeur": None}
    decision["demandes"]["solde"]["constats"][0]["valeurs"] = [datum]
    assert faults("decision", decision) == []
    datum["valeur"] = value
    assert faults("decision", decision)


# --- the report -----------------------------------------------------------------------------------------------------


Report = Callable[..., Any]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """What `check --format json` prints."""

    def run(*arguments: str) -> Any:
        run_code(["check", "--format", "json", *arguments])
        return json.loads(capsys.readouterr().out)

    return run


def test_the_report_of_a_run_fits(faults: Faults, report: Report, tmp_path: Path) -> None:
    broken = tmp_path / "illisible.json"
    broken.write_text('{"programme": "af-ope-mss",}', "utf-8")
    good = [str(FOLDER / name) for name in ("avance-developpeur-complete.json", "solde-cinq-defauts.json")]
    found = report("--au", "2023-09-04", *good, str(broken))
    assert faults("rapport", found) == []
    assert (len(found["decisions"]), len(found["erreurs"]), found["bilan"]["dossiers"]) == (2, 1, 3)


def test_the_report_of_a_run_that_reads_nothing_fits(faults: Faults, report: Report, tmp_path: Path) -> None:
    broken = tmp_path / "vide.json"
    broken.write_text("", "utf-8")
    assert faults("rapport", report(str(broken))) == []


def test_a_report_whose_decision_is_not_one_does_not_fit(faults: Faults, report: Report) -> None:
    found = report("--au", "2023-09-04", str(FOLDER / "avance-developpeur-complete.json"))
    found["decisions"][0]["verdict"] = "accepter"
    assert faults("rapport", found)
