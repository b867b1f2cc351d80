"""The calendar: every date that the pack knows, on a line of time and in a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from msgspec import Struct

from recevable.decision.wording import day as day_words
from recevable.handbook import rst
from recevable.handbook.drawings.timeline import Band, Mark, covers, timeline
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.language.tree import FIELD, PARAMETER, Expr, references
from recevable.language.types import Kind
from recevable.pack.model import Parameter, Request, Value

_DATED: Final = (Kind.DATE, Kind.INSTANT)


class Entry(Struct, frozen=True):
    """A value of a dated parameter, with its number on the line of time; `end` is the day before the next value."""

    number: int
    parameter: Parameter
    value: Value
    current: bool


class Edge(Struct, frozen=True):
    """A date with which the receipt of a request is compared: whether it opens or closes, and by which rule."""

    parameter: str
    opens: bool
    rule: str


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield common.CALENDAR, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    entries = _entries(survey)
    yield rst.title(TITLES[common.CALENDAR])
    marks = [_mark(survey, entry) for entry in entries if entry.current and entry.value.value is not None]
    bands = [*_versions(survey), *_windows(survey)]
    drawn = timeline(bands, marks, survey.day)
    if drawn:
        yield rst.paragraphs(_key(survey, marks, today=covers(bands, marks, survey.day)))
        yield rst.raw(drawn)
    yield rst.title("Fenêtre de chaque demande", "-")
    yield rst.paragraphs("Les dates avec lesquelles les règles comparent la réception de la demande.")
    rows = [row for request in survey.pack.manifest.requests.values() for row in _window_rows(survey, request)]
    yield rst.table(("Demande", "Borne", "Date", "Règle"), rows, "25 12 38 25")
    yield rst.title("Toutes les dates", "-")
    rows = [_row(survey, entry) for entry in entries]
    headers = ("N°", "Date", "Ce qu'elle est", "Source", "En vigueur depuis")
    yield rst.table(headers, rows, "6 24 32 23 15") or rst.escape("Ce paquet n'a aucun paramètre daté.")


def _key(survey: Survey, marks: list[Mark], *, today: bool) -> str:
    """How to read the drawing: of what it shows, nothing else."""
    said = ["Les numéros de la frise renvoient au tableau."] if marks else []
    if any(mark.house for mark in marks):
        said.append("Un point entouré de tirets est un choix de gestion.")
    if today:
        said.append(f"Le trait vertical en couleur est la date de ce document, le {day_words(survey.day)}.")
    return " ".join(said)


def _entries(survey: Survey) -> list[Entry]:
    """Every value of every dated parameter: those that are known in the order of time, then the others."""
    found = [
        (parameter, value, value is parameter.at(survey.day))
        for parameter in survey.pack.parameters.values()
        if parameter.type.kind in _DATED
        for value in parameter.values
    ]
    found.sort(key=lambda one: (one[1].value is None, _instant(one[1].value) if one[1].value is not None else 0.0))
    return [Entry(rank, *one) for rank, one in enumerate(found, start=1)]


def _instant(value: Any) -> float:
    """A date or an instant as something to sort by: days, with their fraction."""
    if isinstance(value, datetime):
        return value.timestamp() / 86400
    return float((value - date(1970, 1, 1)).days)


def _day(survey: Survey, value: Any) -> date:
    """The day of a date or of an instant, in the zone of the programme."""
    if isinstance(value, datetime):
        return value.astimezone(survey.pack.manifest.zone).date()
    assert isinstance(value, date)
    return value


def _mark(survey: Survey, entry: Entry) -> Mark:
    parameter = entry.parameter
    text = f"{parameter.title} : {survey.phrases.value(entry.value.value, parameter.type)}"
    day = _day(survey, entry.value.value)
    return Mark(entry.number, day, text, f"date-{entry.number}", parameter.house_default)


def _row(survey: Survey, entry: Entry) -> tuple[str, ...]:
    parameter, value = entry.parameter, entry.value
    what = common.parameter_link(survey, parameter.name)
    if parameter.house_default:
        what += f"\n\n{common.house_mark()}"
    if not entry.current:
        what += f"\n\n{rst.mark('circonstance', 'valeur qui n’est pas en vigueur à cette date')}"
    shown = common.value(survey, value.value, parameter.type)
    number = f"{rst.anchor(f'date-{entry.number}')}\n\n{entry.number}"
    return number, shown, what, rst.escape(value.source), rst.escape(day_words(value.start))


def _versions(survey: Survey) -> list[Band]:
    versions = survey.pack.manifest.versions
    ends = [following.start for following in versions[1:]]
    return [
        Band(f"Texte, version {version.version}", version.start, end, "version")
        for version, end in zip(versions, [*ends, None], strict=True)
    ]


# --- the window of a request --------------------------------------------------------------------------------------


def edges(survey: Survey, request: Request) -> list[Edge]:
    """The parameters that a rule of the request compares its receipt with."""
    found: dict[tuple[str, bool], Edge] = {}
    for rule in survey.pack.rules.values():
        if request.name not in rule.requests:
            continue
        for context, comparison in survey.phrases.comparisons(rule):
            edge = _edge(comparison, request, rule.id) if context == request.name else None
            if edge is not None:
                found.setdefault((edge.parameter, edge.opens), edge)
    return sorted(found.values(), key=lambda edge: not edge.opens)


def _edge(comparison: Expr, request: Request, rule: str) -> Edge | None:
    left, right = comparison.args
    op = comparison.op
    if references(right, FIELD) == [request.reception]:
        left, right, op = right, left, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
    names = references(right)
    if references(left) != [request.reception] or names != references(right, PARAMETER) or len(names) != 1:
        return None
    # what comes before an opening is too early, what comes after a closing too late; the limit itself is in time
    return Edge(names[0], op in ("<", ">="), rule)


def _bounds(survey: Survey, request: Request) -> list[tuple[Edge, Value | None]]:
    parameters = survey.pack.parameters
    return [(edge, parameters[edge.parameter].at(survey.day)) for edge in edges(survey, request)]


def _windows(survey: Survey) -> Iterator[Band]:
    for request in survey.pack.manifest.requests.values():
        known = [(edge, value.value) for edge, value in _bounds(survey, request) if value and _is_dated(value.value)]
        opening = [_day(survey, value) for edge, value in known if edge.opens]
        closing = [_day(survey, value) for edge, value in known if not edge.opens]
        if opening or closing:
            yield Band(request.title, max(opening, default=None), min(closing, default=None), "demande")


def _is_dated(value: Any) -> bool:
    return isinstance(value, date)


def _window_rows(survey: Survey, request: Request) -> Iterator[tuple[str, ...]]:
    bounds = _bounds(survey, request)
    if not bounds:
        yield rst.escape(request.title), rst.NOTHING, rst.escape("aucune date fixe"), rst.NOTHING
    for edge, value in bounds:
        parameter = survey.pack.parameters[edge.parameter]
        shown = common.value(survey, value.value if value else None, parameter.type)
        what = f"{shown}\n\n{common.parameter_link(survey, edge.parameter)}"
        side = rst.mark("accent", "ouverture" if edge.opens else "fermeture")
        yield rst.escape(request.title), side, what, common.rule_link(survey, edge.rule)
