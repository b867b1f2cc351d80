"""When the silence of the agency on a request becomes a decision: calendar arithmetic, in one place.

The delay is a dated parameter of the pack and runs from the day of reception.  It ends on the day of the same number
(or on the last day of a shorter month), at midnight.  Nothing here reads a clock or decides a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from msgspec import Struct

from recevable.language.calendar import END_OF_MONTH, Duration, day_of, parse_instant, shift
from recevable.pack.model import RESTARTS, SUSPENDS, Pack, Request, Silence

# Days from which, and until which, the applicant was completing the request; None: still.
Completion = tuple[date, date | None]


class ImpliedDecision(Struct, frozen=True):
    """The decision that the silence of the agency on `request` makes: `rejet` or `acceptation` (`direction`).

    It is born at the end of `day`.  `day` is None when it cannot be told: while `suspended`, or when the reception
    (`received` is None) or the delay is unknown.  `to_confirm`: the delay is a choice of the pack, not of the text.
    """

    request: str
    direction: str
    received: date | None
    day: date | None
    suspended: bool = False
    to_confirm: bool = False
    source: str = ""


def implied_decisions(
    pack: Pack, data: Mapping[str, Any], on: date, completions: Mapping[str, Sequence[Completion]]
) -> tuple[ImpliedDecision, ...]:
    """For each request of a dossier that is not answered and on which silence is a decision, in the order of the pack.

    `completions` holds, by request, the days between which the applicant was asked for more.  Raises ValueError when
    one ends before it begins.
    """
    found = []
    for request in pack.manifest.requests.values():
        silence = request.silence
        if silence is None or not isinstance(at(data, request.root), Mapping):
            continue
        if silence.answered and at(data, silence.answered) in silence.answers:
            continue
        found.append(_implied(pack, request, silence, data, on, completions.get(request.name, ())))
    return tuple(found)


def at(data: Mapping[str, Any], path: str) -> Any:
    """The value at a path of the dossier; None when there is none."""
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _implied(
    pack: Pack, request: Request, silence: Silence, data: Mapping[str, Any], on: date, completions: Iterable[Completion]
) -> ImpliedDecision:
    parameter = pack.parameters[silence.delay.text]
    received = _received(at(data, request.reception), pack.manifest.zone)
    value = parameter.at(on if parameter.by_decision else received)
    day, suspended = None, False
    if received is not None and value is not None and value.value is not None:
        day, suspended = end_of_delay(received, value.value, silence.completion, completions)
    source = value.source if value is not None else ""
    return ImpliedDecision(
        request.name, silence.direction, received, day, suspended, parameter.house_default, source
    )  # fmt: skip


def _received(value: Any, zone: tzinfo) -> date | None:
    if isinstance(value, str):
        value = parse_instant(value, zone)
    return day_of(value, zone) if isinstance(value, datetime) else None


def end_of_delay(
    received: date, delay: Duration, effect: str, completions: Iterable[Completion]
) -> tuple[date | None, bool]:
    """The day on which a delay ends, and whether it is suspended (it then has no end).

    A request for completion made after the end changes nothing.  `suspend`: each day from it to the answer, that of the
    answer excluded, is added to the end.  `interrompt`: the delay starts again, whole, on the day of the answer.
    """
    end = shift(received, delay, END_OF_MONTH, UTC)
    if effect not in (SUSPENDS, RESTARTS):
        return end, False
    counted = received
    for start, answered in sorted(completions, key=lambda one: (one[0], one[1] or date.max)):
        if answered is not None and answered < start:
            raise ValueError(f"an answer of {answered} to what was asked on {start}")
        if start > end:
            break
        if answered is None:
            return None, True
        if effect == RESTARTS:
            counted = max(counted, answered)
            end = shift(counted, delay, END_OF_MONTH, UTC)
        elif answered > counted:
            # days on which two requests were open count once, those before the reception never
            end += timedelta(days=(answered - max(start, counted)).days)
            counted = answered
    return end, False
