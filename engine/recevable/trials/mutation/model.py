"""Mutation values: operators take a view of a rule or parameter and give changes; a mutant is a change with an id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.language.diagnostics import Span
from recevable.language.tree import Expr
from recevable.language.unparse import unparse
from recevable.pack.model import Parameter, Rule
from recevable.pack.nodes import Scalar

# Displayed in place of something removed.
DROPPED: Final = "(retiré)"


class Site(Struct, frozen=True):
    """An expression of a rule: its key, its text and typed tree, and a function that gives the rule another text."""

    key: str
    scalar: Scalar
    expr: Expr
    put: Callable[[Scalar], Rule]
    element: tuple[str, str] | None = None

    def write(self, expr: Expr) -> str:
        """A tree as its rule writes it."""
        return unparse(expr, self.element)

    def change(self, before: str, text: str, after: str = "", span: Span | None = None) -> Change:
        """The change that writes `text` here; `before` and `after` are displayed, at `span`."""
        new = self.put(replace(self.scalar, text=text))
        return Change(self.key, span or self.scalar.span, before, after or text, new, text)


class View(Struct, frozen=True):
    """A rule with typed expressions, or a parameter; `place` gives the place of each key.

    `zone` is the time zone of the programme, used to write instants; `strict`: each request of the rule is rejected
    when it lacks what the applicant owes.
    """

    subject: Rule | Parameter
    sites: tuple[Site, ...]
    place: Callable[..., Span]
    zone: tzinfo
    strict: bool = False


class Change(Struct, frozen=True):
    """One small change: its key, its place, the old and the new text.

    `new` is the changed rule or parameter, None when the rule is removed; `text` is the resulting whole expression.
    """

    key: str
    span: Span
    before: str
    after: str
    new: Rule | Parameter | None
    text: str = ""


class Operator(Struct, frozen=True):
    """An operator: its name, its title and what would detect it (in French), and the changes it makes."""

    name: str
    title: str
    noticed_by: str
    changes: Callable[[View], Iterator[Change]]


class Mutant(Struct, frozen=True):
    """A change with an id that does not depend on other rules: `RULE/operator/key/rank`."""

    id: str
    subject: str
    operator: str
    change: Change
