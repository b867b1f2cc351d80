"""An error inside a text is shown at its very character, through quotes, escapes and folded lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.pack.nodes import File, Mapping, Scalar
from recevable.pack.yaml_strict import parse


def text_of(source: str, key: str = "a") -> Scalar:
    root = parse(File("essai.yaml", source))[1]
    assert isinstance(root, Mapping)
    found = root.entries[key]
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("a: un ▸mot\n", "un mot"),
        ('a: "un ▸mot"\n', "un mot"),
        ("a: 'un ▸mot'\n", "un mot"),
        ("a: 'l''an ▸mot'\n", "l'an mot"),
        ("a: '''▸mot'\n", "'mot"),
        ('a: "\\"▸mot"\n', '"mot'),
        ('a: "x\\t\\u00e9\\x41▸mot"\n', "x\té" + "Amot"),
        ('a: "x\\\n   ▸mot"\n', "xmot"),
        ('a: "x  \\\n   ▸mot"\n', "x  mot"),
        ("a: un\n  ▸mot\n", "un mot"),
        ("a: un\n\n\n  ▸mot\n", "un\n\nmot"),
        ("a: un\r\n  ▸mot\r\n", "un mot"),
        ("a: >-\n  un\n  ▸mot\n", "un mot"),
        ("a: >-\n  un\n\n  ▸mot\n", "un\nmot"),
        ("a: >-\n  un\n    deux\n  ▸mot\n", "un\n  deux\nmot"),
        ("a: >-\n\n  ▸mot\n", "\nmot"),
        ("a: > # mot du commentaire\n  ▸mot\n", "mot\n"),
        ("a: >-\n  -1 ▸mot\n", "-1 mot"),
        ("a: |-\n  un\n  ▸mot\n", "un\nmot"),
        ("a: |2-\n    un\n  ▸mot\n", "  un\nmot"),
        ("a: |\n  un\n   ▸mot\n", "un\n mot\n"),
        ("x: {a: 'été 😀 ▸mot'}\n", "été 😀 mot"),
        ("x:\n  - a: >-\n      un\n      ▸mot\n", "un mot"),
    ],
)
def test_a_character_is_found_in_a_text_of_any_style(source: str, value: str) -> None:
    before, _, after = source.partition("▸")
    root = parse(File("essai.yaml", before + after))[1]
    found = next(s for s in texts(root) if s.text == value)
    span = found.place(value.index("mot"), 3)
    assert (span.line, span.column, span.length) == (before.count("\n") + 1, len(before) - before.rfind("\n"), 3)


def texts(node: object) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    children = node.entries.values() if isinstance(node, Mapping) else getattr(node, "items", ())
    return [text for child in children for text in texts(child)]


def test_what_is_missing_at_the_end_is_shown_after_the_last_character() -> None:
    assert str(text_of("a: x =\n").place(3)) == "essai.yaml:1:7"


def test_what_is_missing_at_the_end_of_a_quoted_text_is_shown_on_the_quote() -> None:
    assert str(text_of('a: "x ="\n').place(3)) == "essai.yaml:1:8"


def test_a_range_over_two_lines_is_cut_at_the_end_of_the_first() -> None:
    span = text_of("a: >-\n  un deux\n  trois\n").place(3, 10)
    assert (span.line, span.column, span.length) == (2, 6, 4)


def test_the_place_of_an_empty_text_is_where_it_is_written() -> None:
    assert str(text_of('a: ""\n').place(0)) == "essai.yaml:1:4"


WORDS = st.lists(st.text("abé'\"\\ 😀:-", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=4)


@settings(max_examples=examples(150))
@given(WORDS, st.sampled_from(["simple", "double", "folded", "literal"]), st.booleans())
def test_every_letter_of_a_text_is_where_the_file_has_it(words: list[str], style: str, windows: bool) -> None:
    if style == "simple":
        source = "a: '" + "\n  ".join(word.replace("'", "''") for word in words) + "'\n"
    elif style == "double":
        escaped = (word.replace("\\", "\\\\").replace('"', '\\"').replace("é", "\\u00e9") for word in words)
        source = 'a: "' + "\n  ".join(escaped) + '"\n'
    else:
        source = f"a: {'>' if style == 'folded' else '|'}-\n" + "".join(f"  {word}\n" for word in words)
    source = source.replace("\n", "\r\n") if windows else source
    found = text_of(source)
    assert found.text == ("\n" if style == "literal" else " ").join(words)
    lines = source.split("\n")
    for index, char in enumerate(found.text):
        if char not in " \n":
            span = found.place(index)
            written = lines[span.line - 1][span.column - 1]
            assert written == ("\\" if style == "double" and char in '\\"é' else char)
