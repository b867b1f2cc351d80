"""The decision, as values.  `report` turns it into JSON (schemas/decision.schema.json) or text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct

from recevable.language.types import Type
from recevable.pack.model import Consequence, Party, Result, Version


class Verdict(StrEnum):
    """What is answered to a request, from the heaviest to the lightest."""

    REJECT = "rejeter"
    UNDECIDABLE = "indecidable"
    COMPLETE = "completer"
    ACCEPT = "accepter"


class DatumOrigin(StrEnum):
    """Where a datum comes from: the dossier, a parameter, a human's answer, a name that no rule gave, a calculation."""

    FIELD = "champ"
    PARAMETER = "parametre"
    ANSWER = "reponse"
    VALUE = "valeur"
    CALCULATION = "calcul"


class Datum(Struct, frozen=True):
    """A value that a rule looked at: its path or name, its title, its type, and None when it is not known.

    The name of what is missing and is no field begins with its origin: `parametre:plafond`.  `fault` says why no result
    comes of a value that is known: a division by zero, a date outside the calendar.
    """

    name: str
    title: str
    type: Type
    value: Any
    fault: str = ""
    origin: DatumOrigin = DatumOrigin.FIELD


class Finding(Struct, frozen=True):
    """What one rule says of one request, by one cause.

    `consequence` is None unless the result is a failure or a missing datum; `missing` are the data without which the
    rule could not answer; `values` those that were compared.
    """

    rule: str
    title: str
    result: Result
    source: str
    requirements: tuple[str, ...]
    cause: str = ""
    consequence: Consequence | None = None
    message: str = ""
    party: str = ""
    repair: str = ""
    values: tuple[Datum, ...] = ()
    missing: tuple[Datum, ...] = ()


class AmountStep(Struct, frozen=True):
    """One operation of a calculation: its name in the table of operations, the values of its operands, its result.

    The operands of `somme` are its elements, `elements` how many there are; a long one shows no element.
    """

    operation: str
    operands: tuple[Any, ...]
    value: Any
    elements: int = 0


class AmountLine(Struct, frozen=True):
    """A named number: its value (None: unknown), the rule that gives it, and the operations that led to it.

    `steps` are these operations, innermost first; `missing` the data without which the value is unknown.  `subject_to`
    names the open appraisals that may change it.
    """

    name: str
    title: str
    type: Type
    value: Any
    rule: str
    source: str
    subject_to: tuple[str, ...]
    steps: tuple[AmountStep, ...] = ()
    missing: tuple[Datum, ...] = ()

    @property
    def provisional(self) -> bool:
        """Whether an open appraisal may change it."""
        return bool(self.subject_to)


class Action(Struct, frozen=True):
    """Something to do, by whom, and the rules that it would satisfy."""

    text: str
    party: str
    rules: tuple[str, ...]


class Repair(Struct, frozen=True):
    """The fewest actions after which nothing would stand against acceptance; impossible when a rejection stands.

    `renewal` is what the rules that reject advise for a new request: it never cures this one.
    """

    possible: bool
    actions: tuple[Action, ...]
    obstacles: tuple[str, ...]
    renewal: tuple[Action, ...] = ()


class TraceTest(Struct, frozen=True):
    """One test of a check as it was evaluated: the expression, its truth value, and the values that it read."""

    text: str
    value: bool | None
    data: tuple[Datum, ...]


class TraceLine(Struct, frozen=True):
    """How one check came to its outcome: the tests passed, in order, up to the one that answered."""

    rule: str
    cause: str
    outcome: str
    tests: tuple[TraceTest, ...]


class AppliedVersion(Struct, frozen=True):
    """A day at which a request reads its parameters (its reception or the decision), and the version then in force.

    `day` is None when the reception has no date; `version` then too, and before the first version.
    """

    by_decision: bool
    day: date | None
    version: Version | None


class HouseDefault(Struct, frozen=True):
    """A choice of the pack where the text is silent: a rule (`value` is None) or the value of a parameter, and why.

    `rules` are those that rest on it.
    """

    name: str
    title: str
    reason: str
    source: str
    value: Any
    type: Type
    parameter: bool
    rules: tuple[str, ...] = ()


