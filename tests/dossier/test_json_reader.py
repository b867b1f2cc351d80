"""Strict JSON: what is read is what was written, and nothing that could be lost or rounded is let through."""

from __future__ import annotations

import contextlib
import json
import random
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.dossier.json_reader import read
from recevable.dossier.limits import MAX_BYTES, MAX_DEPTH
from recevable.dossier.positions import MAX_FAULTS
from recevable.language.diagnostics import Diagnostic, DiagnosticError

Refusal = Callable[..., list[Diagnostic]]


def place(diagnostic: Diagnostic) -> tuple[int, int]:
    assert diagnostic.span is not None
    return diagnostic.span.line, diagnostic.span.column


def members(value: Any) -> int:
    """How many members the objects of a value have in all."""
    if isinstance(value, dict):
        return len(value) + sum(members(item) for item in value.values())
    return sum(members(item) for item in value) if isinstance(value, list) else 0


@given(st.data())
def test_a_value_is_read_as_it_was_written_whatever_the_layout(
    values: st.SearchStrategy[Any], writer: Any, data: st.DataObject
) -> None:
    value, seed = data.draw(values), data.draw(st.integers(0, 1 << 30))
    text = writer(random.Random(seed)).write(value)
    assert json.loads(text) == value
    found = read(text.encode(), "essai.json")
    # equality alone would let 1 stand for true
    assert json.dumps(found) == json.dumps(value)


@given(st.data())
def test_two_writings_of_an_accent_are_one_text(
    values: st.SearchStrategy[Any], writer: Any, data: st.DataObject
) -> None:
    value, seed = data.draw(values), data.draw(st.integers(0, 1 << 30))
    text = writer(random.Random(seed)).write(value)
    assert json.dumps(read(unicodedata.normalize("NFD", text).encode(), "essai.json")) == json.dumps(value)


@pytest.mark.parametrize("text", ['{"a": %s}', '{"a": -%s}', '{"a": [1,\n %s]}', '{"a":%s}', '{"\\u0061": %s}'])
@pytest.mark.parametrize("digits", ["1" * 21, "9" * 80, "1" * 5000])
def test_a_number_beyond_64_bits_is_refused_wherever_it_is(refusal: Refusal, text: str, digits: str) -> None:
    (diagnostic,) = refusal(text % digits)
    assert diagnostic.message.startswith("nombre démesuré : ")


@pytest.mark.parametrize("text", ['{"a": "%s"}', '{"a": ": %s"}'])
def test_as_many_digits_in_a_text_are_read(text: str) -> None:
    assert read((text % ("1" * 40)).encode(), "essai.json")


@pytest.mark.parametrize("number", [(1 << 64) - 1, -(1 << 63), 10**18])
def test_an_integer_of_64_bits_is_read(number: int) -> None:
    assert read(b'{"a": %d}' % number, "essai.json") == {"a": number}


@pytest.mark.parametrize("key", ["pie\u0301ce", "pi\\u00e9ce", "pie\\u0301ce"])
def test_a_key_is_there_twice_however_its_accent_is_written(refusal: Refusal, key: str) -> None:
    (diagnostic,) = refusal(f'{{"pi\u00e9ce": 1,\n"{key}": 2}}')
    assert diagnostic.message == "la clé `pi\u00e9ce` figure deux fois (déjà ligne 1, colonne 2)"
    assert place(diagnostic) == (2, 1)


