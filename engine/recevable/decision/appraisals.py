"""Recorded appraisals: which human answers of a dossier may be used on a day, and what is said of each question."""

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
    """Whether a recorded appraisal may be used on a day: known question, listed answer, complete, not expired."""
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
    """What a dossier records of each appraisal it mentions, judged on a day.

    A schema may say nothing of what a record is: what is no record is an answer of which everything is missing.
    """
    found = data.get(APPRAISALS, {})
    records = found.items() if isinstance(found, Mapping) else ()
    return {rule: judge(_texts(record), answers.get(rule), today) for rule, record in records}


def _texts(record: Any) -> Mapping[str, str]:
    """The texts of a record, and nothing of what is not one."""
    return {key: text for key, text in record.items() if isinstance(text, str)} if isinstance(record, Mapping) else {}


def _says(text: Any) -> bool:
    return isinstance(text, str) and shows(text)


def line(rule: Rule, question: str, record: Recorded | None, requests: tuple[str, ...]) -> AppraisalLine:
    """What is said of a question: open, or as it was answered."""
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
    )
