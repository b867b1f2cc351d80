"""The generator of guides shows what commands print, and stops when they do not do what the guide says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], str]:
    """The guide of a model."""
    monkeypatch.syspath_prepend(str(DOCS))
    from _pages import guide, markdown

    monkeypatch.setattr(markdown, "_MODELS", tmp_path)
    monkeypatch.setattr(guide, "COPIED", ())

    def write(text: str) -> str:
        (tmp_path / "g.md").write_text(text, "utf-8")
        return str(guide.page("g.md"))

    monkeypatch.setattr(guide._Workshop, "__init__", _bare)
    return write


def _bare(self: Any, folder: Path) -> None:
    """A workshop with one file, and nothing of the project."""
    (folder / "projet").mkdir()
    (folder / "projet" / "f.yaml").write_text("a: 1\nb: 2\n", "utf-8")
    self.root, self.environment = folder / "projet", {"PATH": "/usr/bin:/bin"}


def test_a_command_is_shown_with_what_it_prints(write: Callable[[str], str]) -> None:
    assert write("```console\n$ cat f.yaml\n```\n") == "```console\n$ cat f.yaml\na: 1\nb: 2\n```\n"


def test_a_part_of_what_it_prints_is_kept(write: Callable[[str], str]) -> None:
    text = write("```console\n$ seq 9\n~1 3\n~ 7\n```\n")
    assert text == "```console\n$ seq 9\n[…]\n3\n4\n[…]\n7\n[…]\n```\n"


def test_a_change_is_made_before_what_follows(write: Callable[[str], str]) -> None:
    text = write("```diff\n--- f.yaml\n a: 1\n-b: 2\n+b: 3\n```\n```console\n$ cat f.yaml\n```\n")
    assert text.endswith("$ cat f.yaml\na: 1\nb: 3\n```\n")


def test_a_file_is_made(write: Callable[[str], str]) -> None:
    text = write("```yaml\n# n.yaml\nc: 4\n```\n```console\n$ cat n.yaml\n```\n")
    assert text.endswith("$ cat n.yaml\nc: 4\n```\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```console\n$ false\n```\n", "ends with 1, not 0"),
        ("```console\n$ true\n? 1\n```\n", "ends with 0, not 1"),
        ("```console\n$ seq 3\n~ 9\n```\n", "prints no line like 9"),
        ("```console\n$ seq 3\n~ 3\n~ 2\n```\n", "prints no line like 2"),
        ("```console\n$ seq 3\n1\n```\n", "neither a command nor what to keep"),
        ("```diff\n--- f.yaml\n-c: 2\n+c: 3\n```\n", "are there 0 times"),
    ],
)
def test_what_is_not_as_the_guide_says_stops_it(write: Callable[[str], str], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write(text)
