"""No address and no name leaves the tool: not in what it prints, not in what it writes, not in an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from recevable.registers.annuaire.commands import annuaire
from recevable.registers.annuaire.extraction import HEADER

if TYPE_CHECKING:
    from tests.registers.annuaire.conftest import Bench

SECRET = "secretdupont"
REST = "|" * 24
ENTRIES = [("un.example", "300012340600019"), ("partage.example", "300012340600019"), ("partage.example", "1990000016")]


def row(kind: str, address: str) -> str:
    """A line that names somebody in every column that may."""
    return f"{kind}|{address}|8|{SECRET}|{SECRET}|{SECRET}|{SECRET}{REST}"


LINES = [
    row("PER", f"{SECRET}@un.example"),
    row("PER", f"{SECRET}@un.example"),
    row("ORG", f"{SECRET}@partage.example"),
    row("CAB", f"{SECRET}.cab@un.example"),
    row("PER", f"{SECRET}.deux@un.example"),
    row("ORG", f"{SECRET}.deux@un.example"),
    row("PER", f"{SECRET}@ailleurs.example"),
    row("PER", f"{SECRET}@{SECRET}"),
    row("PER", f"x@{SECRET}_.example"),
    row(SECRET, f"{SECRET}.trois@un.example"),
    row("", f"{SECRET}@un.example"),
    row("PER", SECRET),
    row("PER", f"{SECRET}@{SECRET}@un.example"),
    row("PER", f"{SECRET} @un.example"),
    row("PER", f"{SECRET}@un.example") + "|",
    f"PER|{SECRET}@un.example",
    SECRET,
]


def assert_silent(text: str) -> None:
    assert SECRET not in text.lower()
    assert "@" not in re.sub(r"@(media|page)\b", "", text)


@pytest.mark.parametrize("options", [(), ("--operateur", "300012340600019"), ("--format", "json")])
def test_a_count_names_nobody(bench: Bench, options: tuple[str, ...]) -> None:
    out = bench.folder / "preuve.json"
    arguments = [
        "count",
        str(bench.extraction(LINES)),
        "--liste-blanche",
        str(bench.white_list(ENTRIES)),
        "--out",
        str(out),
    ]
    result = CliRunner().invoke(annuaire, [*arguments, *options])
    assert result.exit_code == 1
    assert_silent(result.output)
    assert_silent(out.read_text(encoding="utf-8"))


def test_a_comparison_names_nobody(bench: Bench) -> None:
    lines = [*LINES, *(row("PER", f"{SECRET}{number}@un.example") for number in range(100))]
    old = str(bench.extraction(LINES, name="ancienne.txt"))
    new = str(bench.extraction(lines, name="nouvelle.txt"))
    page, data = bench.folder / "page.html", bench.folder / "donnees.json"
    arguments = [
        "compare",
        old,
        new,
        "--liste-blanche",
        str(bench.white_list(ENTRIES)),
        "--html",
        str(page),
        "--out",
        str(data),
    ]
    result = CliRunner().invoke(annuaire, arguments)
    assert result.exit_code == 1
    for text in (result.output, page.read_text(encoding="utf-8"), data.read_text(encoding="utf-8")):
        assert_silent(text)


NOBODY = f"PER|{SECRET}@un.example|{SECRET}"


@pytest.mark.parametrize(
    "content",
    [
        NOBODY,
        f"{NOBODY}\n{NOBODY}\n",
        f"{HEADER}\n{NOBODY}\n",
        f"{HEADER}|{SECRET}\n{NOBODY}\n",
        HEADER.replace("Type de BAL", SECRET) + f"\n{NOBODY}\n",
        HEADER + "\n" + "".join(f"{SECRET}{number}|x@un.example{'|' * 29}\n" for number in range(1001)),
    ],
)
def test_a_refusal_names_nobody(bench: Bench, content: str) -> None:
    path = bench.file("e.txt", content.encode())
    arguments = ["count", str(path), "--liste-blanche", str(bench.white_list(ENTRIES))]
    result = CliRunner().invoke(annuaire, arguments)
    assert result.exit_code == 2
    assert_silent(result.output)


@pytest.mark.parametrize("damage", [b"</Contact>", b"<", b"&" + SECRET.encode() + b";", b"\xff"])
def test_a_refused_list_names_nobody(bench: Bench, damage: bytes) -> None:
    path = bench.white_list([(f"{SECRET}.example", "300012340600019")])
    path.write_bytes(path.read_bytes().replace(b"</Description>", SECRET.encode() + damage))
    result = CliRunner().invoke(annuaire, ["count", str(bench.extraction(LINES)), "--liste-blanche", str(path)])
    assert result.exit_code == 2
    assert_silent(result.output)
