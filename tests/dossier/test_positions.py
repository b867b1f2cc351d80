"""The slow scanner: where every value stands, the same texts accepted as by the fast parser, faults in French."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recevable.dossier.limits import pointer
from recevable.dossier.positions import scan

# The fast parser as the reader uses it: a float is not an error of syntax.
FAST = msgspec.json.Decoder(float_hook=str)

# What a slip of the hand, or of the wire, may put into a text.
SLIPS = [*"\",:{}[]-01.e\\\n\x00\x1f\x7f/'é", "", "true", "nul", "\\u12", "\\ud800"]


def every(value: Any, path: tuple[str | int, ...] = ()) -> dict[str, Any]:
    """Every value inside a value, by JSON pointer."""
    found = {pointer(*path): value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found |= every(item, (*path, key))
    return found


def parses(text: str) -> bool:
    try:
        FAST.decode(text.encode())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


@given(st.data())
def test_every_value_is_found_where_it_is_written(
    values: st.SearchStrategy[Any], writer: Any, data: st.DataObject
) -> None:
    value = data.draw(values)
    text = writer(random.Random(data.draw(st.integers(0, 1 << 30)))).write(value)
    found = scan(text)
    assert found.faults == []
    decoder = json.JSONDecoder()
    read = {path: decoder.raw_decode(text, index)[0] for path, index in found.values.items()}
    assert read == every(value)


@given(st.data())
def test_every_key_is_found_where_it_is_written(
    values: st.SearchStrategy[Any], writer: Any, data: st.DataObject
) -> None:
    value = data.draw(values)
    text = writer(random.Random(data.draw(st.integers(0, 1 << 30)))).write(value)
    decoder = json.JSONDecoder()
    for path, index in scan(text).keys.items():
        key = decoder.raw_decode(text, index)[0]
        assert path.endswith(pointer(key))


@given(st.data())
def test_the_scanner_accepts_exactly_what_the_fast_parser_accepts(
    values: st.SearchStrategy[Any], writer: Any, data: st.DataObject
) -> None:
    text = writer(random.Random(data.draw(st.integers(0, 1 << 30)))).write(data.draw(values))
    for _ in range(data.draw(st.integers(1, 3))):
        at, many = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 2))
        slip = data.draw(st.sampled_from(SLIPS))
        text = text[:at] + slip + text[at + many :]
    faults = [fault for fault in scan(text).faults if "figure deux fois" not in fault.message]
    assert (not faults) == parses(text)


@pytest.mark.parametrize("character", [chr(code) for code in (*range(0x20), 0x7F, 0x85, 0xA0, 0x2028, 0xFEFF)])
def test_the_two_agree_on_every_odd_character_in_and_out_of_texts(character: str) -> None:
    for text in (f'"{character}"', f"{character}1", f"[1{character}]", f'{{"a"{character}:1}}'):
        assert (not scan(text).faults) == parses(text), text


@given(st.text())
@example("")
@example("01")
@example("-")
@example('"\\u000g"')
def test_any_text_is_scanned_without_a_crash(text: str) -> None:
    found = scan(text)
    assert len(found.faults) <= 1 or all("figure deux fois" in fault.message for fault in found.faults[:-1])
    assert all(fault.message and fault.help for fault in found.faults)
    assert all(0 <= fault.index <= len(text) for fault in found.faults)


@pytest.mark.parametrize(
    ("text", "index", "message", "help"),
    [
        ("", 0, "le fichier est vide", "objet JSON"),
        (" \n", 0, "le fichier est vide", "objet JSON"),
        ("Bonjour,", 0, "`Bonjour` n'est pas une valeur JSON", "objet JSON"),
        ("<html>", 0, "`<` n'est pas attendu ici", "page web"),
        ("[vrai]", 1, "`vrai` n'est pas une valeur JSON", "Écrivez `true`."),
        ("[None]", 1, "`None` n'est pas une valeur JSON", "Écrivez `null`."),
        ("[oui]", 1, "`oui` n'est pas une valeur JSON", "entre guillemets doubles"),
        ("['a']", 1, "`'` n'est pas attendu ici", "guillemets doubles"),
        ("{a: 1}", 1, "une clé entre guillemets doubles est attendue, `a` trouvé", "guillemets doubles"),
        ("{1: 1}", 1, "une clé entre guillemets doubles est attendue, `1` trouvé", "guillemets doubles"),
        ("{ // note\n}", 2, "une clé entre guillemets doubles est attendue, `/` trouvé", "commentaire"),
        ('{"a": 1 # note\n}', 8, "`,` ou `}` est attendu, `#` trouvé", "commentaire"),
        ('{"a": /* 1 */ 1}', 6, "`/` n'est pas attendu ici", "commentaire"),
        ('{"a" 1}', 5, "`:` est attendu après la clé `a`, `1` trouvé", "deux points"),
        ('{"a"', 4, "`:` est attendu après la clé `a`", "tronqué"),
        ('{"a": 1 "b": 2}', 8, '`,` ou `}` est attendu, `"` trouvé', "virgule ou un guillemet"),
        ("[1 2]", 3, "`,` ou `]` est attendu, `2` trouvé", "virgule ou un guillemet"),
        ('{"a": 1,}', 7, "virgule en trop avant la fermeture", "Supprimez cette virgule."),
        ("[1,]", 2, "virgule en trop avant la fermeture", "Supprimez cette virgule."),
        ('{"a": 1', 7, "le fichier s'arrête avant `}`", "tronqué"),
        ('{"a": 1,', 8, "le fichier s'arrête avant la fin d'un objet", "tronqué"),
        ('{"a":', 5, "le fichier s'arrête avant la valeur attendue", "tronqué"),
        ('["a', 1, "ce texte n'a pas de guillemet fermant", "tronqué"),
        ('["a\nb"]', 3, "fin de ligne dans un texte", "guillemet fermant"),
        ('["a\x01"]', 3, "caractère de contrôle U+0001 dans un texte", "invisible"),
        ('["\\x41"]', 2, "barre oblique inverse mal employée", "`\\\\`"),
        ("[007]", 1, "ce nombre n'est pas écrit comme JSON le demande", "zéro en tête"),
        ("[+3]", 1, "ce nombre n'est pas écrit comme JSON le demande", "signe plus"),
        ("[.5]", 1, "ce nombre n'est pas écrit comme JSON le demande", "chiffres seulement"),
        ("[0x10]", 1, "ce nombre n'est pas écrit comme JSON le demande", "chiffres seulement"),
        ("{} {}", 3, "du texte suit la fin du dossier", ".ndjson"),
    ],
)  # fmt: skip
def test_a_fault_is_shown_where_it_is_in_french(text: str, index: int, message: str, help: str) -> None:
    (fault,) = scan(text).faults
    assert fault.index == index
    assert message in fault.message
    assert help in fault.help


def test_lines_and_columns_count_characters_from_one() -> None:
    found = scan('{\n  "é": "€",\r\n  "b": 1\n}')
    assert found.line_column(found.values["/é"]) == (2, 8)
    assert found.line_column(found.values["/b"]) == (3, 8)
    assert found.line_column(0) == (1, 1)


def test_a_pointer_escapes_what_it_must() -> None:
    assert pointer("a/b~c", 0, "") == "/a~1b~0c/0/"
    assert scan('{"a/b~c": [1]}').values.keys() == {"", "/a~1b~0c", "/a~1b~0c/0"}
