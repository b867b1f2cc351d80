"""What people who do not program write by mistake in every kind of file: one finding, at its line, with the repair."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.lint.slips import SLIPS, Slip

from recevable import data
from recevable.adapters.registry import verify as verify_import
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.lint.run import lint
from recevable.pack import applicants, letters, removals, requirements
from recevable.pack.model import Pack
from recevable.pack.source import FolderSource, OverlaidSource, PackSource, SchemaFile
from recevable.programme import Programme, open_programme
from recevable.trials.scenarios import ScenarioReader

ROOT = Path(__file__).parents[2]
NAME = "af-ope-mss"
PACK = data.shipped("rules") / NAME
DOSSIERS = ROOT / "fixtures" / NAME
SCHEMA = data.shipped("schemas") / NAME / "dossier.schema.json"
DAY = date(2026, 12, 1)

Verify = Callable[[PackSource, Pack], list[Diagnostic]]


def _requirements(source: PackSource, pack: Pack) -> list[Diagnostic]:
    try:
        return list(requirements.compare(pack, requirements.read(source)))
    except DiagnosticError as error:
        return list(error.diagnostics)


# What reads a file of its own once the rules are read; `lint` reads them all, a second for each slip.
READERS: dict[str, Verify] = {
    "exigences.yaml": _requirements,
    "pieges.yaml": _requirements,
    "import.yaml": verify_import,
    "demandeurs.yaml": applicants.verify,
    "retraits.yaml": removals.verify,
    "courriers": letters.verify,
}


class OtherSchema(OverlaidSource, frozen=True):
    """The shipped pack with another dossier schema."""

    content: bytes = b""

    def schema(self, name: str) -> SchemaFile:
        return SchemaFile(self.content, name, None)


@pytest.fixture(scope="module")
def shipped() -> Programme:
    return open_programme(PACK, prepared=False)


def slipped(text: str, slip: Slip) -> tuple[str, int]:
    """The text with the slip in it, and the line of its mark."""
    found = re.search(slip.pattern, text, re.MULTILINE)
    assert found is not None, slip.pattern
    before, mark, after = f"{text[: found.start()]}{slip.written}{text[found.end() :]}".partition("▸")
    assert mark
    return before + after, before.count("\n") + 1


def findings(slip: Slip, text: str, shipped: Programme, folder: Path) -> list[Diagnostic]:
    """All that is said of a file."""
    source, head = FolderSource(PACK), slip.file.partition("/")[0]
    try:
        if slip.file.endswith("schema.json"):
            open_programme(OtherSchema(source, {}, text.encode()), prepared=False)
        elif slip.file.endswith(".json"):
            shipped.read(text.encode(), slip.file)
        elif head == "scenarios":
            return _scenarios(slip, text, shipped, folder)
        elif head in READERS:
            return READERS[head](OverlaidSource(source, {slip.file: text.encode()}), shipped.pack)
        else:
            return lint(OverlaidSource(source, {slip.file: text.encode()}), DAY)
    except DiagnosticError as error:
        return list(error.diagnostics)
    return []


def _scenarios(slip: Slip, text: str, shipped: Programme, folder: Path) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    reader = ScenarioReader(shipped, DOSSIERS, found)
    reader.folder = folder
    (folder / "scenarios").mkdir()
    (folder / slip.file).write_text(text, "utf-8")
    list(reader.read())
    return found


def place(slip: Slip) -> Path:
    if slip.file.endswith("schema.json"):
        return SCHEMA
    return (DOSSIERS if slip.file.endswith(".json") else PACK) / slip.file


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{one.file} {rank}" for rank, one in enumerate(SLIPS)])
def test_a_slip_is_one_finding_at_its_line_with_the_repair(slip: Slip, shipped: Programme, tmp_path: Path) -> None:
    text, line = slipped(place(slip).read_text("utf-8"), slip)
    found = findings(slip, text, shipped, tmp_path)
    assert [(one.code, one.help) for one in found] == [(slip.code, slip.help)]
    (one,) = found
    assert one.span is not None
    if slip.elsewhere:
        assert one.span.file.endswith(slip.elsewhere)
    else:
        assert (one.span.file.rpartition("/")[2], one.span.line) == (slip.file.rpartition("/")[2], line)


def test_every_kind_of_file_is_tried() -> None:
    kinds = Counter(re.sub(r"^(courriers|scenarios|.*\.json).*", r"\1", slip.file) for slip in SLIPS)
    assert len(SLIPS) >= 120
    assert {path.name if path.is_file() else f"{path.name}" for path in PACK.iterdir()} <= {
        *kinds, "regles", "mutants.yaml",
    }  # fmt: skip
