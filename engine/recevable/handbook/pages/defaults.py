"""The page of the pack's own choices where the text is silent: rules and parameter values, with reasons."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.decision.wording import day as day_words
from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.language.tree import PARAMETER
from recevable.pack.model import Parameter


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield common.DEFAULTS, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    rules = [rule for rule in survey.pack.rules.values() if rule.house_default]
    parameters = [parameter for parameter in survey.pack.parameters.values() if parameter.house_default]
    yield rst.title(TITLES[common.DEFAULTS])
    if not rules and not parameters:
        yield rst.escape("Ce paquet ne déclare aucun choix là où le texte se tait.")
        return
    yield rst.paragraphs(
        "Ce que le texte ne dit pas et que le paquet a dû choisir. Chaque choix reste à valider ; le rapport d'une "
        "décision montre ceux qui ont compté."
    )
    if rules:
        yield rst.title("Règles", "-")
        rows = [
            (common.rule_link(survey, rule.id), rst.escape(rule.house_default), common.source(survey, rule.source))
            for rule in rules
        ]
        yield rst.table(("Règle", "Raison", "Source"), rows, "34 50 16")
    if parameters:
        yield rst.title("Valeurs de paramètres", "-")
        values = [_row(survey, parameter) for parameter in parameters]
        yield rst.table(("Paramètre", "Valeur", "Raison", "Règles qui l'emploient"), values, "28 18 34 20")


def _row(survey: Survey, parameter: Parameter) -> tuple[str, ...]:
    shown = [
        common.value(survey, value.value, parameter.type)
        + (f" {rst.escape(f'à partir du {day_words(value.start)}')}" if len(parameter.values) > 1 else "")
        for value in parameter.values
    ]
    sources = dict.fromkeys(value.source for value in parameter.values)
    reason = [rst.escape(text) for text in (*sources, parameter.note) if text]
    users = survey.rules_reading(PARAMETER, parameter.name)
    return (
        common.parameter_link(survey, parameter.name),
        "\n\n".join(shown),
        "\n\n".join(reason),
        common.rule_links(survey, users) or rst.NOTHING,
    )
