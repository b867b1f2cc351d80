"""Build HTML with Sphinx and the furo theme; warnings are errors, and no network is used."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docutils import nodes
from docutils.utils import unescape
from sphinx.application import Sphinx
from sphinx.search.fr import SearchFrench
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils
from sphinx.writers.html5 import HTML5Translator

from recevable.handbook import menu
from recevable.handbook.tables import Table
from recevable.report.layout import visible

if TYPE_CHECKING:
    from sphinx.util.typing import ExtensionMetadata

THEME: Final = Path(__file__).parent / "theme"
# The styles for words in a sentence, defined in the style sheet.
ROLES: Final = (
    "accent circonstance conditionnelle echec effet-accepter effet-completer effet-ecarter effet-rejeter "
    "effet-signaler inconnu maison place resultat-a-apprecier resultat-manquant resultat-non-satisfait "
    "resultat-sans-objet resultat-satisfait sans-objet toujours traitement-definition traitement-hors-champ "
    "traitement-humain traitement-information "
    "traitement-regle"
).split()
# The processes that Sphinx reads and writes with, on a machine that has as many cores.
_MOST_WORKERS: Final = 4
_NO_SCRIPTS: Final[Mapping[str, str]] = {}
# Files that Sphinx writes for itself or for other sites.
_LEFTOVERS: Final = (".buildinfo", ".buildinfo.bak", "objects.inv")


class BuildError(Exception):
    """Sphinx rejected generated pages: a defect of this package, not of the pack."""


def build(
    sources: Iterable[tuple[str, str]], title: str, work: Path, output: Path, scripts: Mapping[str, str] = _NO_SCRIPTS
) -> None:
    """Write the sources below `work`, an empty folder, and their HTML into `output`; `scripts` are loaded by each page.

    Raises BuildError.
    """
    root = work / "sources"
    for name, text in sources:
        path = root / f"{name}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    _write_catalogue(root / "traductions")
    warnings = io.StringIO()
    with _quiet_docutils(root):
        app = Sphinx(
            srcdir=root, confdir=None, outdir=output, doctreedir=work / "doctrees", buildername="html",
            confoverrides=_configuration(title, [*scripts]), status=None, warning=warnings, freshenv=True,
            parallel=min(len(os.sched_getaffinity(0)), _MOST_WORKERS) if hasattr(os, "sched_getaffinity") else 1,
        )  # fmt: skip
        app.build(force_all=True)
    for name, text in scripts.items():
        (output / "_static" / name).write_text(text, "utf-8")
    faults = strip_colors(warnings.getvalue()).strip()
    if faults:
        raise BuildError(faults)
    for name in _LEFTOVERS:
        (output / name).unlink(missing_ok=True)
    shutil.rmtree(output / "_sources", ignore_errors=True)
    for source_map in output.rglob("*.map"):
        source_map.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    """This module as an extension of Sphinx: one role for each style of words."""
    app.add_generic_role("litteral", nodes.literal)
    app.add_role("valeur", _value)
    app.add_role("adresse", _address)
    app.set_translator("html", _Translator)
    app.add_search_language(_French)
    for name in ROLES:
        app.add_role(name, _styled(name))
    app.add_directive("list-table", Table, override=True)
    menu.connect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _styled(name: str) -> Any:
    def role(
        _: str, rawtext: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [nodes.inline(rawtext, text, classes=["signe", name])], []

    return role


def _value(
    _: str, rawtext: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """`valeur <parametre>`: a value that the script shows as of another day."""
    shown, _, name = text.removesuffix(">").rpartition(" <")
    return [nodes.inline(rawtext, shown, classes=["valeur", f"p-{name}"])], []


def _address(
    _: str, rawtext: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """`texte <https://adresse> titre`: a link to another site, with a title."""
    shown, _, rest = unescape(text).partition(" <")
    address, _, title = rest.partition("> ")
    return [nodes.reference(rawtext, shown, refuri=address, reftitle=title)], []


class _French(SearchFrench):
    """French in the search, each word reduced to its stem once: the words of rules return on every page."""

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self.stem = cache(super().stem)  # type: ignore[method-assign]  # the same function, remembered


class _Translator(HTML5Translator):
    """HTML whose cells say the heading of their column, for screens where a table is a list of cards."""

    def visit_table(self, node: nodes.table) -> None:
        super().visit_table(node)
        self.headings = [entry.astext() for head in node.findall(nodes.thead) for entry in head.findall(nodes.entry)]

    def visit_entry(self, node: nodes.entry) -> None:
        column: int = node.parent.column  # type: ignore[union-attr]  # set by visit_row
        super().visit_entry(node)
        if not isinstance(node.parent.parent, nodes.thead) and column < len(self.headings) and self.headings[column]:
            self.body[-1] = self.body[-1].replace(">", f' data-intitule="{escape(self.headings[column])}">', 1)


def _configuration(title: str, scripts: list[str]) -> dict[str, Any]:
    shown = escape(visible(title))
    return {
        "project": shown,
        "html_title": shown,
        "language": "fr",
        "extensions": [__name__],
        "locale_dirs": ["traductions"],
        "gettext_auto_build": False,
        "nitpicky": True,
        "smartquotes": False,
        "html_theme": "furo",
        "templates_path": [str(THEME)],
        "html_static_path": [str(THEME / "static")],
        "html_css_files": ["recevable.css"],
        "html_js_files": [*scripts, "recevable.js"] if scripts else [],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        # summaries are fetched, which browsers refuse for local files
        "html_show_search_summary": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "html_use_index": False,
        "html_domain_indices": False,
        "html_permalinks_icon": "¶",
        "html_last_updated_fmt": None,
        "exclude_patterns": ["traductions"],
        "html_theme_options": {"top_of_page_buttons": []},
    }


@contextmanager
def _quiet_docutils(root: Path) -> Iterator[None]:
    """Restore the docutils settings that Sphinx changes."""
    with patch_docutils(root), docutils_namespace():
        yield


# English texts of the theme for which Sphinx has no French translation.
_FRENCH: Final = {
    "Skip to content": "Aller au contenu",
    "Back to top": "Haut de page",
    "On this page": "Sur cette page",
    "Contents": "Sommaire",
    "Next": "Page suivante",
    "Previous": "Page précédente",
    "Home": "Accueil",
    "Search": "Rechercher",
}


def _write_catalogue(folder: Path) -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog(locale="fr")
    for english, french in _FRENCH.items():
        catalogue.add(english, french)
    path = folder / "fr" / "LC_MESSAGES" / "sphinx.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as stream:
        write_mo(stream, catalogue)
