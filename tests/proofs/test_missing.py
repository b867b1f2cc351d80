"""What no trial shows: a scenario for a person to accept, which shows it, or the proof that no dossier does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from tests.proofs.conftest import Provers

from recevable import data
from recevable.cli.app import cli
from recevable.language.diagnostics import Diagnostic
from recevable.programme import Programme, open_programme
from recevable.proofs.missing import Goal, Proposal, file, goals, proposals
from recevable.proofs.prover import NotConfirmed, Prover
from recevable.trials.coverage import measure
from recevable.trials.proved import Answer, Example, Status
from recevable.trials.suite import Origin, Trial, collect

PACK = "reconditionneurs"
SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a pack with its dossiers."""
    for kind in ("rules", "schemas", "fixtures"):
        shutil.copytree(data.shipped(kind) / PACK, tmp_path / kind / PACK)
    return tmp_path / "rules" / PACK


def without(programme: Programme, rule: str) -> list[Trial]:
    """The trials of a pack, without those of a rule nor the dossiers but one."""
    trials = [one for one in collect(programme, []) if one.rule != rule and one.origin is not Origin.SCENARIO]
    others = [one.name for one in trials if one.origin is Origin.DOSSIER][1:]
    return [one for one in trials if one.name not in others]


def proposed(programme: Programme, trials: Sequence[Trial]) -> list[Proposal]:
    found = measure(programme.decider, trials)
    return list(proposals(programme, found, trials, seconds=10, elements=3))


def test_what_is_missing_of_a_rule_is_proposed_and_shows_it(folder: Path, provers: Provers) -> None:
    programme = provers(PACK).programme
    found = proposed(programme, without(programme, "DEP-DATE"))
    edge = "date_de(aide.recue_le) <= aujourd_hui"
    assert {(one.goal.rule, one.goal.what) for one in found} == {
        ("DEP-DATE", what)
        for what in ("non_satisfait:faux", "manquant", f"{edge} (à la limite)", f"{edge} (juste au-delà)")
    }
    assert {one.answer.status for one in found} == {Status.REFUTED}
    text = file(found)
    assert text.count("À DÉCIDER : `DEP-DATE`") == 4
    # it reads back as scenarios of the pack, which pass and show what was missing
    scenarios = folder / "scenarios" / "a-accepter.yaml"
    scenarios.write_text(text, "utf-8")
    copy = open_programme(folder, prepared=False)
    diagnostics: list[Diagnostic] = []
    trials = collect(copy, diagnostics)
    assert diagnostics == []
    new = [one for one in trials if "DEP-DATE" in one.name and one.origin is Origin.SCENARIO]
    assert len(new) == 4
    assert not {one.goal for one in found} & set(goals(measure(copy.decider, new)))


def test_what_no_dossier_shows_is_proved(provers: Provers) -> None:
    prover = provers("af-ope-mss")
    trials = collect(prover.programme, [])
    found = measure(prover.programme.decider, trials)
    never = Goal("SOL-DEJA-VERSE", "manquant")
    assert never in goals(found)
    (line,) = (one for one in found.lines if one.rule.id == never.rule)
    only = type(found)((line,), found.trials)
    (answer,) = proposals(prover.programme, only, trials, seconds=10, elements=3)
    assert (answer.goal, answer.answer.status, answer.scenario) == (never, Status.PROVED, "")


def test_the_command_writes_what_is_missing_once(
    provers: Provers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = without(provers(PACK).programme, "DEP-DATE")
    monkeypatch.setattr("recevable.cli.coverage.trials_of", lambda *_: trials)
    line = ["coverage", PACK, "--completer", str(tmp_path), "--format", "json"]
    result = CliRunner().invoke(cli, line, standalone_mode=False)
    assert result.return_value == 0
    found = json.loads(result.output)
    jsonschema.validate(found, json.loads((SCHEMAS / "couverture.schema.json").read_bytes()))
    complements = found["paquets"][0]["complements"]
    assert [one["reponse"] for one in complements] == ["propose"] * 4
    assert complements[0]["dit"] == "un scénario est proposé, à accepter"
    (written,) = tmp_path.iterdir()
    before = written.read_bytes()
    assert before.startswith("# Décisions calculées par les moteurs : à relire".encode())
    # what nobody has accepted yet is not written over
    again = CliRunner().invoke(cli, line)
    assert again.exit_code == 2
    assert written.read_bytes() == before


def test_a_scenario_that_is_not_confirmed_ends_with_4(
    provers: Provers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Prover, question: str, *_: Any, **__: Any) -> Answer:
        raise NotConfirmed(question, Example((b"{}\n",), self.bounds.first, ""), "la décision ne le confirme pas")

    trials = without(provers(PACK).programme, "DEP-DATE")
    monkeypatch.setattr("recevable.cli.coverage.trials_of", lambda *_: trials)
    monkeypatch.setattr(Prover, "ask", refuse)
    line = ["coverage", PACK, "--completer", str(tmp_path)]
    assert CliRunner().invoke(cli, line, standalone_mode=False).return_value == 4
    assert not list(tmp_path.iterdir())
