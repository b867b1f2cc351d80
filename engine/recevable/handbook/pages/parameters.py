"""The pages of parameters: values, dates and sources."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.decision.wording import day as day_words
from recevable.decision.wording import lines, words
from recevable.handbook import rst
from recevable.handbook.drawings.steps import steps
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.language.tables import Grid, Scale
from recevable.language.tree import PARAMETER
from recevable.language.types import TABLES, Kind
from recevable.pack.delays import DELAYS
from recevable.pack.model import Parameter


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The list, then one page per parameter."""
    yield common.PARAMETERS, rst.document(_index(survey))
    for parameter in survey.pack.parameters.values():
        yield common.parameter_page(parameter.name), rst.document(_page(survey, parameter))


def _index(survey: Survey) -> Iterator[str]:
    yield rst.title(TITLES[common.PARAMETERS])
    yield rst.paragraphs(
        f"Valeurs en vigueur le {day_words(survey.day)}. Une demande en emploie parfois une autre : chaque valeur est "
        "lue au jour dit dans la colonne « Lue au jour de »."
    )
    rows = []
    for parameter in survey.pack.parameters.values():
        current = parameter.at(survey.day)
        shown = common.value(survey, current.value, parameter.type) if current else rst.mark("inconnu", "aucune")
        if survey.phrases.dated(parameter.name):
            shown = rst.dated(parameter.name, survey.phrases.at(parameter, survey.day))
        source = common.source(survey, current.source) if current else ""
        rows.append(
            (
                f"{common.parameter_link(survey, parameter.name)}{_marks(parameter)}",
                shown,
                source,
                rst.escape(common.reference_day(survey, parameter)),
                _count(survey, parameter),
            )
        )
    headers = ("Paramètre", "Valeur", "Source", "Lue au jour de", "Règles qui l'emploient")
    yield rst.table(headers, rows, "34 20 22 12 12") or rst.escape("Ce paquet n'a aucun paramètre.")
    names = "\n".join(f"/{common.parameter_page(name)}" for name in survey.pack.parameters)
    yield rst.directive("toctree", "", ("hidden:", "maxdepth: 1"), names) if names else ""


def _count(survey: Survey, parameter: Parameter) -> str:
    return str(len(survey.rules_reading(PARAMETER, parameter.name)) or rst.NOTHING)


def _marks(parameter: Parameter) -> str:
    return f"\n\n{common.house_mark()}" if parameter.house_default else ""


def _page(survey: Survey, parameter: Parameter) -> Iterator[str]:
    yield rst.title(parameter.title)
    yield rst.table((), _card(survey, parameter), "28 72", "fiche")
    if parameter.note:
        yield rst.directive("admonition", "Note", ("class: note",), rst.paragraphs(parameter.note))
    yield rst.title("Valeurs dans le temps", "-")
    yield rst.raw(steps(parameter, survey.day, lambda value: survey.phrases.value(value, parameter.type)))
    current = parameter.at(survey.day)
    in_force = f"en vigueur le {day_words(survey.day)}"
    for value in parameter.values if parameter.type.kind in TABLES else ():
        if value.value is not None:
            yield rst.strong(f"À partir du {day_words(value.start)}")
            yield _drawn(survey, parameter, value.value)
    rows = [
        (
            rst.escape(day_words(value.start)) + (f"\n\n{rst.mark('accent', in_force)}" if value is current else ""),
            common.value(survey, value.value, parameter.type),
            common.source(survey, value.source),
        )
        for value in parameter.values
    ]
    yield rst.table(("À partir du", "Valeur", "Source"), rows, "25 35 40")
    yield rst.title("Règles qui l'emploient", "-")
    users = survey.rules_reading(PARAMETER, parameter.name)
    other = _other_uses(survey, parameter.name)
    if users or not other:
        yield common.rule_list(survey, users) if users else rst.escape("Aucune règle ne l'emploie.")
    if other:
        yield rst.bullets(rst.escape(text) for text in other)


