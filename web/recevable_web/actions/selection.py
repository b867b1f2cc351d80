"""Which dossiers the queue shows: by tab and filter, in the order of their legal deadline, a page after a key.

Nothing is ever read but dossiers of programmes that are given, those that the user may read.  Each state of each
programme is one walk of an index; the walks are merged, so that a page costs the same whatever the number of dossiers.

The queries are written in SQL, of a fixed text and parameters: a page is one of them, and reads no more than it shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils import timezone

import recevable
from recevable_web.actions import preferences
from recevable_web.actions.refused import Refused
from recevable_web.records import search, sql
from recevable_web.records.models import Account, QueuePreference, State
from recevable_web.records.sql import Params, day, fetched, instant, marks

OPEN: Final = (State.RECEIVED, State.TO_INSTRUCT, State.TO_VALIDATE, State.TO_COMPLETE)
# How many dossiers are counted: beyond, the page says that there are more.
COUNTED: Final = 1000
# The same when requests are filtered: each dossier that is walked over is then looked up.
COUNTED_BY_REQUEST: Final = 50
# How far ahead the tab of deadlines looks.
AHEAD: Final = timedelta(days=30)
YES, NO = "oui", "non"
MINE, NOBODY = "moi", "personne"

Key = tuple[date, int]


class Asked(NamedTuple):
    """A request of a dossier: what is proposed, and whether it still waits for an answer."""

    title: str
    verdict: str
    provisional: bool
    open: bool


class Row(NamedTuple):
    """What the queue shows of a dossier.  A reservation that has expired is none.

    `answered` is the day on which the applicant last answered a request for completion.
    """

    pk: int
    version: int
    reference: str
    programme: str
    state: str
    applicant: str
    siret: str
    deadline: date
    clock: str
    resumes: date | None
    received: datetime
    instructor: str
    worker: str
    since: datetime | None
    answered: date | None
    requests: tuple[Asked, ...]


class Page(NamedTuple):
    """A page of the queue, with one row more when others follow, and what the user chose of its columns.

    `total`: how many dossiers in all, at most one more than `counted`, from the first page on; 0 when it is empty.
    """

    rows: list[Row]
    total: int
    kept: QueuePreference


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: what it is called, the states it shows, whether it lists deadlines, sums to recover, letters to follow."""

    label: str
    states: tuple[State, ...]
    near: bool = False
    recovery: bool = False
    letters: bool = False


