"""The decision as immutable values; `report` turns it into JSON (schemas/decision.schema.json) or text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from recevable.inference.agreement import Sample
from recevable.language.types import Type
from recevable.pack.model import Consequence, Party, Result, Version


class Verdict(StrEnum):
    """The answer to a request, the most severe first."""

    REJECT = "rejeter"
    UNDECIDABLE = "indecidable"
    COMPLETE = "completer"
    ACCEPT = "accepter"


class DatumOrigin(StrEnum):
    """The origin of a datum: the dossier, a parameter, a human answer, a name that no rule gave, a calculation.

    REQUEST: what is not decided yet about a request.
    """

    FIELD = "champ"
    PARAMETER = "parametre"
    ANSWER = "reponse"
    VALUE = "valeur"
    CALCULATION = "calcul"
    REQUEST = "demande"


class Datum(Struct, frozen=True):
    """A value that a rule read: path or name, title, type, and value (None when unknown).

    A missing datum that is not a field has its origin as a prefix: `parametre:plafond`.  `fault` explains why an
    operation on known values has no result: a division by zero, a date outside the calendar.
    """

    name: str
    title: str
    type: Type
    value: Any
    fault: str = ""
    origin: DatumOrigin = DatumOrigin.FIELD


class Element(Struct, frozen=True):
    """An element of a list that rules examine one by one: its list, its key, what it is called and where it is."""

    list: str
    key: str
    label: str
    place: str


class Finding(Struct, frozen=True):
    """The result of one rule on one request, for one cause.

    `consequence` is None unless the result is a failure or a missing datum; `missing` are the data that prevented the
    rule from answering; `values` are those it compared; `element` is the one that the rule was about, if it was.
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
    element: Element | None = None


# An enumeration makes its list anew each time.
_RESULTS: Final = tuple(Result)
# The rank of a result in the counts of a part.
SATISFIED: Final = _RESULTS.index(Result.SATISFIED)


class Part(Struct, frozen=True):
    """Consecutive findings of a decision, with the number of them for each result.

    One that says nothing of the dossier (no finding of it is `notable`) is the same object in many decisions.
    """

    findings: tuple[Finding, ...]
    notable: bool
    counts: tuple[int, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding], *, notable: bool) -> Part:
        """The part with these findings."""
        results = [finding.result for finding in findings]
        return cls(tuple(findings), notable, tuple([results.count(result) for result in _RESULTS]))


def _all(parts: Sequence[Part]) -> tuple[Finding, ...]:
    return tuple([finding for part in parts for finding in part.findings])


def _notable(parts: Sequence[Part]) -> list[Finding]:
    return [finding for part in parts if part.notable for finding in part.findings]


def labelled(name: str, key: str) -> str:
    """What names a request, or a question about it, among others of the same name: `embauche:3`."""
    return f"{name}:{key}" if key else name


class AmountStep(Struct, frozen=True):
    """One operation of a calculation: its name in `language.operations`, its operands and its result.

    For `somme` the operands are the elements of the list and `elements` their number; a long sum has no operands.
    `called` is how a sentence calls each category that a grid was read for.
    """

    operation: str
    operands: tuple[Any, ...]
    value: Any
    elements: int = 0
    called: tuple[Any, ...] = ()


