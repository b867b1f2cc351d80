"""`lint --fix` never writes over an edit that was saved since it read the file."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from recevable.cli import lint as verb
from recevable.cli.app import run_code
from recevable.language.diagnostics import Diagnostic, Span
from recevable.lint import repair

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "rules" / "af-ope-mss", tmp_path / "p")
    rules = tmp_path / "p" / "regles" / "tva.yaml"
    lines = rules.read_text("utf-8").split("\n")
    rank = next(rank for rank, line in enumerate(lines) if line.strip().startswith("titre: ") and '"' not in line)
    head, title = lines[rank].split("titre: ")
    lines[rank] = f"{head}titre: “{title}”"
    rules.write_text("\n".join(lines), "utf-8")
    rules.chmod(0o640)
    return tmp_path / "p"


def test_an_edit_that_was_saved_meanwhile_is_left_alone_and_told(
    pack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, real = pack / "regles" / "tva.yaml", repair.repaired

    def slow(folder: Path, day: date) -> repair.Repaired:
        done = real(folder, day)
        rules.write_text(rules.read_text("utf-8") + "# gardé\n", "utf-8")
        return done

    monkeypatch.setattr(verb, "repaired", slow)
    assert run_code(["lint", str(pack), "--fix", "--au", "2026-12-01"]) == 1
    text = rules.read_text("utf-8")
    assert text.endswith("# gardé\n")
    assert "“" in text
    assert "changé entre-temps" in capsys.readouterr().err


def test_a_file_that_nobody_touched_is_repaired_and_keeps_its_rights(pack: Path) -> None:
    run_code(["lint", str(pack), "--fix", "--au", "2026-12-01"])
    rules = pack / "regles" / "tva.yaml"
    assert "“" not in rules.read_text("utf-8")
    assert rules.stat().st_mode & 0o777 == 0o640


def test_a_repair_that_is_what_is_there_is_none(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (pack / "regles" / "tva.yaml").read_text("utf-8")
    line = next(rank for rank, one in enumerate(text.split("\n"), 1) if one.startswith("regles"))
    same = Diagnostic("X", "m", Span("regles/tva.yaml", line, 1, 6), fix="regles")
    monkeypatch.setattr(repair, "lint", lambda *_: [same])
    found = repair.repaired(pack, date(2026, 12, 1))
    assert not found.done
    assert not found.files
    assert found.left == (same,)
