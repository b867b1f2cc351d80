"""The menu of a page: every page at the top, and below each page on the way to the current one.

Written at once from the tree of pages: the theme would resolve, print and read again the whole tree for each page.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def connect(app: Sphinx) -> None:
    """Replace the menu of the theme, which computes its own at the default priority of 500."""
    app.connect("html-page-context", _without, priority=400)
    app.connect("html-page-context", _with, priority=600)


def _without(_: Sphinx, name: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    context["toctree"] = lambda **_options: ""


def _with(app: Sphinx, name: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    context["furo_navigation_tree"] = _Menu(app, name).branch(app.env.toctree_includes[app.config.root_doc], 1)


class _Menu:
    """The menu of one page; `way` are the pages on the way to it, itself included."""

    def __init__(self, app: Sphinx, page: str) -> None:
        self.env, self.builder, self.page = app.env, app.builder, page
        above = {below: name for name, found in self.env.toctree_includes.items() for below in found}
        self.way = {page}
        while page in above:
            page = above[page]
            self.way.add(page)
        self.opened = 0

    def branch(self, pages: Sequence[str], level: int) -> str:
        """A list of pages, those below the current one included."""
        on_the_way = not self.way.isdisjoint(pages)
        head = '<ul class="current">' if on_the_way else "<ul>"
        return "\n".join([head, *(self._item(page, level) for page in pages), "</ul>\n"])

    def _item(self, page: str, level: int) -> str:
        below = self.env.toctree_includes.get(page, []) if page in self.way else []
        styles = [f"toctree-l{level}"]
        styles += ["current"] if page in self.way else []
        styles += ["has-children"] if below else []
        styles += ["current-page"] if page == self.page else []
        title = self.env.titles[page].astext()
        here = page == self.page
        place = "#" if here else self.builder.get_relative_uri(self.page, page)
        link = f'<a class="{"current " if here else ""}reference internal" href="{escape(place)}">'
        head = f'<li class="{" ".join(styles)}">{link}{escape(title, quote=False)}</a>'
        if not below:
            return f"{head}</li>"
        self.opened += 1
        box = f"toctree-checkbox-{self.opened}"
        return (
            f'{head}<input aria-label="Ouvrir ou fermer : {escape(title)}" checked="" class="toctree-checkbox" '
            f'id="{box}" name="{box}" role="switch" type="checkbox"/><label for="{box}"><span class="icon"><svg>'
            f'<use href="#svg-arrow-right"></use></svg></span></label>{self.branch(below, level + 1)}</li>'
        )