class AmountLine(Struct, frozen=True):
    """A number of the decision: its value (None: unknown), the rule that gives it and its calculation.

    `steps` are the operations, innermost first; `missing` the data that make the value unknown; `subject_to` the open
    appraisals that may change it.
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
        """Whether an open appraisal may change the amount."""
        return bool(self.subject_to)


class ElementLine(Struct, frozen=True):
    """What was decided on an element of a list: whether it is set aside (None: not known), by which rules, its numbers.

    What is set aside counts in no amount of the request.
    """

    element: Element
    set_aside: bool | None
    rules: tuple[str, ...]
    amounts: tuple[AmountLine, ...]


class Action(Struct, frozen=True):
    """An action to take, the party who must take it, and the ids of the rules that it would satisfy.

    `words` is the text for an applicant, without the paths of the dossier that `text` gives.
    """

    text: str
    party: str
    rules: tuple[str, ...]
    words: str


class Repair(Struct, frozen=True):
    """The fewest actions that remove every obstacle to acceptance; impossible when a rule rejects the request.

    `renewal` is what the rejecting rules advise for a new request; it cannot repair this one.
    """

    possible: bool
    actions: tuple[Action, ...]
    obstacles: tuple[str, ...]
    renewal: tuple[Action, ...] = ()


class TraceTest(Struct, frozen=True):
    """One evaluated test of a check: its expression, its truth value (None: unknown) and the values it read.

    `place` is where it is written, `regles/avance.yaml:12`; empty for a test that no rule writes.
    """

    text: str
    value: bool | None
    data: tuple[Datum, ...]
    place: str = ""


class TraceLine(Struct, frozen=True):
    """The tests of one check, in order, up to the one that gave the outcome."""

    rule: str
    cause: str
    outcome: str
    tests: tuple[TraceTest, ...]
    element: str = ""


class AppliedVersion(Struct, frozen=True):
    """A day that decides which text a request meets, and the version in force on it.

    It is the day on which parameters are read (reception or decision) or, when `text`, that of the text that applies to
    the request.  `day` is None when it is not known; `version` is None then, and before the first version.
    """

    by_decision: bool
    day: date | None
    version: Version | None
    text: bool = False


class HouseDefault(Struct, frozen=True):
    """A choice of the pack where the text is silent: a rule (`value` is None) or a parameter value, and the reason.

    `rules` are the ids of the rules that depend on it.
    """

    name: str
    title: str
    reason: str
    source: str
    value: Any
    type: Type
    parameter: bool
    rules: tuple[str, ...] = ()


class Maximum(Struct, frozen=True):
    """What a request may never pay more than: an amount or a parameter of the pack, in euros (None: unknown)."""

    name: str
    title: str
    value: Decimal | None


class RequestDecision(Struct, frozen=True):
    """The decision on one request; `parts` hold the findings of every rule, in the order of the pack.

    `defaults` are the pack's own choices, where the text is silent, that affected the result.
    """

    name: str
    title: str
    received: Any
    verdict: Verdict
    provisional: bool
    parts: tuple[Part, ...]
    amounts: tuple[AmountLine, ...]
    proposed: AmountLine | None
    repair: Repair
    trace: tuple[TraceLine, ...] = ()
    versions: tuple[AppliedVersion, ...] = ()
    # tells requests of the same name apart, when a dossier holds several
    key: str = ""
    # where the request is in the dossier: `avance`, `embauches[2]`
    place: str = ""
    # True when nothing is left to pay (already paid, or refused); None when unknown
    settled: bool | None = False
    defaults: tuple[HouseDefault, ...] = ()
    # the elements of the lists that rules examine one by one, when a rule sets some aside or gives them a number
    elements: tuple[ElementLine, ...] = ()
    # what bounds the sum to pay, whatever the verdict; None when the pack declares no maximum
    maximum: Maximum | None = None

    @property
    def label(self) -> str:
        """Its name, and its key if it has one: `embauche:3`."""
        return labelled(self.name, self.key)

    @property
    def payable(self) -> AmountLine | None:
        """The amount to pay now: the proposed amount of a finally accepted request, None if it was already paid."""
        sure = self.verdict is Verdict.ACCEPT and not self.provisional and self.settled is False
        return self.proposed if sure and self.proposed is not None and not self.proposed.provisional else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, in the order of the pack."""
        return _all(self.parts)

    @property
    def notable(self) -> list[Finding]:
        """The findings that say something of the dossier: all that are neither satisfied nor not applicable."""
        return _notable(self.parts)

    @property
    def totals(self) -> tuple[int, ...]:
        """The number of findings for each result, in the order of results."""
        counts = [part.counts for part in self.parts] or [(0,) * len(_RESULTS)]
        return tuple(map(sum, zip(*counts, strict=True)))

    def counts(self) -> dict[Result, int]:
        """The number of findings for each result."""
        return dict(zip(_RESULTS, self.totals, strict=True))