TABS: Final = {
    "a-instruire": Tab("À instruire", (State.RECEIVED, State.TO_INSTRUCT)),
    "a-valider": Tab("À valider", (State.TO_VALIDATE,)),
    "en-attente": Tab("En attente du demandeur", (State.TO_COMPLETE,)),
    "echeances": Tab("Échéances", OPEN, near=True),
    "courriers": Tab("Courriers", tuple(State), near=True, letters=True),
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

    @property
    def narrowed(self) -> bool:
        """Whether something more than walks of an index is asked: than a tab, a state, a programme."""
        return self != Selection(self.tab, state=self.state, programme=self.programme)


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
            # Python reads days in forms that no database compares
            return replace(found, before=date.fromisoformat(found.before).isoformat())
        except ValueError:
            raise Refused("DATE", "La date du filtre n'existe pas : écrivez-la AAAA-MM-JJ.") from None
    return found


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def page(asking: Account, programmes: Collection[str], asked: Selection, after: Key | None, size: int) -> Page:
    """A page of dossiers in the order of their deadlines, with what the user chose: one query if any is there."""
    shown = _walks(asking, programmes, asked, after)
    whole = _walks(asking, programmes, asked, None)
    if not shown:
        return Page([], 0, preferences.of(asking))
    most = counted(asked) + 1
    # what filters ask decides how they are best answered
    ask = sql.fetched if asked.narrowed else sql.prepared
    kept = preferences.kept(), [asking.pk]
    if after is None and size < most <= COUNTED_BY_REQUEST + 1:
        # one walk gives the page and the count
        walked = _first(whole, most)
        found = _asked(ask, (_OF_WALKED.format(most=size + 1), []), ("walked", []), kept, walked)
    else:
        total, more = _merged(whole, "1 AS one", "", most)
        found = _asked(ask, _first(shown, size + 1), (f"({total} LIMIT {most})", more), kept)
    if not found:
        return Page([], 0, preferences.of(asking))
    all_, chosen = found[0][-2:]
    return Page([_row(one) for one in found], all_, preferences.read(asking, chosen))


def counted(asked: Selection) -> int:
    """How many dossiers of a selection are counted: beyond, the page says that there are more."""
    return COUNTED_BY_REQUEST if asked.request or asked.verdict or asked.provisional else COUNTED


def listed(programmes: Collection[str], keys: Collection[int]) -> list[Row]:
    """The rows of some dossiers of some programmes, in the order of their deadlines."""
    if not keys or not programmes:
        return []
    chosen = (
        f"SELECT id, deadline FROM records_dossier WHERE id IN ({marks(keys)}) AND programme IN ({marks(programmes)})"
    )
    found = _asked(sql.fetched, (chosen, [*keys, *programmes]), ("(SELECT 1 LIMIT 0)", []), ("NULL", []))
    return [_row(one) for one in found]


def keys(asking: Account, programmes: Collection[str], asked: Selection, most: int) -> list[tuple[int, int]]:
    """The keys and versions of the first dossiers of a selection, one more than `most` when there are more."""
    walks = _walks(asking, programmes, asked, None)
    if not walks:
        return []
    first, given = _merged(walks, "id, version, deadline", "ORDER BY d.deadline, d.id", most + 1)
    found = fetched(f"{first} ORDER BY deadline, id LIMIT {most + 1}", given)
    return [(pk, version) for pk, version, _ in found]


def found_by_words(
    asking: Account, programmes: Collection[str], asked: Selection, words: Collection[str]
) -> tuple[list[Key], bool]:
    """The deadlines and keys of the dossiers that hold all of some words, sorted, and whether there are too many.

    The words find at most `search.MOST` dossiers, which the filters of the selection (not its tab) then restrict.
    """
    if not programmes:
        return [], False
    hits, given = search.hits(words, programmes)
    condition, more = conditions(asking, asked)
    for column, value in (("state", asked.state), ("programme", asked.programme)):
        if value:
            condition, more = f"{condition} AND d.{column} = %s", [*more, value]
    text = (
        f"SELECT d.deadline, d.id, CASE WHEN {condition} THEN 1 ELSE 0 END FROM records_dossier d "
        f"WHERE d.id IN ({hits}) AND d.programme IN ({marks(programmes)})"
    )
    found = fetched(text, [*more, *given, *programmes])
    return sorted((day(when), pk) for when, pk, wanted in found if wanted), len(found) > search.MOST


# --- SQL --------------------------------------------------------------------------------------------------------------

Walk = tuple[str, Params]

_OF_WALKED: Final = "SELECT id, deadline FROM walked ORDER BY deadline, id LIMIT {most}"
_ROW: Final = """
    WITH {walked}page AS MATERIALIZED ({page})
    SELECT d.id, d.version, d.reference, d.programme, d.state, d.applicant, d.siret, d.deadline, d.clock, d.resumes,
           d.created_at,
           i.name, w.name, r.since,
           (SELECT MAX(c.closed_on) FROM records_completionrequest c
            WHERE c.dossier_id = d.id AND c.outcome = 'repondue'),
           (SELECT {gathered} FROM records_queuerequest q WHERE q.dossier_id = d.id),
           (SELECT COUNT(*) FROM {counted} counted),
           CASE WHEN ROW_NUMBER() OVER (ORDER BY page.deadline, page.id) = 1 THEN ({kept}) END
    FROM page JOIN records_dossier d ON d.id = page.id
    LEFT JOIN records_account i ON i.id = d.instructor_id
    LEFT JOIN records_reservation r ON r.dossier_id = d.id AND r.until > %s
    LEFT JOIN records_account w ON w.id = r.account_id
    ORDER BY page.deadline, page.id
"""
_FIELDS: Final = "q.title, q.verdict, q.provisional, q.open, q.id"
_GATHERED: Final = {
    "postgresql": f"jsonb_agg(jsonb_build_array({_FIELDS}) ORDER BY q.id)",
    "sqlite": f"json_group_array(json_array({_FIELDS}))",
}


def _asked(
    ask: Callable[[str, Params], list[Any]], page: Walk, counted: Walk, kept: Walk, walked: Walk = ("", [])
) -> list[Any]:
    """The rows of a page; `walked` is what the page and the count may both be of."""
    before = walked[0] and f"walked AS MATERIALIZED ({walked[0]}), "
    text = _ROW.format(
        walked=before, page=page[0], counted=counted[0], kept=kept[0], gathered=_GATHERED[connection.vendor]
    )
    return ask(text, [*walked[1], *page[1], *counted[1], *kept[1], sql.written(timezone.now())])


def _row(one: Sequence[Any]) -> Row:
    pk, version, reference, programme, state, applicant, siret = one[:7]
    deadline, clock, resumes, received, instructor, worker, since, answered, requests = one[7:-2]
    gathered = sorted(json.loads(requests or "[]"), key=lambda each: each[-1])
    asked = tuple(Asked(title, verdict, bool(prov), bool(open_)) for title, verdict, prov, open_, _ in gathered)
    started = None if since is None else instant(since)
    return Row(
        pk, version, reference, programme, state, applicant, siret, day(deadline), clock,
        None if resumes is None else day(resumes), instant(received), instructor or "", worker or "", started,
        None if answered is None else day(answered), asked,
    )  # fmt: skip


def _walks(asking: Account, programmes: Collection[str], asked: Selection, after: Key | None) -> list[Walk]:
    """One walk of an index for each programme and each state: the condition, and its parameters."""
    tab = TABS[asked.tab]
    condition, given = conditions(asking, asked)
    if tab.near:
        condition, given = f"{condition} AND d.deadline <= %s", [*given, (timezone.localdate() + AHEAD).isoformat()]
    if after is not None:
        condition, given = f"{condition} AND (d.deadline, d.id) > (%s, %s)", [*given, after[0].isoformat(), after[1]]
    found: list[Walk] = []
    for programme in sorted(programmes):
        if asked.programme not in ("", programme):
            continue
        if tab.recovery:
            state, chosen = (" AND d.state = %s", [asked.state]) if asked.state else ("", [])
            found.append((f"d.programme = %s AND d.recovery{state} AND {condition}", [programme, *chosen, *given]))
            continue
        for one in tab.states:
            if asked.state in ("", one):
                found.append((f"d.programme = %s AND d.state = %s AND {condition}", [programme, str(one), *given]))
    return found


def conditions(asking: Account, asked: Selection) -> Walk:
    """What the filters ask of the dossier `d`, but for its programme and its state."""
    parts: list[str] = ["1 = 1"]
    given: Params = []
    if asked.instructor == NOBODY:
        parts.append("d.instructor_id IS NULL")
    elif asked.instructor:
        parts.append("d.instructor_id = %s")
        given.append(asking.pk if asked.instructor == MINE else int(asked.instructor))
    if asked.before:
        parts.append("d.deadline <= %s")
        given.append(asked.before)
    wanted = {"q.name = %s": asked.request, "q.verdict = %s": asked.verdict}
    chosen = {part: value for part, value in wanted.items() if value}
    if asked.provisional:
        chosen["q.provisional" if asked.provisional == YES else "NOT q.provisional"] = ""
    if chosen:
        tests = " AND ".join(["q.dossier_id = d.id", "q.open", *chosen])
        parts.append(f"EXISTS (SELECT 1 FROM records_queuerequest q WHERE {tests})")
        given += [value for value in chosen.values() if value]
    return " AND ".join(parts), given


def _first(walks: Sequence[Walk], most: int) -> Walk:
    """The keys and deadlines of the first dossiers of several walks, in their order."""
    first, given = _merged(walks, "id, deadline", "ORDER BY d.deadline, d.id", most)
    return f"{first} ORDER BY deadline, id LIMIT {most}", given


def _merged(walks: Sequence[Walk], columns: str, order: str, most: int) -> Walk:
    """The first rows of several walks, as one query without an order."""
    parts = [
        f"SELECT * FROM (SELECT {columns} FROM records_dossier d WHERE {condition} {order} LIMIT {most}) walk{rank}"
        for rank, (condition, _) in enumerate(walks)
    ]
    return " UNION ALL ".join(parts), [one for _, given in walks for one in given]
