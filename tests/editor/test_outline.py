"""Where one stands in a file, even half-written: the paths of the strict reader where it reads, never a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import recevable
from recevable.editor.complete import proposals
from recevable.editor.cursor import cursor
from recevable.editor.names import Names
from recevable.editor.outline import outline
from recevable.editor.point import hover
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence
from recevable.pack.yaml_strict import read_alone

ROOT = Path(recevable.__file__).parents[2]
FILES = sorted((ROOT / "rules").rglob("*.yaml")) + sorted((ROOT / "tests" / "second_programme").rglob("*.yaml"))


def scalars(node: Node, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Scalar]:
    if isinstance(node, Mapping):
        return {k: v for key, child in node.entries.items() for k, v in scalars(child, (*path, key)).items()}
    if isinstance(node, Sequence):
        return {k: v for rank, child in enumerate(node.items) for k, v in scalars(child, (*path, rank)).items()}
    return {path: node}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_outline_and_the_reader_agree_on_the_path_of_every_value(path: Path) -> None:
    file, node = read_alone(path, path.name)
    found = {p.path for p in outline(file.text).pieces if not p.key and not p.blank}
    assert {place for place, scalar in scalars(node).items() if scalar.text} - found == set()


@given(st.text(st.sampled_from("ab:-[]{},\"'|>#\n \t🚲é"), max_size=60), st.integers(0, 60))
def test_whatever_is_typed_has_an_answer(text: str, offset: int) -> None:
    here = cursor("regles/a.yaml", text, min(offset, len(text)))
    for one in proposals(here, Names({})):
        assert 0 <= one.start <= one.end <= len(text)
    shown = hover(here, Names({}))
    assert shown is None or 0 <= shown.start <= shown.end <= len(text)


@pytest.mark.parametrize(
    ("text", "path", "key"),
    [
        ("regles:\n  - id: A\n    ti|", ("regles", 0, "ti"), True),
        ("regles:\n  - id: A\n    titre: |", ("regles", 0, "titre"), False),
        ("regles:\n  - id: A\n    |", ("regles", 0, ""), True),
        ("regles:\n  - id: A\n    si_faux: {cons|", ("regles", 0, "si_faux", "cons"), True),
        ("regles:\n  - id: A\n    demandes: [a, |", ("regles", 0, "demandes", 1), False),
    ],
)
def test_the_place_under_the_cursor_is_known_while_it_is_typed(
    text: str, path: tuple[str | int, ...], key: bool
) -> None:
    offset = text.index("|")
    piece = outline(text.replace("|", "")).at(offset)
    assert piece is not None
    assert (piece.path, piece.key) == (path, key)
