"""Guess what was meant by dates, instants, numbers and words written in common informal ways.

Each function takes the text as written and returns the suggested form, or an empty string; none raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from recevable.language.diagnostics import either, remark

_MONTHS: Final = (
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
)  # fmt: skip
_QUOTES: Final = "\"'“”„«»‹›’` \u00a0\u202f"
_DAY_FIRST: Final = re.compile(r"(\d{1,2})(?:er)?[ ./-]([a-z]+|\d{1,2})[ ./-](\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[ ./-](\d{1,2})[ ./-](\d{1,2})")
_HOUR: Final = re.compile(r"(?:\s*(?:t|a|,|-))?\s*(\d{1,2})\s*(?:h|:)\s*(\d{2})?(?:\s*(?:mn|min|:)\s*(\d{2})?)?s?")
_TRUE: Final = frozenset({"oui", "yes", "y", "o", "on", "vrai", "vraie", "true", "1"})
_FALSE: Final = frozenset({"non", "no", "n", "off", "faux", "fausse", "false", "0"})


def plain(word: str) -> str:
    """A word without accents, capitals, quotes or unusual spaces; words joined by `_`."""
    decomposed = unicodedata.normalize("NFKD", word)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return re.sub(r"[\s\-_’']+", "_", letters.strip(_QUOTES)).strip("_:")


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates closest to a word, best first, ignoring accents, capitals and hyphens."""
    known = {plain(candidate): candidate for candidate in candidates}
    wanted = plain(word)
    if wanted in known:
        return [known[wanted]]
    import difflib

    return [known[close] for close in difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)]


def sure(word: str, candidates: Iterable[str]) -> str:
    """The only candidate equal to the word up to accents, capitals, hyphens and spaces; else an empty string."""
    same = [candidate for candidate in candidates if plain(candidate) == plain(word)]
    return same[0] if len(same) == 1 and same[0] != word else ""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A French help sentence naming the candidates closest to a word, or an empty string."""
    known = list(candidates)
    close = nearest(word, known)
    odd = remark(word, close or known)
    if not close:
        return odd
    if len(close) == 1 and plain(word) == plain(close[0]):
        accents = plain(word) != word.strip(_QUOTES).casefold().replace("-", "_")
        return f"Écrivez `{close[0]}`, sans accent ni espace." if accents else f"Écrivez `{close[0]}`. {odd}".rstrip()
    return f"Vouliez-vous dire {either(close)} ? {odd}".rstrip()


def boolean(text: str) -> str:
    """`true` or `false` for any common form of yes or no."""
    word = plain(text)
    return "true" if word in _TRUE else "false" if word in _FALSE else ""


def day(text: str) -> str:
    """`2023-07-31` for `31/07/2023`, `31 juillet 2023`, `2023/07/31`."""
    found, rest = _day(text)
    return found if not rest.strip() else ""


def instant(text: str) -> str:
    """`2023-07-26T14:00:00` for `26/07/2023 à 14 h`, `2023-07-26 14:00`."""
    found, rest = _day(text)
    if not found:
        return ""
    hour = _HOUR.fullmatch(rest.rstrip())
    if hour is None:
        return ""
    hours, minutes, seconds = (int(part or 0) for part in hour.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        return ""
    return f"{found}T{hours:02}:{minutes:02}:{seconds:02}"


def number(text: str) -> str:
    """`6666.67` for `6 666,67 €`, `0.085` for `8,5 %`."""
    written = text.strip(_QUOTES)
    percent = written.endswith("%")
    digits = re.sub(r"(?i)[\s\u00a0\u202f_’']|€|%|euros?$|eur$", "", written)
    if "," in digits and "." in digits:
        # the last of the two is the decimal mark, the other separates thousands
        thousands = "." if digits.rindex(",") > digits.rindex(".") else ","
        digits = digits.replace(thousands, "")
    digits = digits.replace(",", ".", 1)
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,9})?", digits, re.ASCII):
        return ""
    return f"{(Decimal(digits) / 100).normalize():f}" if percent else digits


def certain(written: str, meant: str) -> str:
    """`meant` when no other reading is possible, else an empty string: 05/06/2023 and 2,500 are ambiguous."""
    days = re.search(r"(?<!\d)(\d{1,2})[ ./-](\d{1,2})[ ./-]\d{4}", written)
    if days is not None and max(int(days[1]), int(days[2])) <= 12 and int(days[1]) != int(days[2]):
        return ""
    return "" if re.search(r"\d[,.]\d{3}\D*$", written) and "-" not in meant else meant


def _day(text: str) -> tuple[str, str]:
    """The day at the start of a text, and the rest of the text."""
    written = "".join(c for c in unicodedata.normalize("NFKD", text.strip(_QUOTES)) if not unicodedata.combining(c))
    written = written.casefold()
    match = _YEAR_FIRST.match(written)
    if match is not None:
        year, month, day_ = match.groups()
    else:
        match = _DAY_FIRST.match(written)
        if match is None:
            return "", text
        day_, month, year = match.groups()
    if month in _MONTHS:
        month = str(_MONTHS.index(month) + 1)
    try:
        return date(int(year), int(month), int(day_)).isoformat(), written[match.end() :]
    except ValueError:
        return "", text
