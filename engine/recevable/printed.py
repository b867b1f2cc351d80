"""Text that may come from a hostile dossier or file name, written so that it shows and does nothing.

A terminal obeys controls and marks of direction.  A runner of continuous integration obeys words of what is printed,
on both streams: GitHub takes a line that starts with `::`, after blanks, and `##[` anywhere in a line; Azure takes
`##vso[`, TeamCity `##teamcity[`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import IO, Any, Final

import click

# Where a word starts, since paragraphs are cut between words.
_COMMAND: Final = re.compile(r"(?<!\S):(?=:)|#(?=#\w*\[)")
_COMMAND_ANYWHERE: Final = re.compile(r"#(?=#\w*\[)")
# All but what is usual in French, which need not be asked about.
_UNUSUAL: Final = re.compile("[^\n -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u202f-\u203a\u20ac]")
# Letters that show nothing: the fillers of Hangul, the blank of Braille.
_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"


# What the layout of a page and the counters of progress write themselves, and no text of an input.
_OURS: Final = re.compile(r"\x1b\[[0-9;]*[mK]|\r(?=[\n0-9\x1b])|[\n\t\u00a0\u202f]")
_STRAY: Final = {"\x1b": re.compile(r"\x1b(?!\[[0-9;]*[mK])"), "\r": re.compile(r"\r(?![\n0-9\x1b])")}
# Where a line starts: the colours of a terminal do not hide it.
_LINE: Final = re.compile(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(?=:)", re.MULTILINE)


def say(text: str = "", *, err: bool = False, nl: bool = True, file: IO[Any] | None = None) -> None:
    """Print a text for people, on standard output or `err`: all that is printed for them comes by here."""
    click.echo(quiet(text), err=err, nl=nl, file=file)


def quiet(text: str) -> str:
    """A text of several lines that no terminal and no runner obeys, should some of it not have been made visible."""
    # each character once: a page has thousands, of some hundred kinds
    for char in [char for char in set(_OURS.sub("", text)) if not char.isprintable()]:
        stray = _STRAY.get(char)
        text = stray.sub(_escape, text) if stray else text.replace(char, _shown(char, ""))
    return _COMMAND_ANYWHERE.sub(_escape, _LINE.sub(r"\1\\u003a", text))


def visible(text: str, spaces: str = "") -> str:
    """A text on one line, in which every character that acts instead of showing is written as an escape.

    `spaces` are let through.
    """
    shown = text if text.isprintable() else "".join(_shown(char, spaces) for char in text)
    return _COMMAND.sub(_escape, shown) if "::" in shown or "##" in shown else shown


def same_length(text: str) -> str:
    """A line on which columns are counted, a dot in place of each character that acts."""
    shown = "".join(" " if char == "\t" else char if char.isprintable() else "·" for char in text)
    return _COMMAND.sub("·", shown)


def in_json(text: str) -> str:
    """The text of a JSON document, the same data, with nothing invisible in it and nothing that a runner obeys."""
    text = _UNUSUAL.sub(lambda found: _unit(found[0]) if _acts(found[0]) else found[0], text)
    # two of these in a row are only found in a string
    return text.replace("##", "#\\u0023")


def _acts(char: str) -> bool:
    return char in _BLANK or not (char.isprintable() or unicodedata.category(char) == "Zs")


def _unit(char: str) -> str:
    """As JSON writes it: beyond 16 bits, two units."""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _shown(char: str, spaces: str) -> str:
    if char.isprintable() or char in spaces:
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
