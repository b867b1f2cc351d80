"""The calendar page: every date in the pack, on a timeline and in a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from msgspec import Struct

from recevable.decision.periods import Period
from recevable.decision.wording import day as day_words
from recevable.dossier.dossier import Dossier
from recevable.handbook import rst
from recevable.handbook.drawings.timeline import Band, Mark, covers, timeline
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.language.prose import prose
from recevable.language.tree import AND, DEDUCTION, FIELD, NOT, OR, PARAMETER, PRESENT, Expr, references
from recevable.language.types import Kind
from recevable.pack.model import SATISFIED, Consequence, Parameter, Request, Value

_DATED: Final = (Kind.DATE, Kind.INSTANT)


class Entry(Struct, frozen=True):
    """A value of a dated parameter, with its number on the timeline; `end` is the day before the next value."""

    number: int
    parameter: Parameter
    value: Value
    current: bool


class Edge(Struct, frozen=True):
    """A limit on the reception of a request: whether it opens or closes the window, and by which rule.

    `limit` gives the instant, itself out of time when `strict`.  `when` is the condition of the rule, None if it always
    applies.
    """

    limit: Expr
    opens: bool
    strict: bool
    rule: str
    when: Expr | None


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
    yield rst.paragraphs(
        "Les dates avec lesquelles les règles comparent la réception de la demande, quand elles sont les mêmes pour "
        "tous les dossiers. La frise montre la fenêtre d'une demande reçue à la date de ce document."
    )
    rows = [row for request in survey.pack.manifest.requests.values() for row in _window_rows(survey, request)]
    yield rst.table(("Demande", "Borne", "Date", "Règle"), rows, "25 12 38 25")
    yield rst.title("Toutes les dates", "-")
    rows = [_row(survey, entry) for entry in entries]
    headers = ("N°", "Date", "Ce qu'elle est", "Source", "En vigueur depuis")
    yield rst.table(headers, rows, "6 24 32 23 15") or rst.escape("Ce paquet n'a aucun paramètre daté.")


def _key(survey: Survey, marks: list[Mark], *, today: bool) -> str:
    """The legend of the drawing, limited to what it shows."""
    notes = ["Les numéros de la frise renvoient au tableau."] if marks else []
    if any(mark.house for mark in marks):
        notes.append("Un point entouré de tirets est un choix de gestion.")
    if today:
        notes.append(f"Le trait vertical en couleur est la date de ce document, le {day_words(survey.day)}.")
    return " ".join(notes)


def _entries(survey: Survey) -> list[Entry]:
    """Every value of every dated parameter: known ones by date, then the others."""
    found = [
        (parameter, value, value is parameter.at(survey.day))
        for parameter in survey.pack.parameters.values()
        if parameter.type.kind in _DATED
        for value in parameter.values
    ]
    found.sort(key=lambda one: (one[1].value is None, _instant(one[1].value) if one[1].value is not None else 0.0))
    return [Entry(rank, *one) for rank, one in enumerate(found, start=1)]


def _instant(value: Any) -> float:
    """The sort key of a date or an instant: days, with fractions."""
    if isinstance(value, datetime):
        return value.timestamp() / 86400
    return float((value - date(1970, 1, 1)).days)


def _day(survey: Survey, value: Any) -> date:
    """The local day of a date or an instant, in the zone of the programme."""
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
    return number, shown, what, common.source(survey, value.source), rst.escape(day_words(value.start))


def _versions(survey: Survey) -> list[Band]:
    versions = survey.pack.manifest.versions
    ends = [following.start for following in versions[1:]]
    return [
        Band(f"Texte, version {version.version}", version.start, end, "version")
        for version, end in zip(versions, [*ends, None], strict=True)
    ]


# --- the window of a request --------------------------------------------------------------------------------------


def edges(survey: Survey, request: Request) -> list[Edge]:
    """The limits of the window of a request, from the rules that do more than warn."""
    found: dict[tuple[Expr, bool], Edge] = {}
    context = survey.compiled.context(request.name)
    for check in context.checks:
        rule = context.rules[check.rule]
        if not check.steps or all(cause.consequence is Consequence.SIGNAL for cause in rule.causes):
            continue
        when = survey.compiled.applicability(request.name, rule)
        if rule.question is not None and when is not None:
            # an appraisal applies to a request that is out of time
            test, wanted, when = when, False, None
        else:
            test, wanted = check.steps[-1].test, check.steps[-1].true == SATISFIED
        if when is not None and _given(when, request):
            when = None
        for comparison, holds in _required(test, request, survey, wanted=wanted):
            edge = _edge(comparison, request, rule.id, when, holds=holds)
            if edge is not None:
                found.setdefault((edge.limit, edge.opens), edge)
    return sorted(found.values(), key=lambda edge: not edge.opens)


def _given(expr: Expr, request: Request) -> bool:
    """Whether an expression only requires the request to be present and dated."""
    return expr.op == PRESENT and expr.value in (request.root, request.reception)


def _required(expr: Expr, request: Request, survey: Survey, *, wanted: bool) -> Iterator[tuple[Expr, bool]]:
    """The comparisons necessary for an expression to have the wanted value, each with its required value."""
    if expr.op == NOT:
        yield from _required(expr.args[0], request, survey, wanted=not wanted)
    elif expr.op in (AND, OR):
        parts = [arg for arg in expr.args if not _given(arg, request)]
        if (expr.op == AND) == wanted or len(parts) == 1:
            for part in parts:
                yield from _required(part, request, survey, wanted=wanted)
    elif expr.op == DEDUCTION:
        definitions = {d.name: d.deduction for d in survey.compiled.context(request.name).definitions}
        inner = definitions.get(expr.value)
        if inner is not None:
            yield from _required(inner, request, survey, wanted=wanted)
    elif expr.op == "entre" and wanted:
        value, low, high = expr.args
        yield Expr(">=", (value, low), expr.type), True
        yield Expr("<=", (value, high), expr.type), True
    elif expr.op in _REVERSED:
        yield expr, wanted


# The comparison with swapped operands, and its negation.
_REVERSED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _edge(comparison: Expr, request: Request, rule: str, when: Expr | None, *, holds: bool) -> Edge | None:
    left, right = comparison.args
    op = comparison.op
    if request.reception in references(right, FIELD):
        left, right, op = right, left, _REVERSED[op]
    received = left.args[0] if left.op == "date_de" else left
    if received.op != FIELD or received.value != request.reception:
        return None
    if references(right) != references(right, PARAMETER):
        return None  # different for each dossier
    op = op if holds else _NEGATED[op]
    return Edge(right, op in (">", ">="), op in ("<", ">"), rule, when)


def _bounds(survey: Survey, request: Request) -> list[tuple[Edge, list[Period]]]:
    one = survey.decider.context_decider(request.name)
    facts = survey.decider.facts(Dossier({}, ""), [one])
    return [(edge, one.periods(edge.limit, facts, survey.day)) for edge in edges(survey, request)]


def _windows(survey: Survey) -> Iterator[Band]:
    for request in survey.pack.manifest.requests.values():
        known = [
            (edge, period.value)
            for edge, found in _bounds(survey, request)
            for period in found
            if period.holds(survey.day) and period.value is not None
        ]
        opening = [_day(survey, value) for edge, value in known if edge.opens]
        closing = [_day(survey, value) for edge, value in known if not edge.opens]
        if opening or closing:
            yield Band(request.title, max(opening, default=None), min(closing, default=None), "demande")


def _window_rows(survey: Survey, request: Request) -> Iterator[tuple[str, ...]]:
    bounds = _bounds(survey, request)
    if not bounds:
        yield rst.escape(request.title), rst.NOTHING, rst.escape("aucune date fixe"), rst.NOTHING
    for edge, found in bounds:
        what = [_period(survey, edge, period) for period in found] or [rst.mark("inconnu", common.UNKNOWN)]
        what += [common.parameter_link(survey, name) for name in references(edge.limit, PARAMETER)]
        side = rst.mark("accent", "ouverture" if edge.opens else "fermeture")
        link = common.rule_link(survey, edge.rule)
        if edge.when is not None:
            case = prose(edge.when, survey.phrases.title, survey.phrases.value)
            link += f"\n\n{rst.mark('conditionnelle', 'si')} {rst.escape(case)}"
        yield rst.escape(request.title), side, "\n\n".join(what), link


def _period(survey: Survey, edge: Edge, period: Period) -> str:
    shown = common.value(survey, period.value, edge.limit.type)
    strict = ", exclue" if edge.strict and period.value is not None else ""
    read = [survey.pack.parameters[name] for name in references(edge.limit, PARAMETER)]
    decided = any(p.by_decision and len(p.values) > 1 for p in read)
    day = f", pour une décision rendue le {day_words(survey.day)}" if decided else ""
    return f"{shown}{rst.escape(strict + period.words + day)}"
