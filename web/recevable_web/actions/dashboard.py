"""What the head of a service looks at: the backlog by legal deadline, delays, verdicts, euros.  Nothing by person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from django.db.models import Count, F, Q, Sum

from recevable_web.actions import statistics
from recevable_web.actions.statistics import Sums, Totals
from recevable_web.records.models import MADE, Clock, Dossier, Payment, Procedure, State, Verdict

# The last day of each stretch of the backlog, counted from today.
STRETCHES: Final = (7, 30, 60)


class Backlog(NamedTuple):
    """Dossiers that wait for a decision, by what is known of the day on which silence becomes one.

    `within` counts those whose day comes by the last day of each stretch (`STRETCHES`), the earlier ones left out.
    """

    overdue: int
    within: tuple[int, ...]
    later: int
    suspended: int
    unknown: int
    none: int


def backlog(programme: str, today: date) -> Backlog:
    """The backlog of a programme, in one question."""
    runs = Q(clock=Clock.RUNS)
    bounds = [today - timedelta(days=1), *(today + timedelta(days=days) for days in STRETCHES)]
    stretches = {
        f"within_{rank}": Count("pk", filter=runs & Q(deadline__gt=after, deadline__lte=last))
        for rank, (after, last) in enumerate(pairwise(bounds))
    }
    found = Dossier.objects.filter(programme=programme).exclude(state=State.DECIDED)
    counts = found.aggregate(
        overdue=Count("pk", filter=runs & Q(deadline__lt=today)),
        later=Count("pk", filter=runs & Q(deadline__gt=bounds[-1])),
        suspended=Count("pk", filter=Q(clock=Clock.SUSPENDED)),
        unknown=Count("pk", filter=Q(clock=Clock.UNKNOWN)),
        none=Count("pk", filter=Q(clock=Clock.NONE)),
        **stretches,
    )
    within = tuple(counts.pop(name) for name in stretches)
    return Backlog(within=within, **counts)


class Euros(NamedTuple):
    """Sums of a programme, in cents, since it began.

    `proposed` is what the rules proposed to pay at reception, `accepted` what signed decisions grant, `ordered` what
    is signed or ordered and not yet answered by the payer, `paid` what the payer says it paid.  `claimed` is under
    procedure and not decided, `owed` decided and not repaid, `repaid` has come back.
    """

    proposed: int
    accepted: int
    ordered: int
    paid: int
    claimed: int
    owed: int
    repaid: int


def euros(programme: str, totals: Totals) -> Euros:
    """The sums of a programme; `totals` are its statistics, of every month."""
    payments = Payment.objects.filter(programme=programme).aggregate(
        ordered=Sum("cents", filter=Q(status__in=[Payment.Status.SIGNED, Payment.Status.ORDERED])),
        paid=Sum("paid_cents", filter=MADE),
    )
    recovery = Procedure.objects.filter(programme=programme, kind=Procedure.Kind.RECOVERY)
    open_ = ~Q(stage=Procedure.Stage.CLOSED)
    recovered = recovery.aggregate(
        claimed=Sum("claimed_cents", filter=open_ & Q(decided_cents__isnull=True)),
        owed=Sum(F("decided_cents") - F("repaid_cents"), filter=open_ & Q(decided_cents__isnull=False)),
        repaid=Sum("repaid_cents"),
    )
    return Euros(
        proposed=_cents(totals, statistics.PROPOSED),
        accepted=_cents(totals, statistics.DECIDED),
        **{name: value or 0 for name, value in (payments | recovered).items()},
    )


def _cents(totals: Mapping[statistics.Key, Sums], measure: str) -> int:
    return sum(sums.cents for key, sums in totals.items() if key.measure == measure and key.name == str(Verdict.ACCEPT))


def delays(totals: Totals) -> dict[date, dict[str, Sums]]:
    """The time at the agency and at the applicant, by month of decision, the first month first."""
    found: dict[date, dict[str, Sums]] = {}
    for key, sums in totals.items():
        if key.measure in (statistics.AGENCY, statistics.APPLICANT):
            month = found.setdefault(key.month, {})
            held = month.get(key.measure, Sums())
            month[key.measure] = Sums(*(a + b for a, b in zip(held, sums, strict=True)))
    return dict(sorted(found.items()))
