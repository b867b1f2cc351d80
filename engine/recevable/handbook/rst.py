"""The markup of the pages: reStructuredText in which a text of the pack can never be anything but text.

Every function takes texts as they are and escapes them.  What comes out of `escape`, `strong`, `code` and the links is
inline markup; a *block* is one or several whole lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from recevable.report.layout import visible

_SPACES: Final = "\u00a0\u202f"
_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")
# The spaces of an escaped text that stay with a sign of punctuation.
_BOUND: Final = re.compile(r" (?=\\[;:!?»§])|(?<=\\«) ")
# Between inline markup and the letters around it; shows nothing.
_JOINT: Final = "\\ "
NOTHING: Final = "—"


def escape(text: str) -> str:
    """A text on one line, with a backslash before whatever is neither a letter, a digit nor a space.

    The space that French puts before `;` or `§` and inside guillemets becomes a hard one: no line begins with them.
    """
    return _BOUND.sub("\u00a0", _escape(text))


def _escape(text: str) -> str:
    plain = visible(_BLANKS.sub(" ", text), _SPACES).strip()
    return "".join(char if char.isalnum() or char in f" {_SPACES}" else f"\\{char}" for char in plain)


def inside(text: str) -> str:
    """A text that goes on from other inline markup, or before it: the spaces at its ends count."""
    shown = escape(text)
    if not shown:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{shown}{' ' if text[-1].isspace() else ''}"


def strong(text: str) -> str:
    """In bold."""
    return f"{_JOINT}**{escape(text)}**{_JOINT}" if escape(text) else ""


def code(text: str) -> str:
    """As it is written in a file."""
    shown = _escape(text)
    return f"{_JOINT}:litteral:`{shown}`{_JOINT}" if shown else ""


def mark(style: str, text: str) -> str:
    """A few words set apart by one of the styles of `site.ROLES`."""
    shown = escape(text)
    return f"{_JOINT}:{style}:`{shown}`{_JOINT}" if shown else ""


def page_link(text: str, page: str) -> str:
    """A link to a page, named from the root of the site."""
    return f"{_JOINT}:doc:`{escape(text)} </{page}>`{_JOINT}"


def anchor_link(text: str, anchor: str) -> str:
    """A link to an anchor, wherever it is."""
    return f"{_JOINT}:ref:`{escape(text)} <{anchor}>`{_JOINT}"


def joined(items: Iterable[str], separator: str = ", ") -> str:
    """Inline markup one after the other; a dash when there is none."""
    return separator.join(items) or NOTHING


def title(text: str, underline: str = "=") -> str:
    """A heading; `=` for the page, `-` and `~` below it."""
    shown = escape(text) or NOTHING
    return f"{shown}\n{underline * max(2 * len(shown), 4)}"


def anchor(name: str) -> str:
    """What `anchor_link` leads to: the block that follows."""
    return f".. _{name}:"


def paragraphs(text: str) -> str:
    """A text of several lines as one paragraph for each group of lines apart."""
    groups = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(escape(group) for group in groups if escape(group))


def lines(items: Iterable[str]) -> str:
    """Inline markup, a line each, kept apart."""
    return "\n".join(f"| {item}" for item in items)


def bullets(items: Iterable[str]) -> str:
    """Inline markup as a list."""
    return "\n".join(f"* {item or NOTHING}" for item in items)


def directive(name: str, argument: str = "", options: Sequence[str] = (), body: str = "") -> str:
    """A block of Sphinx."""
    head = [f".. {name}:: {argument}".rstrip(), *(f"   :{option}" for option in options)]
    return "\n".join([*head, "", _indent(body)]) if body else "\n".join(head)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], widths: str = "auto", style: str = "") -> str:
    """A table; cells are blocks.  Without headers, the first column names what is in the second."""
    content = [tuple(headers), *rows] if headers else list(rows)
    if len(content) <= bool(headers):
        return ""
    options = [f"widths: {widths}", f"class: {style or 'grille'}"]
    options.append("header-rows: 1" if headers else "stub-columns: 1")
    body = "\n".join(_row(cells) for cells in content)
    return directive("list-table", "", options, body)


def _row(cells: Sequence[str]) -> str:
    found = []
    for rank, cell in enumerate(cells):
        first, *others = (cell or NOTHING).split("\n")
        found.append(f"{'* -' if not rank else '  -'} {first}")
        found += [f"    {line}".rstrip() for line in others]
    return "\n".join(found)


def raw(html: str) -> str:
    """HTML that was made here, never a text of the pack as it is."""
    return directive("raw", "html", (), html) if html else ""


def excerpt(text: str, first_line: int, language: str = "yaml") -> str:
    """Lines of a file as they are, numbered from `first_line`; what acts instead of showing is escaped."""
    shown = "\n".join(visible(line.expandtabs(), _SPACES) for line in text.split("\n"))
    options = ["force:", "linenos:", f"lineno-start: {first_line}"] if first_line else ["force:"]
    return directive("code-block", language, options, shown)


def folded(summary: str, body: str) -> str:
    """A block that opens when its summary is clicked; the summary is HTML that was made here."""
    return "\n\n".join((raw(f"<details><summary>{summary}</summary>"), body, raw("</details>")))


def document(blocks: Iterable[str]) -> str:
    """A whole page."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def _indent(text: str) -> str:
    return "\n".join(f"   {line}" if line.strip() else "" for line in text.split("\n"))
