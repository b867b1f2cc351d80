"""A checklist as French text: what to join, what to fill in, by when; then what others are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from recevable.decision.checklist import ALWAYS, Item, Section
from recevable.decision.wording import day
from recevable.report.layout import Page

_GROUPS: Final[tuple[tuple[str, Callable[[Item], bool]], ...]] = (
    ("Délais à respecter", lambda i: i.kind == "delai" and not i.warning),
    ("Pièces à joindre", lambda i: i.kind == "piece" and i.party == "demandeur" and not i.warning),
    (
        "Informations et conditions",
        lambda i: i.kind == "condition" and i.party == "demandeur" and not i.warning,
    ),
    ("Vérifié auprès de l'ANS", lambda i: i.kind != "delai" and i.party == "ans" and not i.warning),
    ("Vérifié auprès de l'ASP", lambda i: i.kind != "delai" and i.party == "asp" and not i.warning),
    ("Points d'attention, sans effet sur la décision", lambda i: i.warning),
)


def render(sections: Sequence[Section], title: str, profile: str, today: date, page: Page) -> str:
    """The whole list, ending with a newline."""
    lines = [page.paint(page.spread(f"{title} : profil {profile}", f"règles au {day(today)}"), "bold")]
    lines.append(page.paint("─" * page.width, "dim"))
    for section in sections:
        if section.condition != ALWAYS:
            lines += [
                "",
                *(page.paint(t, "bold", "cyan") for t in page.paragraph(f"Si {section.condition} :", "")),
            ]
        for heading, belongs in _GROUPS:
            items = [item for item in section.items if belongs(item)]
            if items:
                lines += ["", page.paint(f"  {heading}", "bold")]
                for item in items:
                    lines += _item(item, page)
    return "\n".join(lines) + "\n"


def _item(item: Item, page: Page) -> list[str]:
    action = f" : {item.action}" if item.action and item.action != item.title else ""
    box = "☐" if not item.warning else "!"
    lines = page.paragraph(f"{item.title}{action}", f"    {box} ")
    lines += [line for detail in item.details for line in page.paragraph(detail, "        – ")]
    lines.append(page.paint(f"      {item.source} · {item.rule}", "dim"))
    return lines
