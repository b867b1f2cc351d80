"""Regressions: what a reviewer found that was told wrongly, or not at all."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recevable.cli.app import run_code

ROOT = Path(__file__).parents[2]
ACCEPTED = ROOT / "fixtures" / "af-ope-mss" / "avance-developpeur-complete.json"
DAY = ["--au", "2023-09-04"]


def _dossier(folder: Path, **changes: Any) -> Path:
    data = json.loads(ACCEPTED.read_text("utf-8"))
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = data
        for part in parents:
            node = node[part]
        node[last] = value
    made = folder / "dossier.json"
    made.write_text(json.dumps(data), "utf-8")
    return made


def test_a_request_that_is_asked_for_and_absent_is_never_green(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["check", str(ACCEPTED), *DAY, "--demande", "avance"]) == 0
    assert run_code(["check", str(ACCEPTED), *DAY, "--demande", "avance", "--demande", "solde"]) == 2
    assert "ne contient pas `solde`" in capsys.readouterr().err
    assert run_code(["check", str(ACCEPTED), *DAY, "--demande", "recouvrement", "--demande", "solde"]) == 2


@pytest.mark.parametrize("field", ["avance__recue_le", "enrolement__recue_le"])
def test_the_last_second_of_the_calendar_is_a_fault_of_the_dossier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    assert run_code(["check", str(_dossier(tmp_path, **{field: "9999-12-31T23:59:59Z"})), *DAY]) == 2
    assert "hors du calendrier" in capsys.readouterr().err


def test_a_folder_is_not_green_when_something_in_it_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ACCEPTED, tmp_path / "a.json")
    assert run_code(["check", str(tmp_path), *DAY]) == 0
    (tmp_path / "b.json").symlink_to(tmp_path / "disparu.json")
    assert run_code(["check", str(tmp_path), *DAY]) == 2
    assert "b.json` n'existe pas" in capsys.readouterr().err


def test_a_fault_of_a_pack_is_shown_in_its_place_when_a_folder_of_packs_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packs = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", packs)
    rules = packs / "af-ope-mss" / "regles" / "avance.yaml"
    rules.write_text(rules.read_text("utf-8").replace("consequence: completer", "consequence: completr", 1), "utf-8")
    assert run_code(["check", str(ACCEPTED), *DAY, "--rules", str(packs)]) == 3
    err = capsys.readouterr().err
    assert "consequence: completr" in err
    assert "^" in err


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- -"])
def test_a_closed_stream_gives_no_traceback_and_no_verdict(closed: str) -> None:
    command = f"{sys.executable} -m recevable check {ACCEPTED} {' '.join(DAY)} {closed}"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == {">&-": 4, "2>&-": 0, "<&- -": 2}[closed]


def test_json_stays_json_when_a_run_is_broken_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from recevable.decision.decide import Decider

    whole = Decider.decide
    seen: list[int] = []

    def broken(self: Decider, *words: Any, **more: Any) -> Any:
        seen.append(1)
        if len(seen) > 1:
            raise RuntimeError("panne")
        return whole(self, *words, **more)

    monkeypatch.setattr(Decider, "decide", broken)
    copy = tmp_path / "b.json"
    shutil.copy(ACCEPTED, copy)
    assert run_code(["check", str(ACCEPTED), str(copy), *DAY, "--format", "json"]) == 4
    assert len(json.loads(capsys.readouterr().out)["decisions"]) == 1
