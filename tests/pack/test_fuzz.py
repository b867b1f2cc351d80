"""Whatever is done to a pack, loading it works or says in French what is wrong and where; nothing else ever."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bounds import examples

import recevable
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.loader import load
from recevable.pack.nodes import File
from recevable.pack.requirements import verify
from recevable.pack.yaml_faults import PythonParser
from recevable.pack.yaml_strict import parse

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

ROOT = Path(recevable.__file__).parents[2]
REAL = ROOT / "rules" / "af-ope-mss"
TEXTS = {path.relative_to(REAL).as_posix(): path.read_text("utf-8") for path in sorted(REAL.rglob("*.yaml"))}

# Words of the parsers, none of them French.
ENGLISH = re.compile(
    r"\b(found|expected|while|scanning|parsing|parser|did|mapping|values?|character|stream|token|block|indicator|start|"
    r"end|key|allowed|undefined|duplicate|unknown|error|invalid|unexpected|cannot|could|not|the|is|of|in|at|flow|"
    r"plain|scalar|quoted|anchor|tag|name|line|break|None|True|False|object)\b"
)

SNIPPETS = [
    "\t", "  ", " ", "\n", "\n\n", ":", ": ", " :", "-", "- ", '"', "'", "[", "]", "{", "}", ",", "#", " # ", "&a ",
    "*a", "!x ", "|", ">", "%", "@", "`", "---\n", "...\n", "é", "“", "»", "\u00a0", "\u200b", "\x00", "\x85", "\r",
    "\\", "null", "non", "31/07/2023", "6666,67", "}}", "2023-13-45", "vrai", " et ", "(", ")", "=", "? ", "<<: *x\n",
    "9" * 30, "1e9", "[" * 40, "{a: " * 40, "((((((((((", "\ufeff", "😀", "%YAML 1.2\n",
]  # fmt: skip


KINDS = ["insert", "delete", "replace", "line out", "line twice", "lines swapped", "shift"]


@st.composite
def mutations(draw: st.DrawFn, texts: dict[str, str]) -> tuple[str, str]:
    """One of the files, changed in one to three places."""
    name = draw(st.sampled_from(sorted(texts)))
    text = texts[name]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.sampled_from(KINDS))
        if kind == "insert":
            text = text[:at] + draw(st.sampled_from(SNIPPETS)) + text[at:]
        elif kind == "delete":
            text = text[:at] + text[at + draw(st.integers(1, 12)) :]
        elif kind == "replace":
            text = text[:at] + draw(st.sampled_from(SNIPPETS)) + text[at + draw(st.integers(1, 4)) :]
        else:
            lines = text.splitlines(keepends=True) or [""]
            rank = text.count("\n", 0, at) % len(lines)
            if kind == "line out":
                del lines[rank]
            elif kind == "line twice":
                lines.insert(rank, lines[rank])
            elif kind == "lines swapped":
                lines[rank : rank + 2] = reversed(lines[rank : rank + 2])
            else:
                lines[rank] = draw(st.sampled_from([" ", "  ", "    "])) + lines[rank]
            text = "".join(lines)
    return name, text


def assert_readable(diagnostics: tuple[Diagnostic, ...]) -> None:
    for diagnostic in diagnostics:
        # what is between backquotes or in brackets is quoted from the file
        own_words = re.sub(r"`[^`]*`|\([^)]*\)|« [^»]* »", "", f"{diagnostic.message} {diagnostic.help}")
        assert not ENGLISH.findall(own_words), diagnostic
        assert diagnostic.help, diagnostic
        assert diagnostic.span is not None, diagnostic
        assert diagnostic.span.line >= 1, diagnostic
        assert diagnostic.span.column >= 1, diagnostic
        assert diagnostic.span.length >= 1, diagnostic


@settings(max_examples=examples(250))
@given(mutations(TEXTS))
def test_a_changed_file_is_cut_or_explained(change: tuple[str, str]) -> None:
    name, text = change
    try:
        parse(File(name, text))
    except DiagnosticError as error:
        assert_readable(error.diagnostics)
        for diagnostic in error.diagnostics:
            assert diagnostic.span is not None
            lines = text.split("\n")
            assert diagnostic.span.line <= len(lines), diagnostic
            assert diagnostic.span.column <= len(lines[diagnostic.span.line - 1]) + 1, diagnostic


@settings(max_examples=examples(40))
@given(mutations({name: text for name, text in TEXTS.items() if len(text) < 12_000}))
def test_the_other_front_end_is_as_quiet(change: tuple[str, str]) -> None:
    try:
        parse(File(*change), PythonParser)
    except DiagnosticError as error:
        assert_readable(error.diagnostics)


@settings(max_examples=examples(150))
@given(st.text(alphabet="ab01:-#[]{},\"'&*!|>%@` \n\t\r?é\\", max_size=60))
def test_any_text_is_cut_or_explained(text: str) -> None:
    try:
        parse(File("essai.yaml", text))
    except DiagnosticError as error:
        assert_readable(error.diagnostics)


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the shipped pack, quick to load."""
    root = tmp_path_factory.mktemp("paquet") / "rules" / "af-ope-mss"
    (root / "regles").mkdir(parents=True)
    for name in KEPT:
        shutil.copy(REAL / name, root / name)
    return root


RULES = "regles/aide.yaml"
KEPT = (
    "programme.yaml parametres.yaml exigences.yaml pieges.yaml regles/profil.yaml regles/calendrier.yaml".split()
)  # fmt: skip


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutations({name: TEXTS[name] for name in KEPT}))
def test_a_changed_pack_is_loaded_or_explained(part: Path, change: tuple[str, str]) -> None:
    name, text = change
    (part / name).write_bytes(text.encode())
    try:
        assert_readable(tuple(verify(part, load(part))))
    except DiagnosticError as error:
        assert_readable(error.diagnostics)
    finally:
        (part / name).write_bytes(TEXTS[name].encode())


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_pack_is_compiled_or_explained(pack: PackFolder, data: st.DataObject) -> None:
    texts = {name: (pack.root / name).read_text("utf-8") for name in ("programme.yaml", "parametres.yaml", RULES)}
    name, text = data.draw(mutations({**texts, "expressions": texts[RULES]}))
    name = RULES if name == "expressions" else name
    (pack.root / name).write_bytes(text.encode())
    assert_readable(tuple(pack.faults()))
    (pack.root / name).write_bytes(texts[name].encode())
