"""Nothing that is printed acts on a terminal or on the runner that reads it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.bounds import HANG

from recevable import printed
from recevable.language.diagnostics import Severity, Span
from recevable.outputs.formats import FORMATS
from recevable.outputs.run import Annotation, Case, Run
from recevable.printed import in_json, quiet, same_length, visible
from recevable.report.json_format import dump
from recevable.report.layout import Page

WORDS = [
    "::add-mask::e.json", "::set-output name=a::b", "::stop-commands::x", "::group::g", "  ::error::e",
    "\u00a0::warning::w", "##[stop-commands]x", "##vso[task.setvariable variable=a]b", "##[group]", "###[x]",
    "##teamcity[x]", "a ##[b] ##vso[c]", "\r::add-mask::x", "\x1b[0K::x::y", "\u2028::x::y", "\x85::x::y",
]  # fmt: skip
PIECES = [*WORDS, ":", "#", "\n", " ", "é", "\u202e", "\x9b", "\u200b"]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


def obeyed(text: str) -> list[str]:
    """The lines of a text in which a runner finds a command (`ActionCommand.cs` of GitHub, `Command.cs` of Azure)."""
    lines = [line for part in text.split("\n") for line in part.split("\r")]
    return [line for line in lines if line.lstrip().startswith("::") or re.search(r"##\w*\[", line)]


def acting(text: str) -> set[str]:
    """Characters that act instead of showing; the spaces of other writings are spaces."""
    odd = {char for char in text if not char.isprintable() and char not in "\n\t\r"}
    return {char for char in odd if unicodedata.category(char) != "Zs"}


@given(TEXTS)
@example("\r::x::")
def test_a_text_holds_no_command_and_every_character_shows(text: str) -> None:
    said = quiet(text)
    assert obeyed(said) == []
    assert acting(re.sub(r"\x1b\[[0-9;]*[mK]", "", said)) == set()


@pytest.mark.parametrize(
    "text",
    ["Décision : 1\u202f000,00\u00a0€ « oui »\n", "a:b::c # d", "## Titre\n", "\r12 dossiers…", "\r\x1b[K", "a\r\n"],
)
def test_what_is_harmless_stays(text: str) -> None:
    assert quiet(text) == text


def test_colours_stay_and_hide_no_command() -> None:
    assert quiet("\x1b[1;31merreur\x1b[0m") == "\x1b[1;31merreur\x1b[0m"
    assert quiet("\x1b[1m::add-mask::x\x1b[0m") == "\x1b[1m\\u003a:add-mask::x\x1b[0m"


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_says_the_same_without_a_command_or_a_character_that_acts(data: object) -> None:
    written = in_json(msgspec.json.encode(data).decode())
    assert json.loads(written) == data
    assert obeyed(written) == []
    assert acting(written) == set()


@given(TEXTS)
def test_what_is_made_visible_holds_no_command_wherever_a_line_is_cut(text: str) -> None:
    shown = visible(text)
    assert obeyed(shown) == []
    assert obeyed("\n".join(shown.split(" "))) == []
    assert acting(shown) == set()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("word", WORDS)
def test_no_format_passes_a_command_on(name: str, word: str) -> None:
    found = Annotation("VERDICT", Severity.ERROR, word, Span(word, 1, 1), f"{word}\n{word}")
    run = Run("check", (Case(word, word, Span(word, 1, 1), (found,)),), Severity.WARNING, {"VERDICT": word})
    written = FORMATS[name](run)
    told = [line for line in obeyed(written) if not (name == "github" and line.startswith("::error file="))]
    assert told == []
    assert acting(written) == set()


def test_everything_is_printed_in_one_place() -> None:
    package = Path(printed.__file__).parent
    words = re.compile(r"\bclick\.(?:s?echo|secho)\(|(?<![\w.])print\(|\bsys\.(?:stdout|stderr)\.write\(")
    users = {p.relative_to(package).as_posix() for p in package.rglob("*.py") if words.search(p.read_text("utf-8"))}
    assert users == {"printed.py", "cli/outputs.py"}


# --- what a command prints ------------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"
NAMES = ["::add-mask::e.json", "##vso[task.setvariable variable=a]b.json", "##[group]a.json", "::group::.json"]
SHOWN = ["::add-mask::x", "##[stop-commands]x", "##vso[task.complete]y", "##teamcity[a]", "\u0085\u202e\u200b\u009b31m"]
EVERYWHERE = ["text", "json", "ndjson", "junit", "sarif", "gitlab", "github"]


def heard(output: str, fmt: str = "") -> list[str]:
    """What a runner or a terminal obeys in an output, but what the format says to its runner."""
    ours = ("::error ", "::warning ", "::notice ") if fmt == "github" else ()
    lines = [line for line in obeyed(output) if not line.startswith(ours) or re.search(r"##\w*\[", line)]
    return [*lines, *acting(output), *(line for line in output.split("\n") if "\r" in line)]


def run_in(folder: Path, *words: str) -> tuple[str, str]:
    """What a command prints in a folder, on both streams."""
    command = [sys.executable, "-m", "recevable", *words]
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, timeout=HANG)
    return done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("fmt", EVERYWHERE)
def test_no_name_and_no_value_of_a_dossier_isheard(tmp_path: Path, fmt: str) -> None:
    data = json.loads(DOSSIER.read_bytes())
    for name in NAMES:
        shutil.copy(DOSSIER, tmp_path / name)
    for rank, word in enumerate(SHOWN):
        (tmp_path / f"faute-{rank}.json").write_text(json.dumps(data | {"programme": word}), "utf-8")
        (tmp_path / f"cle-{rank}.json").write_text(json.dumps(data | {word: 1}, ensure_ascii=False), "utf-8")
        (tmp_path / f"reference-{rank}.json").write_text(json.dumps(data | {"reference": word}), "utf-8")
        (tmp_path / f"coupe-{rank}.json").write_text(f"{{\n{word}", "utf-8")
    out, err = run_in(
        tmp_path, "check", *sorted(path.name for path in tmp_path.iterdir()), "--au", "2023-10-02", "--format", fmt
    )
    assert out
    assert heard(out, fmt) == []
    assert heard(err) == []


@pytest.mark.parametrize("words", [["check", "::x::"], ["::x::"], ["check", "--au", "##[a]"], ["lint", "##vso[x]"]])
def test_no_word_of_the_command_line_isheard(tmp_path: Path, words: list[str]) -> None:
    out, err = run_in(tmp_path, *words)
    assert err
    assert heard(out + err) == []


@pytest.mark.parametrize("fmt", ["text", "json", "junit", "sarif", "gitlab", "github"])
def test_no_line_and_no_file_of_a_pack_isheard(tmp_path: Path, fmt: str) -> None:
    pack = tmp_path / "p"
    shutil.copytree(ROOT / "rules" / "af-ope-mss", pack)
    (pack / "regles" / "::add-mask::a.yaml").write_text("::add-mask::x: ##vso[a]\n  ##[x]: [\n", "utf-8")
    (pack / "##[a].yaml").write_text("a: 1\n", "utf-8")
    out, err = run_in(tmp_path, "lint", "p", "--format", fmt)
    assert "add-mask" in out + err
    assert heard(out, fmt) == []
    assert heard(err) == []


@given(st.text(), st.sampled_from(SHOWN), st.text())
def test_json_keeps_its_data_and_shows_it(before: str, word: str, after: str) -> None:
    data = {before + word: [after + word + before]}
    text = dump(data, indent=False)
    assert json.loads(text) == data
    assert in_json(text) == text
    assert heard(text) == []


@given(st.text(), st.sampled_from(SHOWN), st.text(alphabet=" a:#[\n", max_size=80))
def test_a_paragraph_is_neverheard(before: str, word: str, after: str) -> None:
    lines = Page(30).paragraph(f"{before} {word} {after}", "  ")
    assert heard("\n".join(lines)) == []


@given(st.text())
def test_columns_are_kept_where_they_are_counted(text: str) -> None:
    assert len(same_length(text)) == len(text)


@pytest.mark.parametrize("text", ["a::b", "12:30", "#1 [a]", "### titre", "`é` : « à »"])
def test_what_nobody_obeys_is_left_alone(text: str) -> None:
    assert visible(text) == text
