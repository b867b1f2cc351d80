"""The page of the vocabulary: what each word of a pack means."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.lint.vocabulary import GROUPS, KIND, Term, vocabulary
from recevable.pack.kinds import KINDS


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield common.VOCABULARY, rst.document(_blocks())


def _blocks() -> Iterator[str]:
    yield rst.title(TITLES[common.VOCABULARY])
    yield rst.paragraphs(
        "Les mots dont les règles sont faites, tels qu'ils s'écrivent dans le paquet, et ce qu'ils disent."
    )
    for group in GROUPS:
        yield rst.title(group, "-")
        rows = [_row(term) for term in vocabulary() if term.group == group]
        yield rst.table(("Mot", "Ce que c'est"), rows, "25 75")


def _row(term: Term) -> tuple[str, str]:
    word = rst.code(term.word)
    if term.group == KIND:
        word = f"{rst.anchor(common.kind_anchor(term.word))}\n\n{rst.escape(KINDS[term.word].title)}\n\n{word}"
    meaning = rst.escape(term.meaning)
    if term.usage and term.usage != term.word:
        meaning += f"\n\n{rst.code(term.usage.replace('`', ''))}"
    return word, meaning
