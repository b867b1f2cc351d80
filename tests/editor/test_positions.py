"""Positions of editors: there and back, whatever the characters, the ends of lines and the units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.editor.positions import UTF8, UTF16, UTF32, Lines, Position, offsets_of
from recevable.language.diagnostics import Span

TEXTS = st.text(st.sampled_from("aé€🚲\u0301\n\r :-"), max_size=40)
ENCODINGS = st.sampled_from((UTF8, UTF16, UTF32))


@given(TEXTS, ENCODINGS, st.data())
def test_a_character_is_found_again_at_its_position(text: str, encoding: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    # between CR and LF is no place of a line: it is the end of that line
    if text[offset - 1 : offset + 1] == "\r\n":
        offset -= 1
    lines = Lines(text, encoding)
    assert lines.offset(lines.position(offset)) == offset


@given(TEXTS, st.data())
def test_columns_of_utf_16_are_code_units(text: str, data: st.DataObject) -> None:
    flat = text.replace("\n", "").replace("\r", "")
    offset = data.draw(st.integers(0, len(flat)))
    assert Lines(flat).position(offset) == Position(0, len(flat[:offset].encode("utf-16-le")) // 2)


@given(TEXTS, ENCODINGS, st.integers(-2, 9), st.integers(-2, 60))
def test_any_position_is_brought_inside_the_text(text: str, encoding: str, line: int, column: int) -> None:
    assert 0 <= Lines(text, encoding).offset(Position(line, column)) <= len(text)


@pytest.mark.parametrize(
    ("text", "span", "covered"),
    [
        ("a: b\nc: dé", Span("f", 2, 4, 2), "dé"),
        ("\ufeffa: b", Span("f", 1, 4, 1), "b"),
        ("a: b\r\nc", Span("f", 1, 4, 9), "b"),
        ("a", Span("f", 7, 1, 1), ""),
    ],
)
def test_a_span_covers_its_characters(text: str, span: Span, covered: str) -> None:
    start, end = offsets_of(span, text)
    assert text[start:end] == covered
