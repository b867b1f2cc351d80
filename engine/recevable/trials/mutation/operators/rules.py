"""Small changes of any whole rule: the rule, a key or a request removed, or another consequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from msgspec.structs import replace

from recevable.decision.findings import consequence_of
from recevable.pack.in_force import KEY
from recevable.pack.kinds import kind_of
from recevable.pack.kinds.base import MutationOperator
from recevable.pack.model import Cause, Consequence, InForce, Rule
from recevable.trials.mutation.model import DROPPED, Change, Operator, View
from recevable.trials.mutation.sites import with_cause

_DAY: Final = timedelta(days=1)


def _dropped(view: View, rule: Rule) -> Iterator[Change]:
    """Remove the rule and its examples, unless it alone defines a truth value: see `deduction-figee`."""
    if rule.defined is None or not rule.defined.truth:
        yield Change("regle", rule.span, rule.id, DROPPED, None)


def _without_key(view: View, rule: Rule) -> Iterator[Change]:
    """Remove `quand`, `exception_a`, then each defect (a cause with its own condition and consequence)."""
    if rule.when is not None:
        yield Change("quand", rule.when.span, rule.when.text, DROPPED, replace(rule, when=None))
    if rule.exception_to is not None:
        span, text = rule.exception_to.span, rule.exception_to.text
        yield Change("exception_a", span, text, DROPPED, replace(rule, exception_to=None))
    for cause in rule.causes:
        if cause.when is not None and cause.consequence is not None:
            span = view.place(*cause.path)
            yield Change(f"cause:{cause.name}", span, cause.name, DROPPED, with_cause(rule, cause, None))


def _in_force(view: View, rule: Rule) -> Iterator[Change]:
    """Begin or end one day earlier or later, or at any time, a rule or a defect."""
    for cause, in_force, made in _dated(rule):
        path, suffix = (cause.path, f":{cause.name}") if cause is not None else ((), "")
        for key, day, name in (("du", in_force.start, "start"), ("jusqu_au", in_force.end, "end")):
            for other in (day + _DAY, day - _DAY) if day is not None else ():
                span = view.place(*path, KEY, key)
                yield Change(f"{key}{suffix}", span, str(day), str(other), made(replace(in_force, **{name: other})))
        yield Change(f"{KEY}{suffix}", view.place(*path, KEY), KEY, DROPPED, made(None))


def _dated(rule: Rule) -> Iterator[tuple[Cause | None, InForce, Callable[[InForce | None], Rule]]]:
    if rule.in_force is not None:
        yield None, rule.in_force, lambda new: replace(rule, in_force=new)
    for cause in rule.causes:
        if cause.in_force is not None:
            yield cause, cause.in_force, partial(_with_dates, rule, cause)


def _with_dates(rule: Rule, cause: Cause, new: InForce | None) -> Rule:
    return with_cause(rule, cause, replace(cause, in_force=new))


def _consequences(view: View, rule: Rule) -> Iterator[Change]:
    """Give each cause each other consequence; what a strict request rejects already is no change."""
    for cause in rule.causes:
        had = consequence_of(cause, rule, strict=view.strict)
        known = [one for one in Consequence if one is not Consequence.SET_ASIDE or rule.loop is not None]
        for other in known if cause.consequence is not None else ():
            same = consequence_of(replace(cause, consequence=other), rule, strict=view.strict) is had
            if other is not cause.consequence and not (same and cause.repair):
                span = view.place(*cause.path, "consequence")
                new = with_cause(rule, cause, replace(cause, consequence=other))
                yield Change(f"consequence:{cause.name}", span, str(cause.consequence), str(other), new)


def _without_request(view: View, rule: Rule) -> Iterator[Change]:
    """Remove each request of a rule that has several."""
    for rank, name in enumerate(rule.requests) if len(rule.requests) > 1 else ():
        kept = tuple(other for other in rule.requests if other != name)
        yield Change("demandes", view.place("demandes", rank), name, DROPPED, replace(rule, requests=kept))


def _of_rules(changes: Callable[[View, Rule], Iterator[Change]]) -> Callable[[View], Iterator[Change]]:
    """Restrict changes to rules, ignoring parameters."""
    return lambda view: changes(view, view.subject) if isinstance(view.subject, Rule) else iter(())


def of_kind(own: MutationOperator) -> Operator:
    """Adapt an operator of a kind so that it accepts any rule."""

    def changes(view: View, rule: Rule) -> Iterator[Change]:
        for one in own.changes(rule) if own in kind_of(rule).operators else ():
            after = DROPPED if one.after is None else one.after
            yield Change(one.key, view.place(*one.path), one.before, after, one.rule)

    return Operator(own.name, own.title, own.noticed_by, _of_rules(changes))


RULES: Final = (
    Operator(
        "regle-retiree", "Règle retirée, avec ses exemples", "un scénario dont cette règle décide", _of_rules(_dropped)
    ),
    Operator(
        "cle-retiree",
        "`quand`, `exception_a` ou un défaut de pièce retiré",
        "un exemple où la règle est sans objet, ou un qui montre ce défaut",
        _of_rules(_without_key),
    ),
    Operator(
        "entree-en-vigueur",
        "Entrée en vigueur ou fin d'une règle ou d'un défaut ± 1 jour, ou ôtée",
        "un exemple le premier et le dernier jour, et un juste avant et juste après",
        _of_rules(_in_force),
    ),
    Operator(
        "consequence",
        "Autre conséquence d'une cause",
        "un scénario dont cette cause, seule, fait le verdict",
        _of_rules(_consequences),
    ),
    Operator(
        "demande-retiree",
        "Demande retirée d'une règle",
        "un exemple ou un scénario sur cette demande",
        _of_rules(_without_request),
    ),
)
