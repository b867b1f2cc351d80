"""A checklist as French text: what an applicant provides, always then by condition; then what others verify."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from recevable.decision.checklist import ALWAYS, Item, Section
from recevable.decision.wording import day
from recevable.pack.model import APPLICANT, Party
from recevable.report.layout import Page

_GROUPS: Final[tuple[tuple[str, Callable[[Item], bool]], ...]] = (
    ("Délais à respecter", lambda i: i.kind == "delai"),
    ("Pièces à joindre", lambda i: i.kind == "piece" and i.party == APPLICANT),
    ("Informations à donner et conditions à remplir", lambda i: i.kind == "condition" and i.party == APPLICANT),
)


def render(
    sections: Sequence[Section], title: str, profile: str, today: date, parties: Mapping[str, Party], page: Page
) -> str:
    """The whole list, ending with a newline."""
    lines = [page.paint(page.spread(f"{title} : profil {profile}", f"règles au {day(today)}"), "bold")]
    lines.append(page.paint("─" * page.width, "dim"))
    for section in sections:
        lines += _provided(section, page)
    for party, other in parties.items():
        lines += _verified(f"Ce que {other.name} vérifie ou fournit", _by(sections, party), page)
    lines += _verified("Points d'attention, sans effet sur la décision", _warnings(sections), page)
    return "\n".join(lines) + "\n"


def _provided(section: Section, page: Page) -> list[str]:
    """What the applicant brings under one condition."""
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
    """A box to tick; what to do; then what the document is checked for."""
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
            if item.party == party and item.kind != "delai" and not item.warning:
                yield section.condition, item


def _warnings(sections: Sequence[Section]) -> Iterator[tuple[str, Item]]:
    for section in sections:
        for item in section.items:
            if item.warning:
                yield ALWAYS, item


def _verified(heading: str, found: Iterator[tuple[str, Item]], page: Page) -> list[str]:
    """What the applicant brings nothing for: a title each, and the condition under which it counts."""
    lines: list[str] = []
    for condition, item in found:
        lines += page.paragraph(item.title, "    • ")
        if condition != ALWAYS:
            lines += page.paragraph(_if(condition).replace("S", "s", 1), "      ")
        lines += _reference(item, page)
    return ["", page.paint(f"▸ {heading}", "bold", "cyan"), "", *lines] if lines else []
