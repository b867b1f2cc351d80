"""An undue payment with another modality or another basis, its steps in another order or closed otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.pack.kinds.undue import BASES, MODALITIES, Undue
from recevable.pack.model import Result, Rule
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import with_cause

NAME: Final = "indu"
TITLE: Final = "Indu : autre modalité, autre assiette, étapes interverties ou closes"
NOTICED_BY: Final = "un dossier où ce cas d'indu est établi, à cette étape"


def changes(view: View) -> Iterator[Change]:
    """Each other modality and basis; two steps that follow each other; whether a step closes the case."""
    rule = view.subject
    if not isinstance(rule, Rule) or not isinstance(rule.body, Undue):
        return
    for key, field, values in (("modalite", "modality", MODALITIES), ("assiette", "basis", BASES)):
        old = getattr(rule.body, field)
        for value in values:
            if value != old:
                new = replace(rule, body=replace(rule.body, **{field: value}))
                yield Change(key, view.place(key), old, value, new)
    for rank, (first, second) in enumerate(zip(rule.causes, rule.causes[1:], strict=False)):
        if second.when is not None:
            order = (*rule.causes[:rank], second, first, *rule.causes[rank + 2 :])
            names = f"{first.name}, {second.name}", f"{second.name}, {first.name}"
            yield Change("ordre", view.place("etapes", rank, "etape"), *names, replace(rule, causes=order))
    for rank, cause in enumerate(rule.causes):
        other = Result.TO_APPRAISE if cause.result is Result.SATISFIED else Result.SATISFIED
        span = view.place("etapes", rank, "resultat")
        new = with_cause(rule, cause, replace(cause, result=other))
        yield Change(f"resultat:{cause.name}", span, str(cause.result), str(other), new)
