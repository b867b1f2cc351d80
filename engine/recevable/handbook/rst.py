"""Write reStructuredText, escaping every text of the pack.

Functions take plain texts and escape them.  `escape`, `strong`, `code` and the links return inline markup; a *block* is
one or more whole lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from recevable.report.layout import visible

_SPACES: Final = "\u00a0\u202f"
_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")
# Spaces of an escaped text that must stay with a punctuation mark.
_BOUND: Final = re.compile(r" (?=\\[;:!?»§])|(?<=\\«) ")
# An invisible separator between inline markup and adjacent letters.
_JOINT: Final = "\\ "
NOTHING: Final = "—"


def escape(text: str) -> str:
    """A text on one line, with a backslash before each character other than a letter, a digit or a space.

    The French space before `;` or `§` and inside guillemets becomes a no-break space.
    """
    return _BOUND.sub("\u00a0", _escape(text))


def _escape(text: str) -> str:
    plain = visible(_BLANKS.sub(" ", text), _SPACES).strip()
    return "".join(char if char.isalnum() or char in f" {_SPACES}" else f"\\{char}" for char in plain)


def inside(text: str) -> str:
    """A text adjacent to inline markup: its leading and trailing spaces are kept."""
    shown = escape(text)
    if not shown:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{shown}{' ' if text[-1].isspace() else ''}"


def strong(text: str) -> str:
    """Bold text."""
    return f"{_JOINT}**{escape(text)}**{_JOINT}" if escape(text) else ""


def code(text: str) -> str:
    """Literal text."""
    shown = _escape(text)
    return f"{_JOINT}:litteral:`{shown}`{_JOINT}" if shown else ""


def mark(style: str, text: str) -> str:
    """Words in one of the styles of `site.ROLES`."""
    shown = escape(text)
    return f"{_JOINT}:{style}:`{shown}`{_JOINT}" if shown else ""


def dated(parameter: str, text: str) -> str:
    """The value of a parameter, that the page can show as of another day."""
    return f"{_JOINT}:valeur:`{_escape(text)} <{parameter}>`{_JOINT}"


def page_link(text: str, page: str) -> str:
    """A link to a page, named from the root of the site."""
    return f"{_JOINT}:doc:`{escape(text)} </{page}>`{_JOINT}"


def outer_link(text: str, address: str, title: str) -> str:
    """A link to a page outside the site, and what it is."""
    return f"{_JOINT}:adresse:`{_escape(text)} <{_escape(address)}> {_escape(title)}`{_JOINT}"


def anchor_link(text: str, anchor: str) -> str:
    """A link to an anchor on any page."""
    return f"{_JOINT}:ref:`{escape(text)} <{anchor}>`{_JOINT}"


def joined(items: Iterable[str], separator: str = ", ") -> str:
    """Join inline markup; a dash when empty."""
    return separator.join(items) or NOTHING


def title(text: str, underline: str = "=") -> str:
    """A heading; `=` for the page, `-` and `~` below it."""
    shown = escape(text) or NOTHING
    return f"{shown}\n{underline * max(2 * len(shown), 4)}"


def anchor(name: str) -> str:
    """The target of `anchor_link`, for the block that follows."""
    return f".. _{name}:"


def paragraphs(text: str) -> str:
    """A multi-line text, with one paragraph per group of lines."""
    groups = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(escape(group) for group in groups if escape(group))


def lines(items: Iterable[str]) -> str:
    """Inline markup, one item per line."""
    return "\n".join(f"| {item}" for item in items)


def bullets(items: Iterable[str]) -> str:
    """Inline markup as a bullet list."""
    return "\n".join(f"* {item or NOTHING}" for item in items)


def directive(name: str, argument: str = "", options: Sequence[str] = (), body: str = "") -> str:
    """A Sphinx directive."""
    head = [f".. {name}:: {argument}".rstrip(), *(f"   :{option}" for option in options)]
    return "\n".join([*head, "", _indent(body)]) if body else "\n".join(head)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], widths: str = "auto", style: str = "") -> str:
    """A table whose cells are blocks.  Without headers, the first column labels the second."""
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
    """Generated HTML, which must not contain unescaped texts of the pack."""
    return directive("raw", "html", (), html) if html else ""


def excerpt(text: str, first_line: int, language: str = "yaml") -> str:
    """The lines of a file, numbered from `first_line`; unsafe characters are escaped."""
    shown = "\n".join(visible(line.expandtabs(), _SPACES) for line in text.split("\n"))
    options = ["force:", "linenos:", f"lineno-start: {first_line}"] if first_line else ["force:"]
    return directive("code-block", language, options, shown)


def folded(summary: str, body: str) -> str:
    """A collapsible block; the summary is generated HTML."""
    return "\n\n".join((raw(f"<details><summary>{summary}</summary>"), body, raw("</details>")))


def document(blocks: Iterable[str]) -> str:
    """A whole page."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def _indent(text: str) -> str:
    return "\n".join(f"   {line}" if line.strip() else "" for line in text.split("\n"))
