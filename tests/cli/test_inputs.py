"""Where dossiers come from: files, folders, NDJSON, the standard input; what cannot be read never passes for read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
Dossier = Callable[[str], Path]
Line = Callable[[str], bytes]


def names(outcome: Any) -> list[str]:
    return [decision["dossier"] for decision in outcome.json["decisions"]]


def test_files_are_decided_in_the_order_of_the_command_line(check: Command, dossier: Dossier) -> None:
    paths = [str(dossier(name)) for name in ("revente", "acceptee", "association")]
    assert names(check("--format", "json", *paths)) == paths


def test_a_folder_is_read_through_in_alphabetical_order(check: Command, dossier: Dossier, tmp_path: Path) -> None:
    for place in ("b.json", "a/z.json", "a/a/m.json", "c.JSON", "a/note.txt", "a/lignes.ndjson"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(dossier("acceptee"), tmp_path / place)
    found = names(check("--format", "json", tmp_path))
    assert found == [str(tmp_path / place) for place in ("a/a/m.json", "a/z.json", "b.json", "c.JSON")]


def test_a_folder_without_a_dossier_is_an_error(check: Command, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("rien")
    outcome = check(tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"erreur [ENTREE-VIDE] `{tmp_path}` ne contient aucun fichier .json\n  aide : ")


@pytest.mark.parametrize("suffix", [".ndjson", ".jsonl"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n \n"])
def test_each_line_of_ndjson_is_a_dossier_named_by_its_number(
    check: Command, line: Line, tmp_path: Path, suffix: str, end: bytes
) -> None:
    path = tmp_path / f"lot{suffix}"
    path.write_bytes(b"\n" + end.join(line(name) for name in ("acceptee", "association", "revente")))
    step = end.count(b"\n")
    expected = [f"{path}:{2 + step * rank}" for rank in range(3)]
    assert names(check("--format", "json", path)) == expected


def test_the_digest_of_a_line_is_that_of_the_line(check: Command, line: Line, tmp_path: Path) -> None:
    path, alone = tmp_path / "lot.ndjson", tmp_path / "seul.json"
    alone.write_bytes(line("acceptee"))
    path.write_bytes(line("acceptee") + b"\r\n" + line("acceptee"))
    receipts = [d["recu"]["dossier_sha256"] for d in check("--format", "json", alone, path).json["decisions"]]
    assert len(set(receipts)) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b" \n\t\n\r\n"])
def test_ndjson_without_a_dossier_is_an_error(check: Command, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vide.ndjson"
    path.write_bytes(content)
    outcome = check(path)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"erreur [ENTREE-VIDE] `{path}` ne contient aucun dossier" in outcome.err


def test_a_bad_line_is_shown_in_its_file_and_the_others_are_decided(check: Command, line: Line, tmp_path: Path) -> None:
    path = tmp_path / "lot.ndjson"
    path.write_bytes(line("acceptee") + b'\n{"programme": "prime-velo", "velo": {"prix": 5}}\n' + line("acceptee"))
    outcome = check(path)
    assert outcome.code == 2
    assert f"{path}:2:46: erreur [DOSSIER-SCHEMA] /velo/prix : il faut un texte, `5` trouvé" in outcome.err
    assert '  | {"programme": "prime-velo", "velo": {"prix": 5}}\n' in outcome.err
    assert outcome.out.endswith("Bilan : 3 dossiers, 2 acceptés, 1 illisible.\n")


def test_a_dossier_of_another_programme_is_told_that_alone(check: Command, line: Line, tmp_path: Path) -> None:
    path = tmp_path / "lot.ndjson"
    path.write_bytes(line("acceptee") + b'\n{"programme": "af-ope-mss", "operateur": {"nom": "X"}}\n')
    outcome = check(path)
    assert outcome.code == 2
    message = "ce dossier est du programme `af-ope-mss`, et les règles sont celles de `prime-velo`"
    assert outcome.err.startswith(f"{path}:2:15: erreur [PROGRAMME] {message}\n")
    assert outcome.err.count("erreur [") == 1


@pytest.mark.parametrize("written", ["prime-vélo", "Prime-Velo", "prime-velos"])
def test_a_misspelt_programme_is_not_another_one(check: Command, line: Line, written: str) -> None:
    outcome = check("-", content=line("acceptee").replace(b"prime-velo", written.encode()))
    assert outcome.code == 2
    assert "/programme" in outcome.err
    assert "`prime-velo`" in outcome.err


# --- standard input ---------------------------------------------------------------------------------------------------


def test_a_dossier_comes_by_the_standard_input(check: Command, dossier: Dossier) -> None:
    outcome = check("--format", "json", "-", content=dossier("acceptee").read_bytes())
    assert (outcome.code, names(outcome)) == (0, ["(entrée standard)"])


@pytest.mark.parametrize("layout", [
    b'{"programme":\n{}\n}', b'{"programme": "prime-velo",\n"prime": {}}', b'{\n{', b'{"a": [\n{"b": 1}]}',
    b'{"a": [{"b": 1},\n{"b": 1}]}', b"[\n{}\n]",
])  # fmt: skip
def test_no_layout_of_one_dossier_is_taken_for_several(check: Command, layout: bytes) -> None:
    report = check("--format", "json", "-", content=layout).json
    assert [entry["dossier"] for entry in (*report["decisions"], *report["erreurs"])] == ["(entrée standard)"]


def test_several_lines_by_the_standard_input_are_several_dossiers(check: Command, line: Line) -> None:
    outcome = check("--format", "json", "-", content=b"\n".join([line("acceptee"), b"", line("association"), b"{"]))
    assert outcome.code == 2
    assert names(outcome) == ["(entrée standard):1", "(entrée standard):3"]
    assert [entry["dossier"] for entry in outcome.json["erreurs"]] == ["(entrée standard):4"]


def test_a_truncated_first_line_keeps_no_other_from_its_decision(check: Command, line: Line) -> None:
    outcome = check("--format", "json", "-", content=line("acceptee").rstrip(b"}") + b"\n" + line("acceptee"))
    assert names(outcome) == ["(entrée standard):2"]
    assert outcome.code == 2


@pytest.mark.parametrize("content", [b"", b" \n "])
def test_an_empty_standard_input_is_an_error(check: Command, content: bytes) -> None:
    outcome = check("-", content=content)
    assert (outcome.code, outcome.out) == (2, "")
    assert "(entrée standard):1:1: erreur [JSON-SYNTAXE] il n'y a rien à lire : le fichier est vide" in outcome.err


def test_a_fault_of_the_standard_input_has_its_excerpt(check: Command) -> None:
    outcome = check("-", content=b'{\n  "programme": "prime-velo",\n  "prime": 1\n}')
    assert "(entrée standard):3:12: erreur" in outcome.err
    assert '  |   "prime": 1\n  |            ^\n' in outcome.err


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["absent.json", "absent.ndjson", "absent/dossier.json", "acceptee.json/dossier.json"])
def test_a_file_that_does_not_exist_is_an_error(check: Command, dossier: Dossier, tmp_path: Path, name: str) -> None:
    shutil.copy(dossier("acceptee"), tmp_path / "acceptee.json")
    outcome = check(tmp_path / name)
    assert (outcome.code, outcome.out) == (2, "")
    assert (
        outcome.err
        == f"erreur [ENTREE-LECTURE] `{tmp_path / name}` n'existe pas\n  aide : Vérifiez le nom et les droits.\n"
    )


def test_a_file_that_may_not_be_read_keeps_no_other_from_its_decision(
    check: Command, dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = tmp_path / "interdit.json"
    forbidden.touch()
    opened = os.open

    def refuse(path: Any, *args: Any, **options: Any) -> Any:
        if path == forbidden:
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)

    # a mode would not stop a superuser
    monkeypatch.setattr(os, "open", refuse)
    outcome = check(forbidden, dossier("acceptee"))
    assert outcome.code == 2
    assert f"`{forbidden}` ne peut pas être lu : accès refusé" in outcome.err
    assert "Bilan : 2 dossiers, 1 accepté, 1 illisible." in outcome.out


def test_a_name_with_a_null_byte_is_an_error(check: Command) -> None:
    outcome = check("a\0b.json")
    assert outcome.code == 2
    assert "ne peut pas être lu" in outcome.err
    assert "\0" not in outcome.err


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_a_name_that_is_not_utf_8_can_be_printed(check: Command, dossier: Dossier, tmp_path: Path, form: str) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.json"
    Path(os.fsdecode(path)).write_bytes(dossier("acceptee").read_bytes())
    outcome = check("--format", form, tmp_path)
    assert outcome.code == 0
    assert "caf\ufffd.json" in outcome.out


def test_a_name_does_not_act_on_the_terminal(check: Command, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb\n.json"
    path.write_bytes(b"{")
    outcome = check(path)
    assert outcome.code == 2
    assert outcome.err.startswith(f"{tmp_path}/a\\u001b[2Jb\\u000a.json:1:2: erreur")


def test_a_decided_name_does_not_act_on_the_terminal_either(check: Command, dossier: Dossier, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb\n.json"
    shutil.copy(dossier("acceptee"), path)
    outcome = check(path)
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    assert f"{tmp_path}/a\\u001b[2Jb\\u000a.json" in outcome.out
