"""Words that a runner of continuous integration or a terminal would obey: shown, in every format, on both streams."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.printed import in_json, same_length, visible
from recevable.report.json_format import dump
from recevable.report.layout import Page

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"
NAMES = ["::add-mask::e.json", "##vso[task.setvariable variable=a]b.json", "##[group]a.json", "::group::.json"]
WORDS = ["::add-mask::x", "##[stop-commands]x", "##vso[task.complete]y", "##teamcity[a]", "\u0085\u202e\u200b\u009b31m"]
FORMATS = ["text", "json", "ndjson", "junit", "sarif", "gitlab", "github"]
ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def _obeyed(output: str, fmt: str = "") -> list[str]:
    lines = [line for line in output.split("\n") if re.search(r"##\w*\[", line) or ACTS.search(line)]
    ours = ("::error ", "::warning ", "::notice ") if fmt == "github" else ()
    return lines + [line for line in output.split("\n") if line.lstrip().startswith("::") and not line.startswith(ours)]


def _run(folder: Path, *words: str) -> tuple[str, str]:
    environment = {**os.environ, "RECEVABLE_CACHE": "non"}
    command = [sys.executable, "-m", "recevable", *words]
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, env=environment)
    return done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_name_and_no_value_of_a_dossier_is_obeyed(tmp_path: Path, fmt: str) -> None:
    data = json.loads(DOSSIER.read_bytes())
    for name in NAMES:
        shutil.copy(DOSSIER, tmp_path / name)
    for rank, word in enumerate(WORDS):
        (tmp_path / f"faute-{rank}.json").write_text(json.dumps(data | {"programme": word}), "utf-8")
        (tmp_path / f"cle-{rank}.json").write_text(json.dumps(data | {word: 1}, ensure_ascii=False), "utf-8")
        (tmp_path / f"reference-{rank}.json").write_text(json.dumps(data | {"reference": word}), "utf-8")
        (tmp_path / f"coupe-{rank}.json").write_text(f"{{\n{word}", "utf-8")
    out, err = _run(
        tmp_path, "check", *sorted(path.name for path in tmp_path.iterdir()), "--au", "2023-10-02", "--format", fmt
    )
    assert out
    assert _obeyed(out, fmt) == []
    assert _obeyed(err) == []


@pytest.mark.parametrize("words", [["check", "::x::"], ["::x::"], ["check", "--au", "##[a]"], ["lint", "##vso[x]"]])
def test_no_word_of_the_command_line_is_obeyed(tmp_path: Path, words: list[str]) -> None:
    out, err = _run(tmp_path, *words)
    assert err
    assert _obeyed(out + err) == []


@pytest.mark.parametrize("fmt", ["text", "json", "junit", "sarif", "gitlab", "github"])
def test_no_line_and_no_file_of_a_pack_is_obeyed(tmp_path: Path, fmt: str) -> None:
    pack = tmp_path / "p"
    shutil.copytree(ROOT / "rules" / "af-ope-mss", pack)
    (pack / "regles" / "::add-mask::a.yaml").write_text("::add-mask::x: ##vso[a]\n  ##[x]: [\n", "utf-8")
    (pack / "##[a].yaml").write_text("a: 1\n", "utf-8")
    out, err = _run(tmp_path, "lint", "p", "--format", fmt)
    assert "add-mask" in out + err
    assert _obeyed(out, fmt) == []
    assert _obeyed(err) == []


@given(st.text(), st.sampled_from(WORDS), st.text())
def test_json_keeps_its_data_and_shows_it(before: str, word: str, after: str) -> None:
    data = {before + word: [after + word + before]}
    text = dump(data, indent=False)
    assert json.loads(text) == data
    assert in_json(text) == text
    assert _obeyed(text) == []


@given(st.text(), st.sampled_from(WORDS), st.text(alphabet=" a:#[\n", max_size=80))
def test_a_paragraph_is_never_obeyed(before: str, word: str, after: str) -> None:
    lines = Page(30).paragraph(f"{before} {word} {after}", "  ")
    assert _obeyed("\n".join(lines)) == []


@given(st.text())
def test_columns_are_kept_where_they_are_counted(text: str) -> None:
    assert len(same_length(text)) == len(text)


@pytest.mark.parametrize("text", ["a::b", "12:30", "#1 [a]", "### titre", "`é` : « à »"])
def test_what_nobody_obeys_is_left_alone(text: str) -> None:
    assert visible(text) == text