def _drawn(survey: Survey, parameter: Parameter, table: Grid | Scale) -> str:
    """A table as a table: one line per category or slice, one column per category of a second entry."""
    zone, keys = survey.pack.manifest.zone, list(parameter.type.fields.values())
    if isinstance(table, Scale):
        last = "Valeur de la part dans la tranche" if table.marginal else "Valeur"
        return rst.table(
            ("Tranche", last), [tuple(map(rst.escape, line)) for line in lines(table, parameter.type, zone)]
        )
    if len(keys) != 2:
        return rst.table(
            ("Catégorie", "Valeur"), [tuple(map(rst.escape, line)) for line in lines(table, parameter.type, zone)]
        )
    cells = {
        cell: rst.escape(said)
        for (cell, _), (_, said) in zip(table.cells, lines(table, parameter.type, zone), strict=True)
    }
    rows, columns = (tuple(dict.fromkeys(cell[rank] for cell in cells)) for rank in (0, 1))
    heads, sides = (
        [rst.escape(words(one, key, zone)) for one in ones] for ones, key in ((columns, keys[1]), (rows, keys[0]))
    )
    body = [
        (side, *(cells.get((row, column), rst.NOTHING) for column in columns))
        for row, side in zip(rows, sides, strict=True)
    ]
    return rst.table(("", *heads), body)


def _other_uses(survey: Survey, name: str) -> list[str]:
    """Uses of a parameter by the manifest."""
    manifest = survey.pack.manifest
    found = [
        f"{request.title} : le montant proposé ne le dépasse jamais."
        for request in manifest.requests.values()
        if request.maximum is not None and request.maximum.text == name
    ]
    if manifest.proof is not None and name in [word.text for word in manifest.proof.parameters]:
        found.append("Le rapprochement des chiffres avec leur preuve et les commandes du registre le lisent.")
    found += [
        f"{request.title} : sans réponse de l'administration dans ce délai, elle est tenue pour "
        f"{'rejetée' if request.silence.direction == 'rejet' else 'acceptée'}."
        for request in manifest.requests.values()
        if request.silence is not None and request.silence.delay.text == name
    ]
    if manifest.recovery_threshold is not None and manifest.recovery_threshold.text == name:
        found.append("En deçà de cette somme, le guichet ne propose aucun ordre de recouvrer.")
    counted = manifest.delays
    if counted.holidays is not None and counted.holidays.text == name:
        carried = " ; ".join(DELAYS[kind].title.lower() for kind in counted.carried)
        found.append(f"Ce qui s'achèverait un jour non ouvré est prorogé au premier jour ouvré : {carried}.")
    for kind, names in counted.named.items():
        if name in [word.text for word in names]:
            known, parameter = DELAYS[kind], survey.pack.parameters[name]
            since = f", compté depuis {known.runs_from}" if parameter.type.kind is Kind.DURATION else ""
            found.append(f"{known.title}{since} : le guichet en montre le dernier jour.")
    return found


def _card(survey: Survey, parameter: Parameter) -> Iterator[tuple[str, str]]:
    yield "Nom", rst.code(parameter.name)
    yield "Type", rst.escape(common.type_words(parameter.type))
    if survey.phrases.dated(parameter.name):
        yield "Valeur au jour choisi", rst.dated(parameter.name, survey.phrases.at(parameter, survey.day))
    reference = common.reference_day(survey, parameter)
    yield "Valeur retenue", rst.escape(f"celle qui est en vigueur à la date de {reference}")
    end = "sans fin déclarée" if parameter.until is None else f"jusqu'au {day_words(parameter.until)}"
    yield "Fin", rst.escape(end)
    if parameter.house_default:
        yield (
            "Origine",
            f"{common.house_mark()} {rst.escape('à valider : la valeur n’est pas dans le texte.')} "
            f"{rst.page_link('Tous les choix', common.DEFAULTS)}",
        )
    if parameter.verified is not None:
        yield "Vérifié le", rst.escape(day_words(parameter.verified))
    place = parameter.span
    yield "Écrit dans", rst.code(f"{place.file}:{place.line}")
