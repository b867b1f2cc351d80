"""`lint --fix` never writes over an edit that was saved since it read the file."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from recevable.cli import lint as verb
from recevable.cli import outputs
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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "regles.yaml"
    path.write_bytes(b"lu")
    path.chmod(0o640)
    return path


def in_place(path: Path) -> None:
    path.write_bytes(b"sauve")


def by_another_file(path: Path) -> None:
    """As most editors save."""
    other = path.with_name("brouillon")
    other.write_bytes(b"sauve")
    other.replace(path)


STEPS = ("rename", "hardlink_to", "unlink")


@pytest.mark.parametrize("save", [in_place, by_another_file])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_what_is_saved_at_any_step_stays(
    file: Path, step: str, late: bool, links: bool, save: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []

    def interrupted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def run(path: Path, *arguments: Any, **options: Any) -> Any:
            mine = path.name.startswith(".recevable-") or path == file
            due = name == step and not saved and mine
            if due and not late:
                saved.append(step)
                save(file)
            if name == "hardlink_to" and not links:
                raise OSError("no links here")
            found = real(path, *arguments, **options)
            if due and late and not saved:
                saved.append(step)
                save(file)
            return found

        return run

    for name in STEPS:
        monkeypatch.setattr(Path, name, interrupted(name, getattr(Path, name)))
    placed = outputs.write_whole(file, b"corrige", "--fix", b"lu")
    assert saved or not links
    if saved:
        assert file.read_bytes() == b"sauve"
    # what was saved once the file was in its place is the newer of the two
    assert not (placed and saved) or late or step == "unlink"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_is_written_through_an_open_file_is_put_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.hardlink_to

    def written(path: Path, source: Path) -> None:
        real(path, source)
        if path == file:
            editor.write(b"sauve")
            editor.flush()

    with file.open("r+b") as editor:
        monkeypatch.setattr(Path, "hardlink_to", written)
        assert outputs.write_whole(file, b"corrige", "--fix", b"lu") is False
    assert file.read_bytes() == b"sauve"


@pytest.mark.parametrize("step", ["rename", "hardlink_to"])
def test_an_interruption_leaves_the_file_in_its_place(file: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = getattr(Path, step)
    stopped: list[Path] = []

    def stop(path: Path, *arguments: Any) -> Any:
        if not stopped:
            stopped.append(path)
            if step == "rename":
                real(path, *arguments)
            raise KeyboardInterrupt
        return real(path, *arguments)

    monkeypatch.setattr(Path, step, stop)
    with pytest.raises(KeyboardInterrupt):
        outputs.write_whole(file, b"corrige", "--fix", b"lu")
    assert file.read_bytes() == b"lu"
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == [file.name]
