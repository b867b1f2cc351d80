"""Characters that do not show, or that pass for others: two texts that read the same are not always the same.

French text is compared composed (NFC): a dossier is put in that form when it is read, and a file of rules that is not
is refused at its place.
"""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters that show nothing: the fillers of Hangul, the blank of Braille.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_WRITINGS: Final = {
    "CYRILLIC": "de l'alphabet cyrillique",
    "GREEK": "de l'alphabet grec",
    "COPTIC": "de l'alphabet copte",
    "ARMENIAN": "de l'alphabet arménien",
    "CHEROKEE": "de l'écriture cherokee",
    "FULLWIDTH": "de pleine chasse",
    "MATHEMATICAL": "de l'alphabet mathématique",
}


def composed(text: str) -> str:
    """The text with each accent in one character with its letter, where there is one (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def decomposed(text: str) -> tuple[int, int] | None:
    """Where the first characters that make one together start and end; None in a composed text."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return None
    end = next(end for end in range(1, len(text) + 1) if composed(text[:end]) != text[:end])
    start = next(start for start in range(end - 1, -1, -1) if composed(text[start:end]) != text[start:end])
    return start, end


def shows(text: str) -> bool:
    """Whether a reader sees anything of a text: a letter, a digit, a sign."""
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in text)


def is_invisible(char: str) -> bool:
    """Whether a character takes no place on paper, or is a blank that is no space: a control, a mark of direction."""
    return char in _BLANK or unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn")


def named(char: str) -> str:
    """A character by what it is and its number: `le caractère invisible U+200B`."""
    number = f"U+{ord(char):04X}"
    if is_invisible(char):
        return f"le caractère invisible {number}"
    if unicodedata.combining(char):
        return f"l'accent décomposé {number}"
    if unicodedata.category(char) == "Zs":
        return f"l'espace {number}"
    writing = unicodedata.name(char, "").split(" ", 1)[0]
    what = "lettre" if char.isalpha() else "caractère"
    return (
        f"l{'a ' if what == 'lettre' else 'e '}{what} `{char}` {_WRITINGS.get(writing, '')}".rstrip() + f" ({number})"
    )


def intruder(word: str, known: str) -> str:
    """The first character by which `word` is not `known` although both read alike; empty if there is none.

    It is one that does not show, or that is no letter of the Latin alphabet while `known` only has such letters.
    """
    for char in word:
        if char in known:
            continue
        if char != " " and (is_invisible(char) or unicodedata.category(char) in ("Zs", "Mn") or _is_foreign(char)):
            return char
    return ""


def _is_foreign(char: str) -> bool:
    return not char.isascii() and char.isalnum() and not unicodedata.name(char, "").startswith("LATIN ")
