"""What is counted as it happens: dossiers, time at the agency and at the applicant, verdicts, reasons, euros.

Each fact gives rows that add up (`StatisticRow`), in the transaction of the fact; a worker merges those of the same
names.  `recounted` gives the same sums from the facts alone: what they must always be.  Nobody is counted by name.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from recevable_web.actions import rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    READERS,
    Account,
    Act,
    Dossier,
    DossierVersion,
    Draft,
    Evaluation,
    Procedure,
    Role,
    State,
    StateChange,
    StatisticRow,
    Verdict,
)

# What is counted.
RECEIVED: Final = "recus"
PROPOSED: Final = "proposes"
REASON: Final = "motifs"
DECIDED: Final = "decides"
GROUND: Final = "fondements"
AGENCY: Final = "agence"
APPLICANT: Final = "demandeur"
PAID: Final = "payes"
STOCK: Final = "etats"
# The stock has no month.
ALWAYS: Final = date(1970, 1, 1)
# Spans of days that delays are counted in, by their last day; the last one has no end.
SPANS: Final = (7, 15, 30, 60, 90)
# The causes and consequences of a finding that prevents an acceptance.
AGAINST: Final = ("rejeter", "completer")


class Key(NamedTuple):
    """What a row counts."""

    programme: str
    month: date
    measure: str
    request: str = ""
    name: str = ""


class Sums(NamedTuple):
    """How many, and the cents and the seconds of all of them."""

    number: int = 0
    cents: int = 0
    seconds: int = 0


Fact = tuple[Key, Sums]
Totals = dict[Key, Sums]


def added(facts: Iterable[Fact]) -> Totals:
    """The sums by key, without those where nothing is left."""
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, sums in facts:
        for rank, value in enumerate(sums):
            found[key][rank] += value
    return {key: Sums(*values) for key, values in found.items() if any(values)}


def month_of(at: datetime) -> date:
    """The first day of the month of an instant, in the time zone of the service."""
    return timezone.localtime(at).date().replace(day=1)


# --- what happened ----------------------------------------------------------------------------------------------------


def first_evaluated(version: DossierVersion, before: bytes | None, written: bytes) -> None:
    """A version of a dossier was evaluated for the first time; `before` is the answer on the version before it."""
    dossier = version.dossier
    if version.rank == 1:
        _write(_received(dossier, json.loads(written)))
        if not StateChange.objects.filter(dossier=dossier).exists():
            entered(dossier)
    _write(_paid(version, before, written))


def entered(dossier: Dossier) -> None:
    """A dossier has entered its state: a decision closes the time that it took."""
    before = list(StateChange.objects.filter(dossier=dossier).order_by("id").values_list("state", "at"))
    if before and before[-1][0] == dossier.state:
        return
    now = timezone.now()
    StateChange.objects.create(dossier=dossier, state=dossier.state, at=now)
    _write(_moved(dossier.programme, before, (dossier.state, now)))


def signed(act: Act, decision: Mapping[str, Any]) -> None:
    """An act was signed; `decision` is the proposal that it answers, as JSON."""
    _write(_act(act, decision))


def undone(act: Act) -> None:
    """An act that undoes a decision was signed."""
    _write(_undone(act))


def _write(facts: Iterable[Fact]) -> None:
    StatisticRow.objects.bulk_create(_rows(added(facts)))


def _rows(totals: Totals, *, erased: bool = False) -> list[StatisticRow]:
    return [StatisticRow(**key._asdict(), **sums._asdict(), erased=erased) for key, sums in totals.items()]


def erased(dossier: Dossier) -> None:
    """The contents of a dossier are about to be erased: what it counted for stays, apart from what can be recounted."""
    counted = added(_of(dossier))
    taken = {key: Sums(*(-one for one in sums)) for key, sums in counted.items()}
    StatisticRow.objects.bulk_create([*_rows(counted, erased=True), *_rows(taken)])


# --- what each fact counts --------------------------------------------------------------------------------------------


def _received(dossier: Dossier, decision: Mapping[str, Any]) -> Iterator[Fact]:
    programme, month = dossier.programme, month_of(dossier.created_at)
    yield Key(programme, month, RECEIVED), Sums(1)
    for name, one in decision["demandes"].items():
        yield Key(programme, month, PROPOSED, name, one["verdict"]), Sums(1, _cents(one.get("montant_propose")))
        yield from _reasons(Key(programme, month, REASON, name), one)


def _reasons(key: Key, request: Mapping[str, Any]) -> Iterator[Fact]:
    """One for each finding against an acceptance: `rejeter:REGLE:cause`."""
    for found in request["constats"]:
        if found.get("consequence") in AGAINST:
            name = f"{found['consequence']}:{found['regle']}:{found.get('cause') or ''}"
            yield key._replace(name=name), Sums(1)


def _act(act: Act, request: Mapping[str, Any]) -> Iterator[Fact]:
    assert act.dossier is not None
    assert act.draft is not None
    draft = act.draft
    month = month_of(datetime.fromisoformat(act.instant))
    cents = 0
    if draft.verdict == Verdict.ACCEPT:
        cents = _cents(request["montant_propose"]) if draft.follows else draft.fixed_cents or 0
    yield Key(act.dossier.programme, month, DECIDED, draft.request, draft.verdict), Sums(1, cents)
    if draft.follows:
        for key, sums in _reasons(Key(act.dossier.programme, month, GROUND, draft.request), request):
            if key.name.startswith(f"{draft.verdict}:"):
                yield key, sums


def _undone(act: Act) -> Iterator[Fact]:
    """What was decided no longer counts among the sums decided, from the month of the act that undoes it."""
    assert act.dossier is not None
    assert act.draft is not None
    decision = Act.objects.select_related("draft__evaluation", "dossier").get(rank=act.draft.content["acte"])
    cents = 0
    if act.kind == Procedure.Effect.WITHDRAWN and decision.draft is not None:
        asked = _asked(decision.draft)
        cents = sum(sums.cents for key, sums in _act(decision, asked) if key.measure == DECIDED)
    month = month_of(datetime.fromisoformat(act.instant))
    yield Key(act.dossier.programme, month, DECIDED, act.draft.request, act.kind), Sums(1, -cents)


def _asked(draft: Draft) -> Any:
    """The proposal that a decision answers, as JSON."""
    assert draft.evaluation is not None
    return json.loads(_bytes(draft.evaluation))["demandes"][draft.object]


def _moved(programme: str, before: Sequence[tuple[str, datetime]], now: tuple[str, datetime]) -> Iterator[Fact]:
    """The state that was left and the one that is entered; a decision gives the time since the one before it."""
    state, at = now
    if before:
        yield Key(programme, ALWAYS, STOCK, name=before[-1][0]), Sums(-1)
    yield Key(programme, ALWAYS, STOCK, name=state), Sums(1)
    if state != State.DECIDED:
        return
    spent = {AGENCY: 0, APPLICANT: 0}
    ends = [moment for _, moment in before[1:]] + [at]
    for (where, since), until in reversed(list(zip(before, ends, strict=True))):
        if where == State.DECIDED:
            break
        spent[side_of(where)] += _seconds(since, until)
    for side, seconds in spent.items():
        yield Key(programme, month_of(at), side, name=span_of(seconds)), Sums(1, 0, seconds)


def side_of(state: str) -> str:
    """Who a dossier in a state waits for."""
    return APPLICANT if state == State.TO_COMPLETE else AGENCY


def span_of(seconds: int) -> str:
    """The span of days of a delay, by its last day; empty beyond the last one."""
    days = seconds / 86_400
    return next((str(last) for last in SPANS if days <= last), "")


def _paid(version: DossierVersion, before: bytes | None, written: bytes) -> Iterator[Fact]:
    """What this version says was paid, less what the version before it said."""
    for sign, answer in ((-1, before), (1, written)):
        if answer is None:
            continue
        for name, one in json.loads(answer)["demandes"].items():
            if one["verdict"] == Verdict.ACCEPT and one["deja_regle"] is True:
                key = Key(version.dossier.programme, month_of(version.at), PAID, name)
                yield key, Sums(sign, sign * _cents(one["montant_estime"]))


def _seconds(since: datetime, until: datetime) -> int:
    """Whole seconds; none when the clock went back."""
    return max(0, round((until - since) / timedelta(seconds=1)))


def _cents(amount: Mapping[str, Any] | None) -> int:
    """The cents of an amount of a decision; 0 when there is none, or when it is unknown."""
    value = None if amount is None else amount["valeur"]
    return 0 if value is None else int(Decimal(value) * 100)


# --- the sums ---------------------------------------------------------------------------------------------------------


def totals(programme: str, since: date | None = None, until: date | None = None) -> Totals:
    """The sums of a programme, of the months in a period (both included); the stock is always there."""
    rows = StatisticRow.objects.filter(programme=programme)
    chosen = rows
    if since is not None:
        chosen = chosen.filter(month__gte=since)
    if until is not None:
        chosen = chosen.filter(month__lte=until)
    chosen = chosen.exclude(measure=STOCK) | rows.filter(measure=STOCK)
    summed = chosen.values_list("programme", "month", "measure", "request", "name").annotate(
        Sum("number"), Sum("cents"), Sum("seconds")
    )
    return {Key(*row[:5]): Sums(*row[5:]) for row in summed.order_by() if any(row[5:])}


def months(programme: str) -> list[date]:
    """The months of which something is known, the last first."""
    rows = StatisticRow.objects.filter(programme=programme).exclude(measure=STOCK)
    return list(rows.order_by("-month").values_list("month", flat=True).distinct())


def merge() -> int:
    """Write rows of the same names as one; returns how many rows that spares.  What they add up to stays the same."""
    names = ("programme", "month", "measure", "request", "name", "erased")
    spared = 0
    several = StatisticRow.objects.values(*names).annotate(rows=Count("id")).filter(rows__gt=1).order_by()
    for group in list(several[:500]):
        del group["rows"]
        with transaction.atomic():
            # those that another worker merges are left to it
            rows = list(StatisticRow.objects.select_for_update(skip_locked=True, of=("self",)).filter(**group))
            if len(rows) < 2:
                continue
            sums = Sums(*(sum(getattr(row, name) for row in rows) for name in Sums._fields))
            StatisticRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
            if any(sums):
                StatisticRow.objects.create(**group, **sums._asdict())
            spared += len(rows) - 1
    return spared


def recounted(programme: str) -> Totals:
    """The sums of a programme from the facts alone, whatever was kept; erased dossiers count for what they did."""
    kept = StatisticRow.objects.filter(programme=programme, erased=True)
    rows = kept.values_list("programme", "month", "measure", "request", "name", "number", "cents", "seconds")
    return added([*_facts(programme), *((Key(*row[:5]), Sums(*row[5:])) for row in rows)])


def begin() -> None:
    """Count what was there before anything was counted."""
    known = Dossier.objects.values_list("programme", flat=True).distinct().order_by()
    counted = StatisticRow.objects.values_list("programme", flat=True).distinct().order_by()
    for programme in set(known) - set(counted):
        with transaction.atomic():
            _alone()
            if not StatisticRow.objects.filter(programme=programme).exists():
                _write(_facts(programme))


def _alone() -> None:
    """Nothing else is counted until the end of the transaction: who has begun ends first, the others wait.

    SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE records_statisticrow IN SHARE ROW EXCLUSIVE MODE")


