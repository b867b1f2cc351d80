"""What a mutation is: a view of one rule or parameter in, changes of it out; a mutant is a change with an identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.language.diagnostics import Span
from recevable.language.tree import Expr
from recevable.pack.model import Parameter, Rule
from recevable.pack.nodes import Scalar

# What is shown in place of something taken out.
DROPPED: Final = "(retiré)"


class Site(Struct, frozen=True):
    """An expression of a rule: the key it is written under, its text and typed tree, and the rule with another text."""

    key: str
    scalar: Scalar
    expr: Expr
    put: Callable[[Scalar], Rule]

    def change(self, before: str, text: str, after: str = "", span: Span | None = None) -> Change:
        """The change that writes another text here; `before` and `after` are what is shown of it, at `span`."""
        new = self.put(replace(self.scalar, text=text))
        return Change(self.key, span or self.scalar.span, before, after or text, new, text)


class View(Struct, frozen=True):
    """A rule with its expressions typed, or a parameter; `place` tells where each of its keys is written.

    `zone` is that of the programme, in which people write instants.
    """

    subject: Rule | Parameter
    sites: tuple[Site, ...]
    place: Callable[..., Span]
    zone: tzinfo


class Change(Struct, frozen=True):
    """One small change: under which key, where, what was written and what is instead.

    `new` is the changed rule or parameter, None when the rule is taken out; `text`, the whole expression that results.
    """

    key: str
    span: Span
    before: str
    after: str
    new: Rule | Parameter | None
    text: str = ""


class Operator(Struct, frozen=True):
    """A way of changing a rule or a parameter: its name, its title and what would notice it in French, its changes."""

    name: str
    title: str
    noticed_by: str
    changes: Callable[[View], Iterator[Change]]


class Mutant(Struct, frozen=True):
    """A change with an identity that does not move when other rules do: `RULE/operator/key/rank`."""

    id: str
    subject: str
    operator: str
    change: Change
