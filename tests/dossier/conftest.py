"""What the tests of dossiers share: JSON values, ways of writing them, the shipped schema and its dossiers."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from recevable import data
from recevable.dossier.json_reader import read
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import Diagnostic, DiagnosticError

PARIS = ZoneInfo("Europe/Paris")
FIXTURES = data.shipped("rules").parent / "fixtures" / "af-ope-mss"

# Characters that a careless reader takes for structure, beside ordinary and remote ones; composed, as they are read.
_TEXT = st.text(
    st.sampled_from('"\\:,{}[]\n\tu0022 aé€\u2028\u202e😀\x7f/') | st.characters(codec="utf-8"), max_size=12
).map(lambda text: unicodedata.normalize("NFC", text))
_SCALAR = st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | _TEXT


def _containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(children, max_size=4) | st.dictionaries(_TEXT, children, max_size=4)


VALUES: st.SearchStrategy[Any] = st.recursive(_SCALAR, _containers, max_leaves=12)


@dataclass
class Writer:
    """Writes JSON with the freedom that the grammar leaves: any white space, any character escaped or not.

    The member of rank `doubled` is written twice, its key spelled in two ways.
    """

    chance: random.Random
    doubled: int = -1
    rank: int = field(default=0, init=False)

    def write(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(self.member(key, item) for key, item in value.items()) + self.space() + "}"
        if isinstance(value, list):
            return "[" + ",".join(self.space() + self.write(item) + self.space() for item in value) + self.space() + "]"
        return self.text(value) if isinstance(value, str) else json.dumps(value)

    def member(self, key: str, value: Any) -> str:
        rank, self.rank = self.rank, self.rank + 1
        written = self.pair(key, value)
        return f"{written},{self.pair(key, 0)}" if rank == self.doubled else written

    def pair(self, key: str, value: Any) -> str:
        return f"{self.space()}{self.text(key)}{self.space()}:{self.space()}{self.write(value)}{self.space()}"

    def text(self, value: str) -> str:
        return '"' + "".join(self.character(char) for char in value) + '"'

    def character(self, char: str) -> str:
        if self.chance.random() < 0.2:
            units = char.encode("utf-16-be", "surrogatepass")
            return "".join(f"\\u{units[i]:02x}{units[i + 1]:02X}" for i in range(0, len(units), 2))
        return json.dumps(char, ensure_ascii=False)[1:-1]

    def space(self) -> str:
        return "".join(self.chance.choices(" \t\r\n", k=self.chance.choice((0, 0, 0, 1, 3))))


@pytest.fixture
def refusal() -> Callable[..., list[Diagnostic]]:
    """What is said of a JSON text that must be refused."""

    def read_and_fail(text: str | bytes, first_line: int = 1) -> list[Diagnostic]:
        content = text if isinstance(text, bytes) else text.encode()
        with pytest.raises(DiagnosticError) as caught:
            read(content, "essai.json", first_line)
        return list(caught.value.diagnostics)

    return read_and_fail


@pytest.fixture(scope="session")
def values() -> st.SearchStrategy[Any]:
    """JSON values without floats; objects have distinct keys."""
    return VALUES


@pytest.fixture(scope="session")
def writer() -> type[Writer]:
    """A writer of JSON in every layout."""
    return Writer


@pytest.fixture(scope="session")
def shipped() -> SchemaValidator:
    """The validator of the shipped dossier schema."""
    return SchemaValidator(data.read_schema("af-ope-mss/dossier.schema.json"), PARIS)


@pytest.fixture(scope="session")
def dossiers() -> list[Path]:
    """The shipped dossiers."""
    return sorted(FIXTURES.glob("*.json"))
