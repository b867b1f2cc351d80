"""Nothing that is printed acts on a terminal or on the runner that reads it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recevable import printed
from recevable.language.diagnostics import Severity, Span
from recevable.outputs.formats import FORMATS
from recevable.outputs.run import Annotation, Case, Run
from recevable.printed import in_json, quiet, visible

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
