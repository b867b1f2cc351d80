"""The page of letters: every text that they are made of, its source, and whether the legal service has validated it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from recevable.decision.wording import count, day
from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.pack.letter_kinds import FREE, ROLES
from recevable.pack.letters import Block, Dated

_CONFIRMED: Final = ("validé", "resultat-satisfait")
_TO_CONFIRM: Final = ("à confirmer", "maison")


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page, when the pack writes letters."""
    if survey.letters.letters:
        yield common.LETTERS, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    found = survey.letters
    yield rst.title(TITLES[common.LETTERS])
    texts = list(dict.fromkeys(dated for _, values in found.texts() for dated in values))
    left = sum(not one.confirmed for one in texts) + sum(not one.confirmed for one in found.senders)
    yield rst.paragraphs(
        "Les courriers qui annoncent les décisions, tels que le programme les écrit. Ce qui est entre accolades prend "
        "sa valeur au jour du courrier. "
        f"{count(left, 'texte est', 'textes sont')} à confirmer par le service juridique."
    )
    yield rst.title("Émetteur et mentions", "-")
    rows = [
        _row(f"Émetteur : {one.name}", " – ".join((*one.lines, one.phone, one.email)), one.start, one.source.text,
             confirmed=one.confirmed)
        for one in found.senders
    ]  # fmt: skip
    rows += [row for mention in found.mentions.values() for row in _rows(f"{{{mention.name.text}}}", mention.values)]
    yield _table(rows)
    for letter in found.letters.values():
        yield rst.title(letter.kind.title, "-")
        rows = [*_rows("Objet", letter.subject)]
        for block in letter.blocks:
            rows += _rows(_what(survey, block), block.values)
        yield _table(rows)


def _what(survey: Survey, block: Block) -> str:
    """What a block is: its heading, what the law makes it say, the requests that it is for."""
    role = ROLES[block.role]
    parts = [block.title] if block.title else []
    if block.role != FREE:
        parts.append(f"{role.title} ({role.law})" if role.law else role.title)
    if block.requests:
        parts.append(f"pour : {common.request_titles(survey, [word.text for word in block.requests])}")
    return "\n".join(parts)


def _rows(what: str, values: Iterable[Dated]) -> Iterator[tuple[str, ...]]:
    for one in values:
        yield _row(what, one.text.text, one.start, one.source.text, confirmed=one.confirmed)


def _row(what: str, text: str, start: date, source: str, *, confirmed: bool) -> tuple[str, ...]:
    words, style = _CONFIRMED if confirmed else _TO_CONFIRM
    whole = [part for part in text.split("\n") if part.strip()]
    since = f"depuis le {day(start)}"
    return (
        "\n\n".join(rst.escape(part) for part in what.split("\n")),
        "\n\n".join(rst.escape(part) for part in whole),
        "\n\n".join((rst.mark(style, words), rst.escape(source), rst.escape(since))),
    )


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    return rst.table(("Bloc", "Texte", "État et source"), rows, "20 52 28", "grille")
