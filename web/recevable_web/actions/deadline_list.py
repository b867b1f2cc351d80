"""The deadlines of all dossiers, the first day first: those that come soon, and those passed that ask for an act.

Letters that wait for something are a list of their own.

As in the queue, a page is one query of a fixed text: a walk of an index for each programme, merged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from recevable_web.actions import selection
from recevable_web.actions.deadlines import LETTERS
from recevable_web.actions.selection import AHEAD, TABS, Key, Selection, Walk
from recevable_web.records.models import Account
from recevable_web.records.sql import Params, day, fetched, instant, marks


class Due(NamedTuple):
    """A deadline, and what the list shows of its dossier."""

    pk: int
    kind: str
    title: str
    subject: str
    day: date
    instant: datetime | None
    counted: date | None
    resumes: date | None
    to_confirm: bool
    dossier: int
    reference: str
    programme: str
    applicant: str
    state: str
    instructor: str
    letter: int | None


_DUE = """
    WITH page AS MATERIALIZED ({page})
    SELECT e.id, e.kind, e.title, e.subject, e.day, e.instant, e.counted, e.resumes, e.to_confirm,
           d.id, d.reference, d.programme, d.applicant, d.state, i.name, e.letter_id,
           (SELECT COUNT(*) FROM ({counted}) counted)
    FROM page JOIN records_deadline e ON e.id = page.id
    JOIN records_dossier d ON d.id = e.dossier_id
    LEFT JOIN records_account i ON i.id = d.instructor_id
    ORDER BY e.day, e.id
"""


def page(
    asking: Account, programmes: Collection[str], asked: Selection, after: Key | None, size: int
) -> tuple[list[Due], int]:
    """A page of deadlines, with one more when others follow; and how many in all, as `selection.page` counts."""
    shown, whole = (_walks(asking, programmes, asked, one) for one in (after, None))
    if not shown:
        return [], 0
    first, given = _merged(shown, "e.id, e.day", "ORDER BY e.day, e.id", size + 1)
    most = selection.counted(asked) + 1
    counted, more = _merged(whole, "1 AS one", "", most)
    sql = _DUE.format(page=f"{first} ORDER BY day, id LIMIT {size + 1}", counted=f"{counted} LIMIT {most}")
    found = fetched(sql, [*given, *more])
    rows = [
        Due(
            pk, kind, title, subject, day(on), None if at is None else instant(at),
            None if counted is None else day(counted), None if resumes is None else day(resumes), bool(confirm),
            dossier, reference, programme, applicant, state, instructor or "", letter,
        )
        for pk, kind, title, subject, on, at, counted, resumes, confirm, dossier, reference, programme, applicant,
        state, instructor, letter, _ in found
    ]  # fmt: skip
    return rows, found[0][-1] if found else 0


def _walks(asking: Account, programmes: Collection[str], asked: Selection, after: Key | None) -> list[Walk]:
    condition, given = selection.conditions(asking, replace(asked, before=""))
    today = timezone.localdate()
    until = min((today + AHEAD).isoformat(), asked.before or "9999-12-31")
    letters = TABS[asked.tab].letters
    condition, given = f"{condition} AND e.day <= %s", [*given, until]
    if not letters:
        condition, given = f"{condition} AND e.kind NOT IN ({marks(LETTERS)})", [*given, *LETTERS]
    if asked.state:
        condition, given = f"{condition} AND d.state = %s", [*given, asked.state]
    if after is not None:
        # the first comparison alone lets an index begin there
        condition = f"{condition} AND e.day >= %s AND (e.day, e.id) > (%s, %s)"
        given = [*given, after[0].isoformat(), after[0].isoformat(), after[1]]
    found: list[Walk] = []
    for programme in sorted(programmes):
        if asked.programme not in ("", programme):
            continue
        if letters:
            walks = [
                (f"e.programme = %s AND e.kind = %s AND {condition}", [programme, kind, *given]) for kind in LETTERS
            ]
            found += walks
        else:
            found.append((f"e.programme = %s AND e.stands = TRUE AND {condition}", [programme, *given]))
            coming = f"e.programme = %s AND e.stands = FALSE AND e.day >= %s AND {condition}"
            found.append((coming, [programme, today.isoformat(), *given]))
    return found


def _merged(walks: list[Walk], columns: str, order: str, most: int) -> tuple[str, Params]:
    parts = [
        f"SELECT * FROM (SELECT {columns} FROM records_deadline e JOIN records_dossier d ON d.id = e.dossier_id "
        f"WHERE {condition} {order} LIMIT {most}) walk{rank}"
        for rank, (condition, _) in enumerate(walks)
    ]
    return " UNION ALL ".join(parts), [one for _, given in walks for one in given]
