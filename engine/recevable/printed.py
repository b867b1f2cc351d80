"""Escape text from hostile dossiers or file names, so that terminals and CI runners do not interpret it.

A terminal interprets control and direction characters.  CI runners interpret commands on both streams: GitHub takes a
line that starts with `::`, after blanks, and `##[` anywhere in a line; Azure takes `##vso[`, TeamCity `##teamcity[`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import IO, Any, Final

import click

from recevable.lazy import pattern

# Word starts: paragraphs are wrapped between words.
_COMMAND: Final = pattern(r"(?<!\S):(?=:)|#(?=#\w*\[)")
_COMMAND_ANYWHERE: Final = pattern(r"#(?=#\w*\[)")
# The characters that usual French text consists of, which need no escape.
_UNUSUAL: Final = pattern("[^\n -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u202f-\u203a\u20ac]")
# Invisible letters: the Hangul fillers, the Braille blank.
_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"


# Characters written by page layout and progress counters, never taken from input.
_OURS: Final = frozenset("\n\t\u00a0\u202f")
# Two more, which they write only before what is their own.
_STRAY: Final = {"\x1b": pattern(r"\x1b(?!\[[0-9;]*[mK])"), "\r": pattern(r"\r(?![\n0-9\x1b])")}
# Line starts: a runner sees commands through terminal colours.
_LINE: Final = pattern(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(?=:)", re.MULTILINE)


def say(text: str = "", *, err: bool = False, nl: bool = True, file: IO[Any] | None = None) -> None:
    """Print text on standard output, or standard error with `err`; all text output goes through this function."""
    click.echo(quiet(text), err=err, nl=nl, file=file)


def quiet(text: str) -> str:
    """A multi-line text made safe for terminals and runners, as a last protection."""
    # each distinct character once: a page has thousands, but few distinct ones
    for char in [char for char in set(text) - _OURS if not char.isprintable()]:
        stray = _STRAY.get(char)
        text = stray.sub(_escape, text) if stray else text.replace(char, _shown(char, ""))
    if "::" not in text and "##" not in text:
        return text
    return _COMMAND_ANYWHERE.sub(_escape, _LINE.sub(r"\1\\u003a", text))


def visible(text: str, spaces: str = "") -> str:
    """A text on one line, with every control, invisible or direction character escaped.

    The characters in `spaces` are kept.
    """
    shown = text if text.isprintable() else "".join(_shown(char, spaces) for char in text)
    return _COMMAND.sub(_escape, shown) if "::" in shown or "##" in shown else shown


def same_length(text: str) -> str:
    """A line of the same length, for counting columns, with a dot for each unsafe character."""
    shown = "".join(" " if char == "\t" else char if char.isprintable() else "·" for char in text)
    return _COMMAND.sub("·", shown)


def in_json(text: str) -> str:
    """The same JSON document, with invisible characters and runner commands escaped."""
    # most texts have no character to look at: these are found faster than by a pattern
    usual = text.replace("\u00a0", "").replace("\u202f", "").replace("\n", "")
    if not usual.isprintable() or _has_blank(usual):
        text = _UNUSUAL.sub(lambda found: _unit(found[0]) if _acts(found[0]) else found[0], text)
    # two of these in a row only occur inside a string
    return text.replace("##", "#\\u0023")


def _has_blank(text: str) -> bool:
    # ten times as fast as a loop over them
    one, two, three, four, five = _BLANK
    return one in text or two in text or three in text or four in text or five in text


def _acts(char: str) -> bool:
    return char in _BLANK or not (char.isprintable() or unicodedata.category(char) == "Zs")


def _unit(char: str) -> str:
    """The JSON escape of a character: a surrogate pair beyond 16 bits."""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _shown(char: str, spaces: str) -> str:
    if char.isprintable() or char in spaces:
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
