"""Find the expressions of a rule, and write another text in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from msgspec.structs import replace

from recevable.language.diagnostics import Span
from recevable.language.tree import LITERAL, Expr
from recevable.pack.compiled import CompiledPack
from recevable.pack.kinds import written
from recevable.pack.model import WHEN, Cause, Parameter, Rule, Written
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence
from recevable.trials.mutation.model import Change, Site, View
from recevable.trials.mutation.units import literal_here

Variants = Callable[[Expr], Iterator[tuple[Expr, Expr]]]


def view(compiled: CompiledPack, subject: Rule | Parameter) -> View:
    """The view of a rule or parameter for operators."""
    zone, requests = compiled.pack.manifest.zone, compiled.pack.manifest.requests
    if isinstance(subject, Parameter):
        return View(subject, (), lambda *path: _place(subject.node, path, subject.span), zone)
    context = compiled.read_in(subject)[0]
    typed = partial(compiled.expression, context, rule=subject, written=True)
    sites = tuple(
        Site(_key(one), one.text, typed(one.text), _setter(subject, one), subject.element)
        for one in written(subject)
        if not one.name
    )
    strict = all(name in requests and requests[name].strict for name in subject.requests or ("",))
    return View(subject, sites, lambda *path: _place(subject.node, path, subject.span), zone, strict)


def rewritten(view: View, variants: Variants) -> Iterator[Change]:
    """The changes that replace one node of an expression of a rule: (old node, new node) pairs of a tree."""
    for site in view.sites:
        for old, new in variants(site.expr):
            if not old.end:
                continue  # written elsewhere: the day on which a parameter is read
            text = site.write(replaced(site.expr, old, new))
            shown = literal_here(new.value, view.zone) if new.op == LITERAL else site.write(new)
            span = site.scalar.place(old.start, old.end - old.start)
            yield site.change(site.scalar.text[old.start : old.end], text, shown, span)


def with_cause(rule: Rule, cause: Cause, new: Cause | None) -> Rule:
    """The rule with a cause replaced or removed."""
    kept = [new if one is cause else one for one in rule.causes]
    return replace(rule, causes=tuple(one for one in kept if one is not None))


def _key(written: Written) -> str:
    """The key that identifies a change of an expression."""
    return f"{written.key}:{written.cause}" if written.cause else written.key


def _setter(rule: Rule, written: Written) -> Callable[[Scalar], Rule]:
    """A function that gives the rule with another text for an expression."""
    if written.cause:
        cause = rule.cause(written.cause)
        return lambda text: with_cause(rule, cause, replace(cause, when=text))
    if written.path == (WHEN,):
        return lambda text: replace(rule, when=text)
    return lambda text: replace(rule, expressions={**rule.expressions, written.key: text})


def replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    """The tree with one node replaced; nodes are compared by identity, since equal ones may appear twice."""
    if expr is old:
        return new
    args = tuple(replaced(arg, old, new) for arg in expr.args)
    return expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else replace(expr, args=args)


def _place(node: Node | None, path: tuple[Any, ...], otherwise: Span) -> Span:
    """The place of the value at a path; that of the nearest existing parent when it is absent."""
    found = otherwise
    for part in path:
        if isinstance(node, Mapping) and part in node.entries:
            key, node = node.keys[part], node.entries[part]
            found = node.span if isinstance(node, Scalar) else key.span
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            found = node.span
        else:
            break
    return found
