"""Which dossiers the queue shows: by tab and filter, in the order of their legal deadline, a page after a key.

Nothing is ever read but dossiers of programmes that are given, those that whoever asks may read.  Each state of each
programme is one walk of an index; the walks are merged, so that a page costs the same whatever the number of dossiers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils import timezone

import recevable
from recevable_web.actions.refused import Refused
from recevable_web.records import search
from recevable_web.records.models import Account, Dossier, QueueRequest, State

OPEN: Final = (State.RECEIVED, State.TO_INSTRUCT, State.TO_VALIDATE, State.TO_COMPLETE)
# How many dossiers are counted: beyond, the page says that there are more.
COUNTED: Final = 1000
# How far ahead the tab of deadlines looks.
AHEAD: Final = timedelta(days=30)
YES, NO = "oui", "non"
MINE, NOBODY = "moi", "personne"

Key = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: what it is called, the states it shows, whether only near deadlines or only sums to recover."""

    label: str
    states: tuple[State, ...]
    near: bool = False
    recovery: bool = False


TABS: Final = {
    "a-instruire": Tab("À instruire", (State.RECEIVED, State.TO_INSTRUCT)),
    "a-valider": Tab("À valider", (State.TO_VALIDATE,)),
    "en-attente": Tab("En attente du demandeur", (State.TO_COMPLETE,)),
    "echeances": Tab("Échéances", OPEN, near=True),
    "recouvrement": Tab("Recouvrement", tuple(State), recovery=True),
    "decides": Tab("Décidés", tuple(state for state in State if state not in OPEN)),
}


FIRST: Final = "a-instruire"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of the queue; an empty field filters nothing.

    `instructor` is MINE, NOBODY or the key of an account; `provisional` is YES or NO; `before` a day, included.
    """

    tab: str = FIRST
    state: str = ""
    request: str = ""
    verdict: str = ""
    instructor: str = ""
    before: str = ""
    programme: str = ""
    provisional: str = ""

    def query(self) -> dict[str, str]:
        """The fields that filter, by their name in a form, for an address, a form or a saved filter."""
        return {_NAMES[name]: value for name, value in asdict(self).items() if value}

    @property
    def filtered(self) -> bool:
        """Whether something more than the tab is asked."""
        return self != Selection(self.tab)


_NAMES: Final = {
    "tab": "onglet",
    "state": "etat",
    "request": "demande",
    "verdict": "verdict",
    "instructor": "instructeur",
    "before": "avant",
    "programme": "programme",
    "provisional": "provisoire",
}


def parsed(form: Mapping[str, str]) -> Selection:
    """A selection from the fields of a form or an address; Refused when a field holds nothing that it can hold."""
    values = {name: form.get(key, "").strip() for name, key in _NAMES.items()}
    found = Selection(**{**values, "tab": values["tab"] or FIRST})
    wrong = (
        found.tab not in TABS
        or (found.state and found.state not in State.values)
        or (found.verdict and found.verdict not in [str(one) for one in recevable.Verdict])
        or found.provisional not in ("", YES, NO)
        or (found.instructor not in ("", MINE, NOBODY) and not _is_key(found.instructor))
        or max(len(found.request), len(found.programme)) > 100
    )
    if wrong:
        raise Refused("FILTRE", "Ce filtre ne peut pas être lu : choisissez parmi les valeurs proposées.")
    if found.before:
        try:
            date.fromisoformat(found.before)
        except ValueError:
            raise Refused("DATE", "La date du filtre n'existe pas : écrivez-la AAAA-MM-JJ.") from None
    return found


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def page(
    asking: Account, programmes: Collection[str], asked: Selection, after: Key | None, size: int
) -> tuple[list[Dossier], int]:
    """A page of dossiers in the order of their deadlines, with one more when others follow; and how many in all.

    At most COUNTED + 1 are counted, from the first page on.  Each dossier has its requests, reservation, instructor.
    """
    branches = _branches(asking, programmes, asked)
    if after is not None:
        day, pk = after
        # the first condition says nothing more, and lets the database begin its walk there
        later = Q(deadline__gte=day) & (Q(deadline__gt=day) | Q(deadline=day, pk__gt=pk))
        shown = [branch.filter(later) for branch in branches]
    else:
        shown = branches
    rows = _merged([one.order_by("deadline", "pk").values("pk", "deadline")[: size + 1] for one in shown])
    total = _merged([one.order_by().values("pk")[: COUNTED + 1] for one in branches])
    if rows is None or total is None:
        return [], 0
    first = RawSQL(f"SELECT pk FROM ({rows[0]}) merged ORDER BY deadline, pk LIMIT {size + 1}", rows[1])
    counted = RawSQL(
        f"(SELECT COUNT(*) FROM ({total[0]} LIMIT {COUNTED + 1}) counted)",
        total[1],
        output_field=IntegerField(),
    )
    found = listed(Dossier.objects.filter(pk__in=first)).annotate(total=counted).order_by("deadline", "pk")
    listing: list[Any] = list(found)
    return listing, listing[0].total if listing else 0


def listed(found: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Dossiers with all that a row of the queue shows."""
    return found.select_related("instructor", "reservation__account").prefetch_related("queue_requests")


