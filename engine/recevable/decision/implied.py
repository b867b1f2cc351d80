"""When the silence of the agency on a request becomes a decision.

The delay is a dated parameter of the pack and runs from the day of reception (`language.delays`).  Nothing here reads a
clock or decides a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

from msgspec import Struct

from recevable.language.calendar import local_day, parse_date, parse_instant
from recevable.language.delays import pause, run
from recevable.pack.model import Pack, Request, Silence

# Days on which the applicant was asked to complete the request, and did (None: not yet); the last day of the delay that
# was given to do so (None: not known).
Completion = tuple[date, date | None, date | None]


class ImpliedDecision(Struct, frozen=True):
    """The decision that the silence of the agency on `request` makes: `rejet` or `acceptation` (`direction`).

    It is born at the end of `day`.  `suspended`: the delay does not run, until the applicant answers and at the latest
    until the day `resumes` (None: not known), on which it runs again; `day` is then the latest one.  `day` is None when
    it is not known: the reception (`received` is None), the delay, or the end of a suspension is not known.
    `to_confirm`: the delay is a choice of the pack, not of the text.
    """

    request: str
    direction: str
    received: date | None
    day: date | None
    suspended: bool = False
    to_confirm: bool = False
    source: str = ""
    resumes: date | None = None


def implied_decisions(
    pack: Pack, data: Mapping[str, Any], on: date, completions: Mapping[str, Sequence[Completion]]
) -> tuple[ImpliedDecision, ...]:
    """For each request of a dossier that is not answered and on which silence is a decision, in the order of the pack.

    `on` is the day on which dated parameters are read, and on which a delay is suspended or not.  `completions` holds,
    by request, when the applicant was asked for more.  Raises ValueError when one ends before it begins.
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
    source = value.source if value is not None else ""
    to_confirm = parameter.house_default
    pauses = [pause(asked, answered, last) for asked, answered, last in completions]
    if received is None or value is None or value.value is None:
        return ImpliedDecision(request.name, silence.direction, received, None, to_confirm=to_confirm, source=source)
    delay = run(received, value.value, silence.completion, pauses)
    held = delay.pause(on)
    resumes = held.resumes if held is not None and held.resumes < date.max else None
    return ImpliedDecision(
        request.name, silence.direction, received, delay.day, held is not None, to_confirm, source, resumes
    )  # fmt: skip


def _received(value: Any, zone: tzinfo) -> date | None:
    if isinstance(value, str):
        value = parse_date(value) if "T" not in value else parse_instant(value, zone)
    return local_day(value, zone) if isinstance(value, date) else None
