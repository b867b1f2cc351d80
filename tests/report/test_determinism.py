"""The same dossier, the same rules and the same day give the same bytes, in this process and in any other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.bounds import HANG

from recevable import data
from recevable.decision.model import Decision
from recevable.dossier.dossier import load
from recevable.programme import Programme
from recevable.report.json_format import decision_data, dump
from recevable.report.layout import Page
from recevable.report.text import render

Decide = Callable[..., Decision]
FIXTURES = data.shipped("rules").parent / "fixtures" / "af-ope-mss"
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.thorough
def test_a_dossier_decided_twice_gives_the_same_bytes(every: dict[str, Decision], decide: Decide) -> None:
    for name in sorted(every, reverse=True):
        again = decide(name)
        assert dump(decision_data(again), indent=True) == dump(decision_data(every[name]), indent=True), name
        assert render(again, PARIS, Page()) == render(every[name], PARIS, Page()), name


@pytest.mark.parametrize("form", ["text", pytest.param("json", marks=pytest.mark.thorough)])
def test_two_processes_give_the_same_bytes_whatever_the_order_of_their_sets(form: str) -> None:
    found = []
    for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        path = os.pathsep.join([str(data.PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
        changes = {
            "PYTHONPATH": path,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "RECEVABLE_CACHE": "non",
            "LC_ALL": "C.UTF-8",
        }
        command = [sys.executable, "-m", "recevable", "check", "--au", "2023-09-04", "--format", form]
        done = subprocess.run(
            [*command, str(FIXTURES)], capture_output=True, check=False, env={**os.environ, **changes}, timeout=HANG
        )
        assert (done.returncode, done.stderr) == (1, b"")
        found.append(done.stdout)
    assert found[0] == found[1]
    assert len(found[0]) > 100_000


def test_the_order_of_the_members_of_a_dossier_changes_only_its_digest(shipped: Programme, decide: Decide) -> None:
    import json

    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    for name in ("solde-cinq-defauts", "recouvrement-quatre-cas", "enrolement-cinq-defauts-et-hors-espace"):
        straight = decide(name)
        content = json.dumps(turned(json.loads((FIXTURES / f"{name}.json").read_bytes()))).encode()
        dossier = load(content, name, shipped.validator)
        other = decision_data(shipped.decider.decide(dossier, straight.decided_on))
        expected = decision_data(straight)
        assert other["recu"].pop("dossier_sha256") != expected["recu"].pop("dossier_sha256")
        assert dump(other, indent=True) == dump(expected, indent=True)


def test_the_name_of_the_file_is_no_part_of_the_decision(shipped: Programme) -> None:
    content = (FIXTURES / "solde-cinq-defauts.json").read_bytes()
    first, second = (
        shipped.to_json(shipped.decide(shipped.read(content, name), date(2023, 9, 4))) for name in ("a.json", "b:12")
    )
    assert first == second
    assert b"a.json" not in first


def test_another_day_is_another_decision(shipped: Programme) -> None:
    path = Path(FIXTURES / "avance-v1-date-inconnue.json")
    dossier = load(path.read_bytes(), path.name, shipped.validator)
    before, after = (shipped.decider.decide(dossier, date(2023, 3, day)) for day in (7, 8))
    assert before.requests[1].verdict != after.requests[1].verdict
