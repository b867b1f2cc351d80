"""Recorded appraisals: which human answers in a dossier are valid on a given day, and the state of each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct

from recevable.decision.model import AppraisalLine, AppraisalState
from recevable.language.calendar import parse_date
from recevable.language.characters import shows
from recevable.pack.model import APPRAISALS, Rule

_RECORD: Final = ("reponse", "auteur", "motif", "le", "expire_le")


class Recorded(Struct, frozen=True):
    """A recorded appraisal: usable only when `state` is RECORDED."""

    state: AppraisalState
    record: Mapping[str, Any]
    reason: str = ""


def judge(record: Mapping[str, Any], answers: Sequence[str] | None, today: date) -> Recorded:
    """Check a recorded answer on day `today`: known question, listed answer, complete record, not expired.

    Never raises: the outcome is the `state` of the result.
    """
    missing = [key for key in _RECORD if not _says(record.get(key))]
    if answers is None:
        return Recorded(AppraisalState.INVALID, record, "aucune règle ne pose cette question")
    if missing:
        return Recorded(AppraisalState.INVALID, record, f"il manque : {', '.join(missing)}")
    if record["reponse"] not in answers:
        return Recorded(AppraisalState.INVALID, record, f"réponse hors liste : {record['reponse']}")
    try:
        given, until = parse_date(record["le"]), parse_date(record["expire_le"])
    except ValueError as error:
        return Recorded(AppraisalState.INVALID, record, str(error))
    if given > today:
        return Recorded(AppraisalState.INVALID, record, "datée d'après la décision")
    if until < today:
        return Recorded(AppraisalState.EXPIRED, record, f"expirée depuis le {record['expire_le']}")
    return Recorded(AppraisalState.RECORDED, record)


def recorded(data: Mapping[str, Any], answers: Mapping[str, Sequence[str]], today: date) -> dict[str, Recorded]:
    """The appraisals recorded in a dossier, by question id (`APP-CONTRAT:3` for the key `3`), checked on day `today`.

    The schema may not constrain records: a value that is not a record is treated as one with every key missing.
    """
    found = data.get(APPRAISALS, {})
    records = found.items() if isinstance(found, Mapping) else ()
    return {name: judge(_texts(record), answers.get(name.partition(":")[0]), today) for name, record in records}


def _texts(record: Any) -> Mapping[str, str]:
    """The string values of a record; an empty mapping when it is not a record."""
    return {key: text for key, text in record.items() if isinstance(text, str)} if isinstance(record, Mapping) else {}


def _says(text: Any) -> bool:
    return isinstance(text, str) and shows(text)


def of_element(found: Mapping[str, Recorded], key: str) -> dict[str, Recorded]:
    """The appraisals of the request of one element of a list, by question id: `APP-CONTRAT:3` is for the key `3`."""
    named = {tuple(name.split(":", 1)): record for name, record in found.items() if ":" in name}
    return {rule: record for (rule, of), record in named.items() if of == key}


def line(rule: Rule, question: str, record: Recorded | None, requests: tuple[str, ...], key: str) -> AppraisalLine:
    """The line of a question in the decision: open when `record` is None, otherwise with the recorded answer."""
    return AppraisalLine(
        rule.id,
        rule.title,
        question,
        tuple(rule.answers),
        requests,
        record.state if record else AppraisalState.OPEN,
        rule.source,
        record.record if record else {},
        record.reason if record else "",
        key,
    )