def recount(actor: Account, programme: str) -> None:
    """Replace what is kept by what the facts give."""
    rights.require(actor, programme, Role.ADMINISTRATOR)
    with transaction.atomic():
        _alone()
        StatisticRow.objects.filter(programme=programme, erased=False).delete()
        _write(_facts(programme))


def _facts(programme: str) -> Iterator[Fact]:
    for dossier in Dossier.objects.filter(programme=programme, erased=None).iterator(chunk_size=500):
        yield from _of(dossier)


def _of(dossier: Dossier) -> Iterator[Fact]:
    before: bytes | None = None
    for version in dossier.versions.order_by("rank"):
        version.dossier = dossier
        first = version.evaluations.order_by("id").first()
        if first is None:
            continue
        written = _bytes(first)
        if version.rank == 1:
            yield from _received(dossier, json.loads(written))
        yield from _paid(version, before, written)
        before = written
    changes = list(dossier.changes.order_by("id").values_list("state", "at"))
    for rank, change in enumerate(changes):
        yield from _moved(dossier.programme, changes[:rank], change)
    kinds = (Draft.Kind.DECISION, Draft.Kind.UNDOING)
    acts = dossier.acts.filter(draft__kind__in=kinds).select_related("draft__evaluation", "dossier")
    for act in acts:
        assert act.draft is not None
        yield from _undone(act) if act.draft.kind == Draft.Kind.UNDOING else _act(act, _asked(act.draft))


def _bytes(evaluation: Evaluation) -> bytes:
    return gzip.decompress(bytes(evaluation.decision_gz))


def readable(actor: Account, programme: str) -> None:
    """Refuse an account that reads no dossier of a programme."""
    if not rights.has(actor, programme, *READERS):
        raise Refused("DROIT", "Les statistiques sont ouvertes à ceux qui lisent les dossiers du programme.")
