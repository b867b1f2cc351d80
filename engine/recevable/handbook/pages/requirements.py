"""The traceability page: each requirement, its rules and the trials that cover them; and the traps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.outputs.trials import counted
from recevable.pack.requirements import Requirement, Trap, Treatment

TREATMENTS: Final = {
    Treatment.RULE: "portée par des règles",
    Treatment.DEFINITION: "définition",
    Treatment.INFORMATION: "information",
    Treatment.OUT_OF_SCOPE: "hors du champ",
    Treatment.HUMAN: "laissée à un agent",
}


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The matrix, and the traps if any."""
    yield common.REQUIREMENTS, rst.document(_matrix(survey))
    if survey.inventory is not None and survey.inventory.traps:
        yield common.TRAPS, rst.document(_traps(survey, list(survey.inventory.traps.values())))


def _matrix(survey: Survey) -> Iterator[str]:
    yield rst.title(TITLES[common.REQUIREMENTS])
    if survey.inventory is None:
        yield rst.escape(
            "Ce paquet n'a pas d'inventaire des exigences : rien ne dit ce que ses règles laissent de côté."
        )
        return
    yield rst.paragraphs(
        "Chaque exigence du texte est portée par une règle au moins, ou son traitement est motivé. Les essais "
        "d'une règle sont ceux où elle s'applique : ses exemples, les scénarios, les dossiers connus."
    )
    sections: dict[str, list[Requirement]] = {}
    for requirement in survey.inventory.requirements.values():
        sections.setdefault(requirement.section, []).append(requirement)
    for section, requirements in sections.items():
        yield rst.title(section, "-")
        yield rst.table(
            ("Exigence", "Ce qu'elle dit", "Règles et leurs essais, ou motif"),
            [_row(survey, r) for r in requirements],
            "16 38 46",
        )


def _row(survey: Survey, requirement: Requirement) -> tuple[str, ...]:
    name = requirement.id.text
    rules = survey.covering.get(name, ())
    identifier = f"{rst.anchor(common.requirement_anchor(name))}\n\n{rst.code(name)}"
    treated = [rst.mark(f"traitement-{requirement.treatment.replace('_', '-')}", TREATMENTS[requirement.treatment])]
    if rules:
        treated.append(rst.bullets(_tried(survey, rule) for rule in rules))
    if requirement.reason:
        treated.append(rst.escape(requirement.reason))
    return identifier, rst.escape(requirement.summary), "\n\n".join(treated)


def _tried(survey: Survey, rule: str) -> str:
    """A rule, and the number of trials that cover it, by origin."""
    found = ", ".join(counted(survey.exercised[rule]))
    shown = rst.mark("circonstance", found) if found else rst.mark("echec", "aucun essai")
    return f"{common.rule_link(survey, rule, with_title=False)} : {shown}"


def _traps(survey: Survey, traps: list[Trap]) -> Iterator[str]:
    yield rst.title(TITLES[common.TRAPS])
    yield rst.paragraphs("Les ambiguïtés du texte, la lecture retenue par défaut et les règles qui la portent.")
    rows = []
    for trap in traps:
        name = trap.id.text
        carried = [common.rule_links(survey, [word.text for word in trap.rules])]
        if trap.fixture:
            carried.append(f"Dossier qui le montre : {rst.code(trap.fixture)}")
        rows.append(
            (
                f"{rst.anchor(common.trap_anchor(name))}\n\n{rst.code(name)}",
                rst.escape(trap.summary),
                rst.escape(trap.choice),
                "\n\n".join(carried),
            )
        )
    yield rst.table(("Piège", "L'ambiguïté", "La lecture retenue", "Règles"), rows, "12 28 34 26")
