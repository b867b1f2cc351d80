"""A checklist as French text: what the applicant provides, by condition, then what others verify."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from recevable.decision.checklist import ALWAYS, Item, Section
from recevable.decision.wording import day
from recevable.pack.kinds.base import Place
from recevable.pack.model import APPLICANT, Party, Request
from recevable.report.layout import Page

_GROUPS: Final[tuple[tuple[str, Callable[[Item], bool]], ...]] = (
    ("Délais à respecter", lambda i: i.place is Place.DEADLINE),
    ("Pièces à joindre", lambda i: i.place is Place.DOCUMENT and i.party == APPLICANT),
    ("Informations à donner et conditions à remplir", lambda i: i.place is Place.CONDITION and i.party == APPLICANT),
)
# A rule that only warns cannot answer without its data, and the request must then be completed.
# What an incomplete request gets when the programme rejects it.
STRICT: Final = "Une demande incomplète est rejetée : ce que le demandeur doit est à fournir au complet dès le dépôt."
_LACKING: Final = "Aucun ne fait rejeter la demande ; une donnée qu'ils lisent et qui manque peut être demandée."


def of_profile(title: str, profile: str) -> str:
    """The title of a request, for a profile by its title if the programme has profiles."""
    return f"{title} : profil « {profile} »" if profile else title


def render(
    sections: Sequence[Section], request: Request, profile: str, today: date, parties: Mapping[str, Party], page: Page
) -> str:
    """The whole checklist as text, ending with a newline."""
    lines = [page.paint(page.spread(of_profile(request.title, profile), f"règles au {day(today)}"), "bold")]
    lines.append(page.paint("─" * page.width, "dim"))
    if request.strict:
        lines += ["", *page.paragraph(STRICT, "  ")]
    for section in sections:
        lines += _provided(section, page)
    for party, other in parties.items():
        lines += _verified(f"Ce que {other.name} vérifie ou fournit", _by(sections, party), page)
    lines += _verified("Ce qu'un agent apprécie", _appraised(sections), page)
    warnings = list(_warnings(sections))
    lines += _verified(
        "Points d'attention, qui entrent dans le calcul du montant", (w for w in warnings if w[1].counts), page
    )
    lines += _verified("Points d'attention, signalés seulement", (w for w in warnings if not w[1].counts), page)
    if warnings:
        lines += ["", *page.paragraph(_LACKING, "    ")]
    lines += _defaults(sections, page)
    return "\n".join(lines) + "\n"


def _provided(section: Section, page: Page) -> list[str]:
    """The lines of what the applicant provides under one condition."""
    lines: list[str] = []
    for heading, belongs in _GROUPS:
        items = [item for item in section.items if belongs(item) and not item.warning]
        if items:
            lines += ["", page.paint(f"  {heading}", "bold")]
        for item in items:
            lines += _item(item, page)
    if not lines or section.condition == ALWAYS:
        return lines
    return ["", *(page.paint(text, "bold", "cyan") for text in page.paragraph(_if(section.condition), "▸ ")), *lines]


def _if(condition: str) -> str:
    return f"S'{condition}" if condition.startswith("il ") else f"Si {condition}"


def _item(item: Item, page: Page) -> list[str]:
    """The lines of an item: a box to tick, the action, then the checks made on the document."""
    lines = page.paragraph(item.title, "    ☐ ")
    if item.action and item.action != item.title:
        lines += page.paragraph(item.action, "      ")
    for detail in item.details:
        if detail != item.action:
            lines += page.paragraph(detail, "        – ")
    return [*lines, *_reference(item, page)]


def _reference(item: Item, page: Page) -> list[str]:
    return [page.paint(line, "dim") for line in page.paragraph(f"{item.source} · {item.rule}", "      ")]


def _by(sections: Sequence[Section], party: str) -> Iterator[tuple[str, Item]]:
    for section in sections:
        for item in section.items:
            if item.party == party and item.place in (Place.DOCUMENT, Place.CONDITION) and not item.warning:
                yield section.condition, item


def _warnings(sections: Sequence[Section]) -> Iterator[tuple[str, Item]]:
    for section in sections:
        for item in section.items:
            if item.warning and item.place is not Place.QUESTION:
                yield section.condition, item


def _appraised(sections: Sequence[Section]) -> Iterator[tuple[str, Item]]:
    for section in sections:
        for item in section.items:
            if item.place is Place.QUESTION:
                yield section.condition, item


def _defaults(sections: Sequence[Section], page: Page) -> list[str]:
    """The lines of the pack's own choices that the checklist depends on, without duplicates."""
    found = {default.name: default for section in sections for item in section.items for default in item.defaults}
    if not found:
        return []
    heading = "▸ Choix de gestion, là où le texte se tait"
    lines = ["", page.paint(heading, "bold", "cyan"), ""]
    for default in found.values():
        lines += page.paragraph(f"{default.title} ({default.name}) : {default.reason}", "    • ")
        if default.source != default.reason:
            lines += [page.paint(text, "dim") for text in page.paragraph(default.source, "      ")]
    return lines


def _verified(heading: str, found: Iterator[tuple[str, Item]], page: Page) -> list[str]:
    """The lines of items for which the applicant provides nothing: title and condition."""
    lines: list[str] = []
    for condition, item in found:
        lines += page.paragraph(item.title, "    • ")
        if condition != ALWAYS:
            lines += page.paragraph(_if(condition).replace("S", "s", 1), "      ")
        if item.place is Place.QUESTION:
            for detail in item.details:
                lines += page.paragraph(f"selon la réponse : {detail}", "        – ")
        lines += _reference(item, page)
    return ["", page.paint(f"▸ {heading}", "bold", "cyan"), "", *lines] if lines else []