class RecoveryCase(Struct, frozen=True):
    """A case in which money may have to be paid back, and the procedure step proposed to a human."""

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
    """The state of a human appraisal."""

    OPEN = "ouverte"
    RECORDED = "consignee"
    EXPIRED = "expiree"
    INVALID = "invalide"


class AppraisalLine(Struct, frozen=True):
    """A question that only a human may answer, the requests (by label) that it affects, and the recorded answer."""

    rule: str
    title: str
    question: str
    answers: tuple[str, ...]
    requests: tuple[str, ...]
    state: AppraisalState
    source: str
    record: Mapping[str, Any]
    reason: str = ""
    # the key of the request that the question is about, when it is asked for each element of a list
    key: str = ""

    @property
    def label(self) -> str:
        """Where a dossier records the answer, under `appreciations`: `APP-CONTRAT`, `APP-CONTRAT:3`."""
        return labelled(self.rule, self.key)


class Receipt(Struct, frozen=True):
    """What the decision was computed from: versions and SHA-256 digests, sufficient to reproduce it.

    `sample`: how the agreement of both evaluators was kept by sampling; None when both computed every value.
    """

    engine: str
    engine_sha256: str
    programme: str
    pack_sha256: str
    schema_sha256: str
    dossier_sha256: str
    decided_on: date
    versions: Mapping[str, str] = {}
    sample: Sample | None = None


class EvidenceLine(Struct, frozen=True):
    """A mismatch between the attached proof and the dossier.

    `level`: `ecart` (they contradict each other), `non_verifiable` (the proof cannot confirm it), `remarque`.
    """

    level: str
    field: str
    message: str
    stated: int | str | None
    proven: int | str | None


class Decision(Struct, frozen=True):
    """The complete decision on a dossier: the same dossier, pack and day give equal decisions.

    `reference` is what the dossier states; empty when it states none.
    """

    reference: str
    programme: str
    title: str
    version: Version | None
    decided_on: date
    requests: tuple[RequestDecision, ...]
    recovery: tuple[RecoveryCase, ...]
    recovery_parts: tuple[Part, ...]
    appraisals: tuple[AppraisalLine, ...]
    receipt: Receipt
    parties: Mapping[str, Party] = {}
    recovery_trace: tuple[TraceLine, ...] = ()
    evidence: tuple[EvidenceLine, ...] | None = None
    # whether undue payments were looked for by name
    recovery_asked: bool = False
    recovery_defaults: tuple[HouseDefault, ...] = ()

    def request(self, name: str, key: str = "") -> RequestDecision:
        """The decision on request `name`, for the element `key` where there is one for each; KeyError: not decided."""
        for one in self.requests:
            if (one.name, one.key) == (name, key):
                return one
        raise KeyError(f"{name}:{key}" if key else name)

    @property
    def recovery_findings(self) -> tuple[Finding, ...]:
        """The findings of the search for undue payments that are no case, in the order of the pack."""
        return _all(self.recovery_parts)

    @property
    def recovery_notable(self) -> list[Finding]:
        """Those of them that say something of the dossier."""
        return _notable(self.recovery_parts)

    @property
    def accepted(self) -> bool:
        """Whether nothing is left to do: requests finally accepted, no open case or question, no doubtful figure."""
        return (
            # zero requests decided is never an acceptance
            bool(self.requests or self.recovery_asked)
            and all(r.verdict is Verdict.ACCEPT and not r.provisional for r in self.requests)
            and all(case.closed for case in self.recovery)
            and not any(_calls(finding) for finding in self.recovery_notable)
            and all(line.level == "remarque" for line in self.evidence or ())
        )


def _calls(finding: Finding) -> bool:
    """Whether someone must act on a finding: a human, or a party that holds missing data."""
    failed = finding.result is Result.FAILED and finding.consequence is not Consequence.SIGNAL
    return failed or finding.result in (Result.MISSING, Result.TO_APPRAISE)
