"""Write elements of SVG and HTML as text, escaping every text of the pack."""

from __future__ import annotations

import textwrap
from datetime import date
from html import escape as escape_html
from typing import Final

from recevable.report.layout import visible

_SPACES: Final = "\u00a0\u202f"


def text(value: str) -> str:
    """A text escaped for the content of an element or the value of an attribute."""
    return escape_html(visible(value.replace("\n", " "), _SPACES), quote=True)


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """An element; `class_` and `text_anchor` mean `class` and `text-anchor`, numbers have at most one decimal."""
    shown = "".join(f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{shown}>{content}</{name}>"


def label(value: str, x: float, y: float, style: str = "", **attributes: object) -> str:
    """A line of text."""
    return element("text", text(value), x=x, y=y, class_=style, **attributes)


def drawing(width: float, height: float, content: str, title: str, style: str = "") -> str:
    """A whole drawing, as wide as the page allows, with a title for screen readers; an image when nothing links."""
    role = "group" if "<a " in content else "img"
    image = element(
        "svg", element("title", text(title)) + content,
        viewBox=f"0 0 {_value(width)} {_value(height)}", width=width, height=height, role=role, aria_label=title,
    )  # fmt: skip
    # what is wider than a telephone is moved across, with the keyboard too
    return element("div", image, class_=f"dessin {style}".strip(), tabindex=0, role="group", aria_label=title)


def today(day: date, first: date, last: date, left: float, width: float, bottom: float) -> str:
    """The line of the day of the document, that the page moves to the day that the reader chooses; `width` in between.

    It is hidden when the day is outside the drawing.
    """
    inside = first <= day <= last
    x = left + (day - first) / (last - first) * width if inside else left
    title = element("title", text("Jour des valeurs"))
    return element(
        "line", title, x1=x, y1=4, x2=x, y2=bottom, class_="jour" if inside else "jour absent",
        data_premier=first, data_dernier=last, data_gauche=left, data_largeur=width,
    )  # fmt: skip


def wrapped(value: str, width: int, most: int) -> list[str]:
    """A text wrapped to at most `most` lines of `width` characters, with an ellipsis when cut."""
    return textwrap.wrap(visible(value, _SPACES), width, max_lines=most, placeholder="…") or ["—"]


def relative(page: str, target: str) -> str:
    """The address of a target (`page` or `page#anchor`) relative to a page, both named from the root of the site."""
    name, _, anchor = target.partition("#")
    up = "../" * page.count("/")
    return f"{up}{name}.html{f'#{anchor}' if anchor else ''}"


def _value(value: object) -> str:
    return f"{round(value, 1):g}" if isinstance(value, float) else text(str(value))
