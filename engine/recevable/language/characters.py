"""Invisible or confusable characters: texts that look the same may differ.

French text is compared in NFC: dossiers are normalized when read, and a rule file that is not in NFC is rejected.
"""

from __future__ import annotations

import unicodedata
from typing import Final

# The dashes of word processors, each read as a hyphen.
DASHES: Final = "–—−‐‑‒"
# Invisible letters: the Hangul fillers, the Braille blank.
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
    """The text in NFC: each accent combined with its letter where possible."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def decomposed(text: str) -> tuple[int, int] | None:
    """The range of the first characters that NFC would combine; None for a text in NFC."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return None
    end = next(end for end in range(1, len(text) + 1) if composed(text[:end]) != text[:end])
    start = next(start for start in range(end - 1, -1, -1) if composed(text[start:end]) != text[start:end])
    return start, end


def shows(text: str) -> bool:
    """Whether a text has any visible character: a letter, a digit, a sign."""
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in text)


def is_invisible(char: str) -> bool:
    """Whether a character is invisible or a non-standard blank: a control, a direction mark."""
    return char in _BLANK or unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn")


def named(char: str) -> str:
    """The description of a character in French: `le caractère invisible U+200B`."""
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
    """The first character that makes `word` differ from the similar-looking `known`; empty if none.

    It is an invisible character, or a non-Latin letter when `known` only has Latin ones.
    """
    for char in word:
        if char in known:
            continue
        if char != " " and (is_invisible(char) or unicodedata.category(char) in ("Zs", "Mn") or _is_foreign(char)):
            return char
    return ""


def _is_foreign(char: str) -> bool:
    return not char.isascii() and char.isalnum() and not unicodedata.name(char, "").startswith("LATIN ")
