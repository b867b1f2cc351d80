"""Another consequence for a cause: what should reject asks for completion, or only signals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.pack.model import Consequence, Rule
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import with_cause

NAME: Final = "consequence"
TITLE: Final = "Autre conséquence d'une cause"
NOTICED_BY: Final = "un scénario dont cette cause, seule, fait le verdict"


def changes(view: View) -> Iterator[Change]:
    """Each cause, with each other consequence."""
    rule = view.subject
    for cause in rule.causes if isinstance(rule, Rule) else ():
        for other in Consequence if cause.consequence is not None else ():
            if other is not cause.consequence:
                assert isinstance(rule, Rule)
                span = view.place(*cause.path, "consequence")
                new = with_cause(rule, cause, replace(cause, consequence=other))
                yield Change(f"consequence:{cause.name}", span, str(cause.consequence), str(other), new)
