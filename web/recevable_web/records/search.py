"""Full-text search of dossiers by the beginning of words, on both databases.

Words are folded here (case, accents, ligatures), because neither database does it everywhere: PostgreSQL keeps them as
a `tsvector` under a GIN index, SQLite in an FTS5 table.  What a person types becomes words by the same function, so
that nothing of it is ever read as a query language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from django.db import connection

# How many dossiers a search finds at most: beyond, it is to be narrowed.
MOST: Final = 1000
# Words shorter than this are found whole only: too many words begin by one or two letters.
PREFIX_FROM: Final = 3
# Characters of a word, words of a dossier and of a question that are kept.
LONGEST: Final = 60
MOST_WORDS: Final = 20_000
MOST_ASKED: Final = 12
_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
# Digits in groups, as numbers of companies are written.
_GROUPS: Final = re.compile(r"(?<![^\W_])\d+(?:[ \u00a0\u202f]\d+)+(?![^\W_])")
# The lengths of a SIREN and of a SIRET.
_NUMBERS: Final = (9, 14)


def words(text: str) -> list[str]:
    """The words of a text, folded, in order; the number of a company in groups of digits is one word too."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS).casefold()
    plain = "".join(one for one in folded if not unicodedata.combining(one))
    return [one[:LONGEST] for one in _WORD.findall(_GROUPS.sub(_joined, plain))]


def _joined(found: re.Match[str]) -> str:
    """The groups that make a SIREN or a SIRET, put together; the others as they are."""
    groups, result = re.split(r"\D", found[0]), []
    while groups:
        for count in range(len(groups), 0, -1):
            whole = "".join(groups[:count])
            if count == 1 or len(whole) in _NUMBERS:
                result.append(whole)
                groups = groups[count:]
                break
    return " ".join(result)


def indexed(texts: Iterable[str]) -> str:
    """What is kept of the texts of a dossier: each word once, the first ones when there are too many."""
    found: dict[str, None] = {}
    for text in texts:
        for word in words(text):
            if len(found) == MOST_WORDS:
                break
            found.setdefault(word)
    return " ".join(found)


def hits(asked: Collection[str], programmes: Collection[str]) -> tuple[str, list[str]]:
    """The query, with its parameters, of the keys of at most MOST + 1 dossiers of some programmes that hold some words.

    `asked` are folded words, at least one.  The limit comes before any other filter or sort, so that a frequent word
    costs what a rare one does.
    """
    assert asked
    assert programmes
    assert all(_WORD.fullmatch(one) for one in asked), asked
    named = ", ".join(["%s"] * len(programmes))
    if connection.vendor == "postgresql":
        sql = (
            "WITH hits AS MATERIALIZED (SELECT dossier_id FROM records_searchtext "
            f"WHERE programme IN ({named}) AND vector @@ %s::tsquery LIMIT {MOST + 1}) SELECT dossier_id FROM hits"
        )
        query = " & ".join(f"'{one}':*" if len(one) >= PREFIX_FROM else f"'{one}'" for one in asked)
    else:
        sql = (
            "SELECT t.dossier_id FROM records_searchtext_words w JOIN records_searchtext t ON t.dossier_id = w.rowid "
            f"WHERE t.programme IN ({named}) AND w.words MATCH %s LIMIT {MOST + 1}"
        )
        query = " ".join(f'"{one}"*' if len(one) >= PREFIX_FROM else f'"{one}"' for one in asked)
    return sql, [*programmes, query]
