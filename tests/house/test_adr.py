"""Design choices are recorded in one form, numbered without a gap, and the code that cites one finds it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_records_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in RECORDS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_gives_context_decision_and_consequences(record: Path) -> None:
    lines = record.read_text(encoding="utf-8").splitlines()
    assert re.match(rf"# {int(record.name[:4])}\. \S", lines[0])
    sections = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert sections == ["Context", "Decision", "Consequences"]


def test_every_record_that_is_cited_exists() -> None:
    found = [path for folder in ("engine", "tests", ".ci") for path in (ROOT / folder).rglob("*")]
    readable = [path for path in found if path.is_file() and path.suffix in {"", ".py"}]
    readable += [ROOT / "pyproject.toml", ROOT / "Makefile", *RECORDS]
    cited = {
        number for path in readable for number in re.findall(r"(?:adr/|ADR )(\d{4})", path.read_text(encoding="utf-8"))
    }
    assert cited
    assert cited <= {path.name[:4] for path in RECORDS}