def keys(asking: Account, programmes: Collection[str], asked: Selection, most: int) -> list[tuple[int, int]]:
    """The keys and versions of the first dossiers of a selection, one more than `most` when there are more."""
    rows = _merged(
        [
            one.order_by("deadline", "pk").values("pk", "deadline")[: most + 1]
            for one in _branches(asking, programmes, asked)
        ]
    )
    if rows is None:
        return []
    first = RawSQL(f"SELECT pk FROM ({rows[0]}) merged ORDER BY deadline, pk LIMIT {most + 1}", rows[1])
    return list(Dossier.objects.filter(pk__in=first).order_by("deadline", "pk").values_list("pk", "version"))


def found_by_words(
    asking: Account, programmes: Collection[str], asked: Selection, words: Collection[str]
) -> tuple[list[Key], bool]:
    """The deadlines and keys of the dossiers that hold all of some words, sorted, and whether there are too many.

    The words find at most `search.MOST` dossiers, which the filters of the selection (not its tab) then restrict.
    """
    hits = Dossier.objects.filter(pk__in=search.hits(words, programmes), programme__in=programmes)
    kept = _conditions(asking, asked)
    if asked.state:
        kept &= Q(state=asked.state)
    if asked.programme:
        kept &= Q(programme=asked.programme)
    rows = hits.annotate(kept=_truth(kept)).values_list("deadline", "pk", "kept")
    found = list(rows)
    return sorted((day, pk) for day, pk, wanted in found if wanted), len(found) > search.MOST


def _truth(condition: Q) -> Any:
    if not condition:
        return Value(True, output_field=BooleanField())
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _branches(asking: Account, programmes: Collection[str], asked: Selection) -> list[QuerySet[Dossier]]:
    """One walk of an index for each programme and each state."""
    tab = TABS[asked.tab]
    condition = _conditions(asking, asked)
    if tab.near:
        condition &= Q(deadline__lte=timezone.localdate() + AHEAD)
    found = []
    for programme in sorted(set(programmes) & ({asked.programme} if asked.programme else set(programmes))):
        of_programme = Dossier.objects.filter(condition, programme=programme)
        if tab.recovery:
            of_programme = of_programme.filter(recovery=True)
            found.append(of_programme.filter(state=asked.state) if asked.state else of_programme)
        else:
            found += [of_programme.filter(state=state) for state in tab.states if asked.state in ("", state)]
    return found


def _conditions(asking: Account, asked: Selection) -> Q:
    """What the filters ask, but for the programme and the state."""
    condition = Q()
    if asked.instructor == NOBODY:
        condition &= Q(instructor__isnull=True)
    elif asked.instructor:
        condition &= Q(instructor=asking.pk if asked.instructor == MINE else int(asked.instructor))
    if asked.before:
        condition &= Q(deadline__lte=date.fromisoformat(asked.before))
    chosen: dict[str, str | bool] = {}
    if asked.request:
        chosen["name"] = asked.request
    if asked.verdict:
        chosen["verdict"] = asked.verdict
    if asked.provisional:
        chosen["provisional"] = asked.provisional == YES
    if chosen:
        condition &= Q(Exists(QueueRequest.objects.filter(dossier=OuterRef("pk"), open=True, **chosen)))
    return condition


def _merged(branches: list[QuerySet[Any, Any]]) -> tuple[str, list[Any]] | None:
    """The rows of several queries as one; None when none of them can have any."""
    parts: list[str] = []
    params: list[Any] = []
    for rank, branch in enumerate(branches):
        try:
            sql, given = branch.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) branch{rank}")
        params += given
    return (" UNION ALL ".join(parts), params) if parts else None
