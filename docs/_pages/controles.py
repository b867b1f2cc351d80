"""The pages of the findings of `recevable lint`: an index, and one page per code, from the manual of the code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from _pages.markdown import code, table
from _pages.vocabulaire import links
from recevable.lint import manual
from recevable.lint.checks import CHECKS

_FOLDER = "controles"
_INTRODUCTION = """\
# Les constats de `recevable lint`

Un code par sorte de faute. `recevable lint --explain CODE` affiche la même page dans le terminal. Un constat vrai mais
admis s'écrit dans `tolerances.yaml`, avec son motif et son terme.
Les mots sont définis dans [le vocabulaire](vocabulaire.md).
"""


def pages() -> dict[str, Callable[[], str]]:
    """Each page by its name."""
    return {f"{_FOLDER}.md": _index, **{f"{_FOLDER}/{name}.md": partial(_page, name) for name in manual.pages()}}


def _index() -> str:
    known = manual.pages().values()
    parts = [_INTRODUCTION]
    for title, found in (
        ("Contrôles des règles", [page for page in known if page.code in CHECKS]),
        ("Fautes de lecture", [page for page in known if page.code not in CHECKS]),
    ):
        rows = [(f"[{code(p.code)}]({_FOLDER}/{p.code}.md)", str(p.severity), p.title) for p in found]
        parts += [f"## {title}\n", table(("Code", "Gravité", "Ce que c'est"), rows) + "\n"]
    return "\n".join(parts)


def _page(name: str) -> str:
    page = manual.pages()[name]
    head = f"# {code(page.code)} : {page.title[:1].lower()}{page.title[1:]}"
    about = f"Gravité : {page.severity}. [Tous les constats](../{_FOLDER}.md)"
    return f"{head}\n\n{about}\n\n{page.body}\n{links(page.body, '../')}"