@given(st.data())
def test_a_key_written_twice_anywhere_is_refused(
    values: st.SearchStrategy[Any], writer: Any, data: st.DataObject
) -> None:
    value = data.draw(values.filter(members))
    seed, rank = data.draw(st.integers(0, 1 << 30)), data.draw(st.integers(0, members(value) - 1))
    text = writer(random.Random(seed), rank).write(value)
    with pytest.raises(DiagnosticError, match="figure deux fois"):
        read(text.encode(), "essai.json")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1, "a": 1}', 1, 10),
        ('{"a": {"b": [\n  {"c": 1,\n   "c": 2}]}}', 3, 4),
        ('{"é": 1, "\\u00e9": 2}', 1, 10),
        ('{"": 1, "": 2}', 1, 9),
        ('{"a" : 1, "a"\n: 2}', 1, 11),
        ('{"a": ": \\": ", "a": 2}', 1, 17),
        ('[{"a": 1}, {"a": 1, "a": 1}]', 1, 21),
        # an escaped quote must not make up, in what is counted, for the key that is lost
        ('{"a":"\\u0022:","b":1,"b":1}', 1, 22),
        ('{"\\u0022:":1,"b":1,"b":1}', 1, 20),
    ],
)
def test_a_duplicate_key_is_shown_where_it_comes_back(refusal: Refusal, text: str, line: int, column: int) -> None:
    (diagnostic,) = refusal(text)
    assert place(diagnostic) == (line, column)
    assert "figure deux fois (déjà ligne 1, colonne" in diagnostic.message or line > 1
    assert diagnostic.help == "Gardez une seule des deux : l'autre serait perdue."


def test_the_same_key_in_two_objects_is_no_duplicate() -> None:
    assert read(b'[{"a": 1}, {"a": {"a": 1}}]', "essai.json") == [{"a": 1}, {"a": {"a": 1}}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'{"a\":": 1}', {'a":': 1}),
        (r'{"a": "x\": y"}', {"a": 'x": y'}),
        (r'{"a": "\u0022:"}', {"a": '":'}),
        (r'{"a": "\\", "b": 1}', {"a": "\\", "b": 1}),
        (r'{"a":": b", "c":":"}', {"a": ": b", "c": ":"}),
        ('{"a"\r\n\t : 1}', {"a": 1}),
        (r'{"\u0061": 1}', {"a": 1}),
        ('{":": ":"}', {":": ":"}),
    ],
)
def test_what_looks_like_a_key_is_not_one(text: str, value: object) -> None:
    assert read(text.encode(), "essai.json") == value


@pytest.mark.parametrize("number", ["1.0", "0.20", "-0.5", "1e0", "3E2", "1e-7", "1e400", "-1e9999999999", "-0.0"])
@pytest.mark.parametrize("shape", ["{}", "[{}]", '{{"a": {{"b": {}}}}}', '{{"a": "\\\\", "b": {}}}'])
def test_a_number_with_a_fraction_or_an_exponent_is_refused(refusal: Refusal, number: str, shape: str) -> None:
    text = shape.format(number)
    (diagnostic,) = refusal(text)
    assert diagnostic.message.startswith(f"nombre à virgule ou à exposant : `{number}`")
    assert place(diagnostic) == (1, text.index(number) + 1)
    assert '`"8000.00"`' in diagnostic.help


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused_by_its_name(refusal: Refusal, word: str) -> None:
    (diagnostic,) = refusal(f'{{"a": {word}}}')
    assert diagnostic.message == f"`{word}` n'est pas une valeur JSON"


