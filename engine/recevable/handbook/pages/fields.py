"""The glossary page: each field of the dossier, its possible values, and the rules that read it."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.language.tree import FIELD
from recevable.language.types import Kind, Type, walk


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield common.FIELDS, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    yield rst.title(TITLES[common.FIELDS])
    yield rst.paragraphs(
        "Ce qu'un dossier peut contenir, dans l'ordre de son schéma, et les règles qui lisent chaque champ."
    )
    groups: dict[str, list[tuple[str, Type]]] = {}
    for path, type_ in walk(survey.pack.facts):
        first = path.split(".")[0]
        grouped = survey.pack.facts.fields[first].kind is Kind.OBJECT
        groups.setdefault(first if grouped else "", []).append((path, type_))
    for name, fields in groups.items():
        title = survey.phrases.title(FIELD, name) if name else "Généralités"
        yield rst.title(title, "-")
        yield rst.table(
            ("Champ", "Contenu", "Règles qui le lisent"), [_row(survey, *one) for one in fields], "36 28 36"
        )


def _row(survey: Survey, path: str, type_: Type) -> tuple[str, ...]:
    written = rst.code(common.field_path(path))
    name = f"{rst.anchor(common.field_anchor(path))}\n\n{rst.escape(type_.title or path)}\n\n{written}"
    content = [rst.escape(common.type_words(type_))]
    if type_.values:
        content.append(
            rst.bullets(
                f"{rst.escape(type_.labels.get(value, ''))} {rst.code(value)}".lstrip() for value in type_.values
            )
        )
    if type_.kind is Kind.LIST and type_.item is not None and type_.item.fields:
        items = (f"{rst.escape(child.title or key)} {rst.code(key)}" for key, child in type_.item.fields.items())
        content.append(rst.bullets(items))
    return name, "\n\n".join(content), common.rule_links(survey, survey.rules_reading(FIELD, path))
