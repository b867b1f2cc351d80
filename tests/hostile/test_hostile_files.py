"""Each hostile file is refused with one clear fault, at its place, in French, with what to do; and nothing leaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from recevable import data

NAMES = sorted(yaml.safe_load((data.shipped("rules").parent / "fixtures/hostiles/attendu.yaml").read_text("utf-8")))
ENGLISH = re.compile(r"\b(error|expected|unexpected|invalid|missing|the|is|not a|traceback|json\.)\b", re.IGNORECASE)


def test_every_hostile_file_is_expected_and_every_expected_file_is_there(folder: Path) -> None:
    assert sorted(path.name for path in folder.glob("*.json")) == NAMES


def test_the_run_refuses_them_all_and_decides_none(told: Any) -> None:
    assert told.code == 2
    assert told.report["decisions"] == []
    assert told.report["bilan"]["illisibles"] == told.report["bilan"]["dossiers"] == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_fault_is_the_expected_one_at_its_line(name: str, told: Any, expected: dict[str, Any]) -> None:
    printed = told.printed[name]
    assert expected[name]["contient"] in printed
    line = expected[name].get("ligne", 1)
    assert re.search(rf"^\S+/{re.escape(name)}:{line}:\d+: erreur \[[A-Z-]+\] \S", printed, re.MULTILINE)
    assert expected[name]["code"] == 2


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_has_a_place_a_sentence_and_a_help(name: str, told: Any) -> None:
    (entry,) = [entry for entry in told.report["erreurs"] if Path(entry["dossier"]).name == name]
    assert 1 <= len(entry["erreurs"]) <= 2
    for fault in entry["erreurs"]:
        assert fault["fichier"] == entry["dossier"]
        assert fault["ligne"] >= 1
        assert fault["colonne"] >= 1
        assert fault["message"]
        assert fault["aide"].endswith((".", "?", "`"))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_printed_acts_on_the_terminal_or_speaks_english(name: str, told: Any) -> None:
    printed = told.printed[name]
    assert "Traceback" not in printed
    assert all(char.isprintable() for char in printed.replace("\n", ""))
    unquoted = re.sub(r"`[^`]*`|^  \|.*$|^\S+:\d+:\d+:", "", printed, flags=re.MULTILINE)
    assert not ENGLISH.search(unquoted)


@pytest.mark.parametrize(
    "name", ["archive.json", "champ-controle.json", "cle-double-echappee.json", "octets-nuls.json"]
)
def test_a_file_alone_is_refused_alike_with_an_excerpt_and_nothing_on_the_output(
    name: str, folder: Path, told: Any, apart: Callable[..., Any]
) -> None:
    outcome = apart("check", "--au", "2023-09-04", str(folder / name))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == told.printed[name]
    assert re.search(r"^  \| +\^$", outcome.err, re.MULTILINE)


@pytest.mark.parametrize("name", ["une-ligne-par-dossier.json", "deux-documents.json"])
def test_the_help_leads_out(name: str, told: Any) -> None:
    assert "plusieurs vont dans un .ndjson, un par ligne" in told.printed[name]


def test_hostile_files_keep_their_bytes_in_the_repository(folder: Path) -> None:
    rules = (folder.parents[1] / ".gitattributes").read_text("utf-8").splitlines()
    assert "fixtures/hostiles/** -text" in rules
    # had they been converted, these would have become readable
    assert (folder / "marque-utf8.json").read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\xe9" in (folder / "latin-1.json").read_bytes()