@pytest.mark.parametrize("number", [-(1 << 63), -1, 0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_an_integer_of_64_bits_is_kept_exactly(number: int) -> None:
    assert read(json.dumps([number, "\n"]).encode(), "essai.json") == [number, "\n"]


def test_an_integer_of_thousands_of_digits_is_refused(refusal: Refusal) -> None:
    (diagnostic,) = refusal(f"[{'9' * 5000}]")
    assert diagnostic.message.startswith("nombre démesuré : `999")
    assert len(diagnostic.message) < 100


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_bounded(refusal: Refusal, opening: str, closing: str) -> None:
    innermost = "1" if ":" in opening else ""
    assert read((opening * MAX_DEPTH + innermost + closing * MAX_DEPTH).encode(), "essai.json")
    for depth in (MAX_DEPTH + 1, 500, 2_000, 10_000, 200_000):
        (diagnostic,) = refusal(opening * depth + innermost + closing * depth)
        assert diagnostic.message == "plus de 64 niveaux d'imbrication"


def test_no_depth_is_a_crash() -> None:
    for depth in range(MAX_DEPTH, 1_100):
        with contextlib.suppress(DiagnosticError):
            read(b"[" * depth + b"]" * depth, "essai.json")


def test_many_shallow_objects_are_not_depth() -> None:
    assert read(b"[" + b",".join([b'{"a":{}}'] * 500) + b"]", "essai.json") == [{"a": {}}] * 500


@pytest.mark.parametrize("half", ["\\ud800", "\\uDBFF", "\\udc00", "\\uDFFF", "\\ud83d\\ud83d", "\\ude00\\ud83d"])
def test_half_a_character_is_refused_in_a_text_and_in_a_key(refusal: Refusal, half: str) -> None:
    for text in (f'["é{half}"]', f'{{"a{half}": 1}}'):
        (diagnostic,) = refusal(text)
        assert "n'est que la moitié d'un caractère" in diagnostic.message
        assert place(diagnostic) == (1, text.index("\\u") + 1)


def test_a_whole_character_in_two_halves_is_one() -> None:
    assert read(b'["\\ud83d\\ude00", "\\\\ud800"]', "essai.json") == ["😀", "\\ud800"]


@pytest.mark.parametrize(
    ("content", "words", "line", "column"),
    [
        ("﻿{}".encode(), "(BOM)", 1, 1),
        ('{"a": "é"}'.encode("latin-1"), "n'est pas en UTF-8", 1, 8),
        ('{"é":\n "é'.encode() + b"\xff", "n'est pas en UTF-8", 2, 4),
        ('{"a": 1}'.encode("utf-16"), "n'est pas en UTF-8", 1, 1),
        ('{"a": 1}'.encode("utf-16-le"), "n'est pas du texte en UTF-8", 1, 1),
        ('{"a": 1}'.encode("utf-16-be"), "n'est pas du texte en UTF-8", 1, 1),
        (b"\0" * 64, "n'est pas du texte en UTF-8", 1, 1),
        (b'["\xed\xa0\x80"]', "n'est pas en UTF-8", 1, 3),
    ],
)
def test_an_encoding_other_than_utf_8_is_named(
    refusal: Refusal, content: bytes, words: str, line: int, column: int
) -> None:
    (diagnostic,) = refusal(content)
    assert diagnostic.code == "JSON-ENCODAGE"
    assert words in diagnostic.message
    assert place(diagnostic) == (line, column)
    assert diagnostic.help


def test_a_text_at_the_bound_is_read_and_the_next_byte_refuses_it(refusal: Refusal) -> None:
    text = '"' + "a" * (MAX_BYTES - 2) + '"'
    assert len(read(text.encode(), "essai.json")) == MAX_BYTES - 2
    (diagnostic,) = refusal(text + " ")
    assert (diagnostic.code, diagnostic.message) == (
        "JSON-TAILLE",
        f"{MAX_BYTES + 1} octets, au plus {MAX_BYTES} pour un dossier",
    )


def test_a_line_of_a_larger_file_is_numbered_in_that_file(refusal: Refusal) -> None:
    (diagnostic,) = refusal('{"a": 1, "a": 2}', first_line=41)
    assert place(diagnostic) == (41, 10)
    (badly_encoded,) = refusal(b'{"a": "\xff"}', first_line=41)
    assert place(badly_encoded) == (41, 8)


def test_faults_are_told_in_their_order_and_counted_beyond_a_bound(refusal: Refusal) -> None:
    text = '{"a": 1.5' + ', "a": 2.5' * 1000 + "}"
    diagnostics = refusal(text)
    assert len(diagnostics) == MAX_FAULTS + 1
    columns = [place(diagnostic)[1] for diagnostic in diagnostics[:-1]]
    assert columns == sorted(columns)
    assert diagnostics[-1].message == f"et {1001 - MAX_FAULTS} autre(s) défaut(s) de même nature"
