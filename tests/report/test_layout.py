"""Paragraphs, leaders and diagnostics: cut where French allows, aligned, and safe to print."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.language.diagnostics import Diagnostic, Severity, Span
from recevable.report.diagnostics import MAX_EXCERPT, render
from recevable.report.layout import Page, sentence, table, visible


@pytest.mark.parametrize("words", [
    "« Date de clôture »", "la règle : non", "quoi ?", "le 26 juillet", "le 1er janvier", "12 jours", "3 ans", "20 %",
    "5 €", "AF § 2", "x = 12", "non ; oui",
])  # fmt: skip
def test_what_belongs_together_is_never_cut(words: str) -> None:
    whole = words.split(" ")
    for width in range(4, 30):
        lines = Page(width).paragraph(f"mot mot mot {words} mot", "")
        joined = " ".join(lines)
        assert joined == f"mot mot mot {words} mot"
        for line in lines:
            assert line not in (":", ";", "?", "»", "%", "€")
            assert not line.endswith(("«", "§", "="))
    assert whole


def test_a_number_stays_with_its_month() -> None:
    for width in range(10, 40):
        lines = Page(width).paragraph("reçue le 26 juillet 2023, avant le 1er août 2023", "")
        assert not any(line.endswith((" 26", " 1er")) for line in lines)


@given(st.text(st.sampled_from("ab \n\u00a0\u202f«»:;é1€\t\x1b\x1f"), max_size=80), st.integers(12, 60))
def test_a_paragraph_loses_nothing_and_never_ends_a_line_with_a_space(text: str, width: int) -> None:
    lines = Page(width).paragraph(text, "  - ")
    assert lines[0].startswith("  - "[: len(lines[0])])
    assert all(line == line.rstrip(" ") for line in lines)

    def solid(words: str) -> str:
        return words.translate(dict.fromkeys(map(ord, " \n\u00a0\u202f")))

    assert solid("".join(lines)).removeprefix("-") == solid(visible(text, "\u00a0\u202f\n"))


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_what_is_made_visible_is_printable_and_tells_texts_apart(text: str) -> None:
    assert visible(text).isprintable()
    # what a runner of CI would obey is shown otherwise too
    if text.isprintable() and "::" not in text and "##" not in text:
        assert visible(text) == text


def test_a_sentence_keeps_the_spaces_of_its_amounts_and_shows_those_of_an_input() -> None:
    amount = "plus de 8\u202f000,00\u00a0€"
    assert sentence(amount) == amount
    assert sentence("`8\u00a0000.00` n'est pas un montant\x1b") == "`8\\u00a0000.00` n'est pas un montant\\u001b"


def test_a_leader_ends_its_values_in_one_column_whatever_the_titles() -> None:
    page = Page()
    for title in ("A", "Montant du financement", "Titre " * 20):
        *above, last = page.leader(title.strip(), "8,00 €", "AF §5")
        assert last.endswith("... 8,00 €  AF §5")
        assert last.index("8,00 €") + 6 == 78
        assert all(len(line) < 78 for line in above)


def test_a_note_that_does_not_fit_is_left_out() -> None:
    assert Page().leader("A", "1", "x" * 20)[-1].endswith(" 1  " + "x" * 20)
    assert Page().leader("A", "1", "x" * 21)[-1].endswith(". 1")


def test_two_texts_stand_at_both_ends_or_one_above_the_other() -> None:
    assert Page(10).spread("ab", "cd") == "ab      cd"
    assert Page(10).spread("abcdefg", "hi") == "abcdefg\n        hi"


def test_columns_are_as_wide_as_they_must_be() -> None:
    assert table([("a", "bb", "c"), ("aaa", "b", "")]) == ["  a    bb  c", "  aaa  b"]


# --- diagnostics ------------------------------------------------------------------------------------------------------


def shown(line: str, column: int, length: int = 1) -> list[str]:
    """The excerpt of a line with its caret."""
    diagnostic = Diagnostic("CODE", "message", Span("f", 1, column, length))
    return render([diagnostic], Page(), lambda file, number: line).splitlines()[1:]


def test_a_diagnostic_has_a_place_a_sentence_an_excerpt_and_a_help() -> None:
    diagnostic = Diagnostic("CODE", "un message", Span("a.json", 3, 5, 2), "Faites ceci.")
    assert render([diagnostic], Page(), lambda file, line: f"{file} {line} abcdef\n") == (
        "a.json:3:5: erreur [CODE] un message\n"
        "  | a.json 3 abcdef\n"
        "  |     ^^\n"
        "  aide : Faites ceci.\n"
    )  # fmt: skip


def test_a_diagnostic_without_a_place_has_no_excerpt() -> None:
    diagnostic = Diagnostic("CODE", "un message", None, severity=Severity.WARNING)
    assert render([diagnostic], Page(), lambda file, line: "x") == "avertissement [CODE] un message\n"


def test_nothing_to_say_is_nothing_printed() -> None:
    assert render([], Page()) == ""


@pytest.mark.parametrize(("line", "column", "under"), [
    ("abc", 1, "a"), ("abc", 3, "c"), ("\t\tabc", 3, "a"), ("éàabc", 3, "a"), ("x" * 300 + "a" + "y" * 300, 301, "a"),
    ("x" * 5000 + "a", 5001, "a"), ("\x1b[31mabc", 6, "a"), ("\u202eabc", 2, "a"),
])  # fmt: skip
def test_the_caret_stands_under_the_fault(line: str, column: int, under: str) -> None:
    text, caret = shown(line, column)
    assert text[caret.index("^")] == under
    assert len(text) <= MAX_EXCERPT + 4
    assert text.isprintable()


def test_the_caret_may_stand_after_the_end_of_the_line() -> None:
    assert shown("abc", 4) == ["  | abc", "  |    ^"]


def test_a_caret_stops_with_its_line() -> None:
    assert shown("abc", 2, 50) == ["  | abc", "  |  ^^"]


@pytest.mark.parametrize(("line", "column"), [("", 1), ("   ", 1), ("abc", 50)])
def test_an_excerpt_that_shows_nothing_is_left_out(line: str, column: int) -> None:
    assert shown(line, column) == []


@pytest.mark.parametrize("length", [60, 80, 500])
def test_a_value_of_any_length_is_shown_whole(length: int) -> None:
    lines = Page().leader("Montant de la prime", "9" * length)
    assert "9" * length in lines[-1]
    assert "".join(lines).replace(" ", "").startswith("Montantdelaprime")


@given(
    st.lists(st.sampled_from(["", "a", "mot", "plus long", "  ", "\n", "« cité »", "x" * 30])).map(" ".join),
    st.sampled_from(["", "  - ", "      "]),
    st.integers(5, 60),
)
def test_a_short_paragraph_is_laid_out_as_a_long_one(text: str, first: str, width: int) -> None:
    rest, tie = " " * len(first), "\x1f"
    tied = text.replace("« ", f"«{tie}").replace(" »", f"{tie}»")
    wide = width if width > len(first) else len(first) + 12
    wrapped = textwrap.wrap(
        tied, wide, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    assert Page(width).paragraph(text, first) == [line.replace(tie, " ").rstrip() for line in wrapped or [first]]
