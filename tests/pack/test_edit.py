"""One value of a file is replaced and every other character stays, whatever the value and however it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable import data
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.edit import Path as Place
from recevable.pack.edit import with_value
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence, to_data
from recevable.pack.yaml_strict import cut

FILE = b"""\
# en-t\xc3\xaate
regles:   # la liste
  - id: UN
    titre: 'Un l''autre'   # un titre
    message: "Re\xc3\xa7ue le {aide.recue_le}."
    mois: 12
    demandes: [avance,  solde]
    note: >
      Une note
      sur deux lignes.
  - {id: DEUX, actif: true}
"""


def changed(path: Place, text: str, **more: Any) -> str:
    return with_value(FILE, path, text, **more).decode()


@pytest.mark.parametrize(
    ("path", "text", "old", "new"),
    [
        (("regles", 0, "id"), "TROIS", "id: UN\n", "id: TROIS\n"),
        (("regles", 0, "titre"), "L'un", "'Un l''autre'   # un", "'L''un'   # un"),
        (("regles", 0, "message"), 'Dit "oui" : é', '"Reçue le {aide.recue_le}."', '"Dit \\"oui\\" : é"'),
        (("regles", 0, "mois"), "18", "mois: 12\n", "mois: 18\n"),
        (("regles", 0, "demandes", 1), "enrolement", "[avance,  solde]", "[avance,  enrolement]"),
        (("regles", 1, "actif"), "false", "actif: true}", "actif: false}"),
        # what plain writing would not give back is quoted
        (("regles", 0, "id"), "a: b", "id: UN\n", 'id: "a: b"\n'),
        (("regles", 0, "id"), "# rien", "id: UN\n", 'id: "# rien"\n'),
        (("regles", 0, "id"), "", "id: UN\n", "id: ''\n"),
        (("regles", 1, "id"), "a, b", "id: DEUX,", 'id: "a, b",'),
        (("regles", 0, "note"), "Une ligne.", ">\n      Une note\n      sur deux lignes.\n", '"Une ligne."\n'),
    ],
)
def test_the_characters_of_one_value_are_replaced(path: Place, text: str, old: str, new: str) -> None:
    before = FILE.decode()
    assert before.count(old) == 1
    assert changed(path, text) == before.replace(old, new)


def test_quotes_are_put_or_taken_off_when_asked_for() -> None:
    assert 'mois: "12"\n' in changed(("regles", 0, "mois"), "12", quoted=True)
    assert "titre: Simple   # un titre" in changed(("regles", 0, "titre"), "Simple", quoted=False)
    with pytest.raises(ValueError, match="cannot be written at regles/0/id"):
        changed(("regles", 0, "id"), "a: b", quoted=False)


@pytest.mark.parametrize("path", [(), ("regles",), ("regles", 2, "id"), ("regles", "id"), ("autre",), ("regles", 0, 0)])
def test_what_is_no_text_is_refused(path: Place) -> None:
    with pytest.raises(KeyError):
        changed(path, "x")


def test_a_file_that_is_not_yaml_is_refused() -> None:
    with pytest.raises(DiagnosticError):
        with_value(b"a: [", ("a",), "x")


def test_ends_of_lines_and_a_byte_order_mark_stay() -> None:
    content = b"\xef\xbb\xbf" + FILE.replace(b"\n", b"\r\n")
    assert with_value(content, ("regles", 0, "id"), "TROIS") == content.replace(b"id: UN\r\n", b"id: TROIS\r\n")


# --- any value of the shipped packs -----------------------------------------------------------------------------------


def texts(node: Node, path: Place = ()) -> list[Place]:
    if isinstance(node, Mapping):
        return [found for key, child in node.entries.items() for found in texts(child, (*path, key))]
    if isinstance(node, Sequence):
        return [found for rank, child in enumerate(node.items) for found in texts(child, (*path, rank))]
    return [path]


def at(node: Any, path: Place) -> Scalar:
    for step in path:
        node = node.entries[str(step)] if isinstance(node, Mapping) else node.items[int(step)]
    assert isinstance(node, Scalar)
    return node


def replaced(value: Any, path: Place, text: Any) -> Any:
    if not path:
        return text
    if isinstance(value, dict):
        return {k: replaced(v, path[1:], text) if k == path[0] else v for k, v in value.items()}
    return [replaced(v, path[1:], text) if k == path[0] else v for k, v in enumerate(value)]


FILES: list[Path] = sorted(data.shipped("rules").rglob("*.yaml"))
ANY = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


@given(st.data())
def test_any_text_can_be_written_anywhere_and_the_rest_stays(draw: st.DataObject) -> None:
    content = draw.draw(st.sampled_from(FILES)).read_bytes()
    _, root = cut("", content)
    path = draw.draw(st.sampled_from(texts(root)))
    text = draw.draw(ANY)
    try:
        found = with_value(content, path, text, quoted=True)
    except ValueError:
        # an invisible character is nowhere read
        with pytest.raises(DiagnosticError):
            cut("", f"a: {json.dumps(text, ensure_ascii=False)}".encode())
        return
    _, after = cut("", found)
    assert to_data(after) == replaced(to_data(root), path, text)
    node = at(after, path)
    # the characters before and after are those of the file
    assert found.decode().removeprefix("\ufeff").startswith(content.decode().removeprefix("\ufeff")[: node.start])
    tail = found.decode().removeprefix("\ufeff")[node.end :]
    assert content.decode().endswith(tail)
