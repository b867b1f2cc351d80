"""Characters that do not show, or that pass for others."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.language.characters import composed, decomposed, intruder, is_invisible, named, shows
from recevable.language.diagnostics import remark, suggest
from recevable.language.syntax import SyntaxFault, parse

WORDS = st.text(
    st.sampled_from("ae\u00e9\u0301\u0308\u1100\u1161\u212a \u200b") | st.characters(codec="utf-8"), max_size=8
)


@given(WORDS)
def test_what_is_apart_is_found_where_it_is(text: str) -> None:
    found = decomposed(text)
    assert (found is None) == (composed(text) == text)
    if found is not None:
        start, end = found
        assert composed(text[start:end]) != text[start:end]
        assert composed(text[: end - 1]) == text[: end - 1]
        assert all(composed(text[later:end]) == text[later:end] for later in range(start + 1, end))


@given(WORDS)
def test_two_writings_of_an_accent_are_composed_alike(text: str) -> None:
    assert composed(unicodedata.normalize("NFD", text)) == composed(text)


@given(WORDS)
def test_a_text_that_shows_has_a_character_that_is_not_invisible(text: str) -> None:
    assert not shows(text) or not all(is_invisible(char) for char in text)
    assert shows(f"{text}a")
    assert not shows("".join(char for char in text if is_invisible(char) or char.isspace()))


@pytest.mark.parametrize(("char", "words"), [
    ("\u200b", "le caract\u00e8re invisible U+200B"), ("\x1b", "le caract\u00e8re invisible U+001B"),
    ("\u202e", "le caract\u00e8re invisible U+202E"), ("\u3164", "le caract\u00e8re invisible U+3164"),
    ("\u0301", "l'accent d\u00e9compos\u00e9 U+0301"), ("\u00a0", "l'espace U+00A0"),
    ("\u0430", "la lettre `\u0430` de l'alphabet cyrillique (U+0430)"),
    ("\u03bf", "la lettre `\u03bf` de l'alphabet grec (U+03BF)"),
    ("\u0967", "le caract\u00e8re `\u0967` (U+0967)"), ("\u05d0", "la lettre `\u05d0` (U+05D0)"),
])  # fmt: skip
def test_a_character_is_named(char: str, words: str) -> None:
    assert named(char) == words


@pytest.mark.parametrize(
    "word", ["acheteurs", "Acheteur", "achet\u00e9ur", "ach eteur", "achat", "a-b", "\u0153uvre", ""]
)
def test_an_ordinary_slip_has_no_intruder(word: str) -> None:
    assert intruder(word, "acheteur") == ""
    assert remark(word, ["acheteur"]) == ""


@given(
    st.sampled_from(["acheteur", "A", "prime-velo"]),
    st.integers(0, 9),
    st.sampled_from("\u200b\u0430\u00ad\u00a0\uff41"),
)
def test_a_suggestion_never_repeats_what_was_written_without_a_word_on_it(word: str, place: int, char: str) -> None:
    written = word[:place] + char + word[place:]
    assert f"U+{ord(char):04X}" in suggest(written, [word])


def test_letters_of_another_alphabet_are_right_where_they_are_meant() -> None:
    assert intruder("\u03b1\u03b2", "\u03b1\u03b2\u03b3") == ""


@pytest.mark.parametrize(("text", "number"), [
    ("\u0430ide = 1", "U+0430"), ("aide\u200b = 1", "U+200B"), ("aide\u0301 = 1", "U+0301"),
    ("aid\uff45 = 1", "U+FF45"),
])  # fmt: skip
def test_a_character_that_passes_for_another_is_named_in_an_expression(text: str, number: str) -> None:
    with pytest.raises(SyntaxFault) as caught:
        parse(text)
    assert number in f"{caught.value.message} {caught.value.help}"