class RequestDecision(Struct, frozen=True):
    """The decision on one request.  `findings` holds every rule, in the order of the pack.

    `defaults` are the choices of the pack that counted, where the text is silent.
    """

    name: str
    title: str
    received: Any
    verdict: Verdict
    provisional: bool
    findings: tuple[Finding, ...]
    amounts: tuple[AmountLine, ...]
    proposed: AmountLine | None
    repair: Repair
    trace: tuple[TraceLine, ...] = ()
    versions: tuple[AppliedVersion, ...] = ()
    # which of several requests of one name, when a dossier holds several
    key: str = ""
    # whether nothing is left to pay: it was paid, or refused; None when it cannot be told
    settled: bool | None = False
    defaults: tuple[HouseDefault, ...] = ()

    @property
    def payable(self) -> AmountLine | None:
        """What is to be paid now: the proposed amount of a request accepted for good, unless it was paid already."""
        sure = self.verdict is Verdict.ACCEPT and not self.provisional and self.settled is False
        return self.proposed if sure and self.proposed is not None and not self.proposed.provisional else None

    def counts(self) -> dict[Result, int]:
        """How many findings have each result."""
        found = dict.fromkeys(Result, 0)
        for finding in self.findings:
            found[finding.result] += 1
        return found


class RecoveryCase(Struct, frozen=True):
    """A case in which money may have to be paid back, and the step that a human is asked to take."""

    rule: str
    title: str
    modality: str
    step: str
    message: str
    basis: str
    amount: AmountLine
    source: str
    requirements: tuple[str, ...]
    closed: bool
    missing: tuple[Datum, ...] = ()


class AppraisalState(StrEnum):
    """Where a human judgement stands."""

    OPEN = "ouverte"
    RECORDED = "consignee"
    EXPIRED = "expiree"
    INVALID = "invalide"


class AppraisalLine(Struct, frozen=True):
    """A question that only a human may answer, for which requests, and what the dossier records of the answer."""

    rule: str
    title: str
    question: str
    answers: tuple[str, ...]
    requests: tuple[str, ...]
    state: AppraisalState
    source: str
    record: Mapping[str, Any]
    reason: str = ""


class Receipt(Struct, frozen=True):
    """What the decision was computed from: versions and SHA-256 digests, enough to compute it again."""

    engine: str
    engine_sha256: str
    programme: str
    pack_sha256: str
    schema_sha256: str
    dossier_sha256: str
    decided_on: date
    versions: Mapping[str, str] = {}


class EvidenceLine(Struct, frozen=True):
    """What an attached proof and the dossier do not agree on.

    `level`: `ecart` (they contradict each other), `non_verifiable` (the proof does not settle it), `remarque`.
    """

    level: str
    field: str
    message: str
    stated: int | str | None
    proven: int | str | None


class Decision(Struct, frozen=True):
    """Everything that is answered about a dossier."""

    name: str
    reference: str
    programme: str
    title: str
    version: Version | None
    decided_on: date
    requests: tuple[RequestDecision, ...]
    recovery: tuple[RecoveryCase, ...]
    recovery_findings: tuple[Finding, ...]
    appraisals: tuple[AppraisalLine, ...]
    receipt: Receipt
    parties: Mapping[str, Party] = {}
    recovery_trace: tuple[TraceLine, ...] = ()
    evidence: tuple[EvidenceLine, ...] | None = None
    recovery_defaults: tuple[HouseDefault, ...] = ()

    def request(self, name: str, key: str = "") -> RequestDecision:
        """The decision on one request; KeyError when it was not decided."""
        for one in self.requests:
            if (one.name, one.key) == (name, key):
                return one
        raise KeyError(name)

    @property
    def accepted(self) -> bool:
        """Whether nothing is left to do: requests accepted for good, no case or question open, no doubtful figure."""
        return (
            all(r.verdict is Verdict.ACCEPT and not r.provisional for r in self.requests)
            and all(case.closed for case in self.recovery)
            and not any(_calls(finding) for finding in self.recovery_findings)
            and all(line.level == "remarque" for line in self.evidence or ())
        )


def _calls(finding: Finding) -> bool:
    """Whether a finding calls for something to be done, by a human or by whoever holds a datum."""
    failed = finding.result is Result.FAILED and finding.consequence is not Consequence.SIGNAL
    return failed or finding.result in (Result.MISSING, Result.TO_APPRAISE)
