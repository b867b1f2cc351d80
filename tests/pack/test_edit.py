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
from recevable.pack.edit import with_entry, with_item, with_value, without_entry
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


# --- an entry more, or an entry less ----------------------------------------------------------------------------------

LISTS = """\
# en-tête
regles:

  - id: UN
    titre: Un
    # pourquoi
    si_absente:
      consequence: completer
      message: "Manque."   # fin

    exemples: [{avec: {}}, {avec: {a: 1}}]

  - id: DEUX   # la dernière

  # --- la suite
vide: {}
valeurs:
  - {a: 1,
     b: 2}
fin: oui
"""


@pytest.mark.parametrize(
    ("path", "item", "after", "old", "new"),
    [
        (
            ("regles",),
            "id: TROIS\ntitre: Trois",
            None,
            "# la dernière\n",
            "# la dernière\n\n  - id: TROIS\n    titre: Trois\n",
        ),
        (("regles",), "id: TROIS", 0, "{a: 1}}]\n", "{a: 1}}]\n\n  - id: TROIS\n"),
        (("valeurs",), "{a: 2, b: 3}", None, "b: 2}\n", "b: 2}\n  - {a: 2, b: 3}\n"),
        (("regles", 0, "exemples"), "{avec: {b: 2}}", None, "{a: 1}}]", "{a: 1}}, {avec: {b: 2}}]"),
        (("regles", 0, "exemples"), "{avec: {b: 2}}", 0, "{avec: {}}, ", "{avec: {}}, {avec: {b: 2}}, "),
    ],
)
def test_an_item_is_added_where_its_neighbours_are(
    path: Place, item: str, after: int | None, old: str, new: str
) -> None:
    assert LISTS.count(old) == 1
    assert with_item(LISTS.encode(), path, item, after).decode() == LISTS.replace(old, new)


@pytest.mark.parametrize(
    ("path", "key", "value", "after", "old", "new"),
    [
        (("regles", 1), "titre", "Deux", "", "# la dernière\n", "# la dernière\n    titre: Deux\n"),
        (("regles", 0), "source", "Texte", "si_absente", '# fin\n', '# fin\n    source: Texte\n'),
        (("regles", 0, "exemples", 0, "avec"), "z", "1", "", "{avec: {}}", "{avec: {z: 1}}"),
        (("regles", 0, "exemples", 1, "avec"), "z", "1", "", "{a: 1}", "{a: 1, z: 1}"),
        (("valeurs", 0), "c", "3", "", "b: 2}", "b: 2, c: 3}"),
        (("vide",), "z", "1", "", "vide: {}", "vide: {z: 1}"),
        ((), "z", "a: 1\nb: 2", "", "fin: oui\n", "fin: oui\nz:\n  a: 1\n  b: 2\n"),
    ],
)  # fmt: skip
def test_a_key_is_added_where_its_neighbours_are(
    path: Place, key: str, value: str, after: str, old: str, new: str
) -> None:
    assert LISTS.count(old) == 1
    assert with_entry(LISTS.encode(), path, key, value, after).decode() == LISTS.replace(old, new)


def test_a_key_leaves_with_its_lines_only() -> None:
    old = '    si_absente:\n      consequence: completer\n      message: "Manque."   # fin\n'
    assert without_entry(LISTS.encode(), ("regles", 0), "si_absente").decode() == LISTS.replace(old, "")


@pytest.mark.parametrize(
    ("path", "key", "value", "new"),
    [
        ((), "b", '{\n  "c": 2\n}', '{\n  "a": {},\n  "b": {\n    "c": 2\n  }\n}\n'),
        (("a",), "b", '{\n  "c": 2\n}', '{\n  "a": {\n    "b": {\n      "c": 2\n    }\n  }\n}\n'),
    ],
)
def test_a_member_of_json_is_added_on_its_own_lines(path: Place, key: str, value: str, new: str) -> None:
    changed = with_entry(b'{\n  "a": {}\n}\n', path, key, value)
    if path == ():
        assert changed.decode() == new
    assert json.loads(changed) == json.loads(new)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_endings_and_a_byte_order_mark_stay(mark: bytes) -> None:
    content = mark + LISTS.replace("\n", "\r\n").encode()
    changed = with_item(content, ("regles",), "id: TROIS\ntitre: Trois")
    assert changed.startswith(mark)
    assert changed.count(b"\n") == changed.count(b"\r\n")


@pytest.mark.parametrize(
    ("path", "error"), [(("rien",), KeyError), (("vide",), KeyError), (("regles", 7), KeyError), (("fin",), KeyError)]
)
def test_an_item_needs_a_list(path: Place, error: type[Exception]) -> None:
    with pytest.raises(error):
        with_item(LISTS.encode(), path, "1")


def test_a_key_that_is_there_is_not_written_twice() -> None:
    with pytest.raises(ValueError, match="already"):
        with_entry(LISTS.encode(), ("regles", 0), "id", "X")


def test_what_would_change_the_rest_is_not_written() -> None:
    with pytest.raises(ValueError, match="without changing"):
        with_item(LISTS.encode(), ("regles", 0, "exemples"), "a: 1\nb: 2")


@pytest.mark.parametrize("path", sorted(data.shipped("rules").rglob("*.yaml"), key=str))
def test_every_shipped_list_takes_an_item_more_anywhere(path: Path) -> None:
    content = path.read_bytes()
    _, root = cut("", content)
    for name, held in root.entries.items() if isinstance(root, Mapping) else ():
        if isinstance(held, Sequence) and held.items and isinstance(held.items[0], Mapping):
            for rank in {0, len(held.items) // 2, len(held.items) - 1}:
                changed = with_item(content, (name,), "id: X\nb: 2", rank)
                lines, before = changed.splitlines(), content.splitlines()
                assert [line for line in before if line.strip()] == [
                    line for line in lines if line.strip() not in (b"", b"- id: X", b"b: 2")
                ]
                _, read = cut("", changed)
                assert to_data(read)[name][rank + 1] == {"id": "X", "b": 2}
