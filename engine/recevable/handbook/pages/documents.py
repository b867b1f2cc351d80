"""The page of documents to provide, by request and by profile."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.decision.checklist import ALWAYS, Item, checklist
from recevable.decision.wording import day
from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.language.types import called
from recevable.pack.kinds.base import Place
from recevable.pack.model import Request
from recevable.report.checklist import STRICT


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield common.DOCUMENTS, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    yield rst.title(TITLES[common.DOCUMENTS])
    yield rst.paragraphs(
        "Pour chaque demande, les pièces que les règles réclament à chaque profil de demandeur, le "
        f"{day(survey.day)}. Une pièce conditionnelle n'est réclamée que si la condition dite dans sa case est remplie."
    )
    type_ = common.field_type(survey, survey.pack.manifest.profile)
    profiles = type_.values if type_ is not None else ("",)
    for request in survey.pack.manifest.requests.values():
        yield rst.title(request.title, "-")
        if request.strict:
            yield rst.paragraphs(rst.escape(STRICT))
        yield _matrix(survey, request, profiles) or rst.escape("Aucune règle ne réclame de pièce pour cette demande.")


def _matrix(survey: Survey, request: Request, profiles: tuple[str, ...]) -> str:
    items: dict[str, Item] = {}
    cells: dict[tuple[str, str], str] = {}
    for profile in profiles:
        for section in checklist(survey.decider, request.name, profile, survey.day):
            for item in section.items:
                if item.place is Place.DOCUMENT:
                    items.setdefault(item.rule, item)
                    cells[item.rule, profile] = section.condition
    rows = []
    for rule in (rule for rule in survey.pack.rules if rule in items):
        shown = [_cell(cells.get((rule, profile))) for profile in profiles]
        rows.append((_document(survey, items[rule]), *shown))
    type_ = common.field_type(survey, survey.pack.manifest.profile)
    labels = type_.labels if type_ is not None else {}
    headers = ("Pièce", *(labels.get(profile) or called(profile) or "Réclamée" for profile in profiles))
    share = 60 // max(len(profiles), 1)
    return rst.table(
        [rst.escape(h) for h in headers], rows, " ".join(["40", *[str(share)] * len(profiles)]), "grille pieces"
    )


def _cell(condition: str | None) -> str:
    if condition is None:
        return rst.mark("sans-objet", "non demandée")
    if condition == ALWAYS:
        return rst.mark("toujours", "toujours")
    return f"{rst.mark('conditionnelle', 'si')} {rst.escape(condition)}"


def _document(survey: Survey, item: Item) -> str:
    found = [
        f"{rst.escape(item.title)}\n\n"
        f"{rst.page_link(item.rule, common.rule_page(item.rule))} · {common.source(survey, item.source)}"
    ]
    if item.optional:
        found.append(rst.mark("sans-objet", "facultative"))
    if item.warning:
        found.append(common.consequence_mark("signaler"))
    if item.party in survey.pack.manifest.parties:
        found.append(rst.escape(f"Fournie par {common.party_name(survey, item.party)}"))
    return "\n\n".join(found)
