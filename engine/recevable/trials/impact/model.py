"""The impact of a change of a pack, as values; `report` formats them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from recevable.decision.model import Verdict
from recevable.language.types import Type
from recevable.pack.model import Consequence, Document, Result, Value

# Used instead of a verdict: the request exists on the other side only, or the dossier is invalid for this schema.
ABSENT: Final = "absent"
UNREADABLE: Final = "illisible"
# An acceptance that a person may still turn into something else is not one yet: a state of its own.
RESERVED: Final = "accepter_sous_reserve"
# Every state of a request, best first: the rows and columns of a matrix.
STATES: Final = (
    *(state for verdict in reversed(Verdict) for state in (str(verdict), *([RESERVED] * (verdict is Verdict.ACCEPT)))),
    ABSENT,
    UNREADABLE,
)


class DaySource(StrEnum):
    """The origin of the day of a decision."""

    OPTION = "option"
    EXPECTED = "attendu"
    TODAY = "aujourd_hui"


class OriginKind(StrEnum):
    """The kind of element of a pack that may change."""

    PARAMETER = "parametre"
    RULE = "regle"
    PROGRAMME = "programme"
    FIELD = "champ"


class Origin(Struct, frozen=True, order=True):
    """An element of a pack that a result depends on; `name` is empty for the manifest."""

    kind: OriginKind
    name: str


# --- what changed in the pack -----------------------------------------------------------------------------------------


class ChangeKind(StrEnum):
    """What happened to a rule, a parameter or a key."""

    ADDED = "ajoute"
    REMOVED = "retire"
    CHANGED = "modifie"


class KeyChange(Struct, frozen=True):
    """A YAML key, as a path (`si_depasse.consequence`), with its text on both sides; None: absent.

    `effective`: the change may affect a decision, not only wording.
    """

    key: str
    before: str | None
    after: str | None
    effective: bool


class Period(Struct, frozen=True):
    """A period, both days inclusive, on which a parameter has another value; a value is None when none is in force."""

    start: date
    end: date | None
    before: Value | None
    after: Value | None


class PartChange(Struct, frozen=True):
    """A rule or parameter that changed.  `effective`: it may affect a decision, not only wording.

    `follows`: the rule that ends the day before this one, which is added, begins; `keys` are then what it says
    otherwise than that rule, its title, its days and its examples aside.
    """

    origin: Origin
    title: str
    kind: ChangeKind
    effective: bool
    file: str
    line: int
    keys: tuple[KeyChange, ...] = ()
    follows: str = ""


class ParameterChange(Struct, frozen=True):
    """A parameter that changed, and the periods in which its values differ.

    It is read on the day of the decision, of a field of the dossier (`read_on`), or else of the reception; `stated`
    when the pack says so.
    """

    part: PartChange
    type: Type
    periods: tuple[Period, ...]
    by_decision: bool = False
    read_on: str = ""
    stated: bool = False


class PackChanges(Struct, frozen=True):
    """All differences between two packs; `fields` are those added, removed or of another type."""

    parameters: tuple[ParameterChange, ...]
    rules: tuple[PartChange, ...]
    programme: tuple[KeyChange, ...]
    fields: tuple[tuple[str, ChangeKind], ...]
    schema: bool
    origins: frozenset[Origin]

    @property
    def parts(self) -> tuple[PartChange, ...]:
        """The parameters and the rules that changed."""
        return (*(change.part for change in self.parameters), *self.rules)

    @property
    def any(self) -> bool:
        """Whether anything differs at all."""
        return bool(self.parameters or self.rules or self.programme or self.schema)


class Why(StrEnum):
    """Why a place is worth reading again."""

    SAME_VALUE = "meme_valeur"
    QUOTED = "valeur_citee"
    LEFT_OUT = "liste_sans_l_ajout"
    COUNTED = "nombre_ecrit"
    VERSION = "version"


class Elsewhere(Struct, frozen=True, order=True):
    """A place to read again because of a change; `element` names what is there, `text` quotes it.

    `subject` is the parameter or field that changed; `line` is 0 when the file has no single place for it.
    """

    why: Why
    subject: str
    file: str
    line: int
    element: str
    text: str


# --- what it does to a dossier ----------------------------------------------------------------------------------------


class Proposed(Struct, frozen=True):
    """The amount that a request proposes: exact euros, or None when unknown (which is not 0)."""

    value: Decimal | None
    provisional: bool


class Side(Struct, frozen=True):
    """The answer of one pack to a request; `proposed` is None when the request has no amount."""

    state: str
    provisional: bool = False
    proposed: Proposed | None = None

    @property
    def payable(self) -> Decimal | None:
        """Euros to pay now: the amount of a finally accepted request, else 0; None when unknown."""
        return self._euros(reserved=False)

    @property
    def reserved(self) -> Decimal | None:
        """Euros withheld by an appraisal: the amount of a provisionally accepted request, else 0; None when unknown."""
        return self._euros(reserved=True)

    def _euros(self, *, reserved: bool) -> Decimal | None:
        if self.state == UNREADABLE:
            return None
        if self.state not in (Verdict.ACCEPT, RESERVED) or self.proposed is None:
            return Decimal(0)
        held = self.provisional or self.proposed.provisional
        return self.proposed.value if held is reserved else Decimal(0)


class Mark(Struct, frozen=True):
    """The result of a rule on one side; `message` is wording and is not compared."""

    result: Result
    consequence: Consequence | None
    missing: tuple[str, ...]
    message: str
    source: str


class FindingChange(Struct, frozen=True):
    """A finding (rule and cause) that appeared (`before` None), disappeared (`after` None) or changed."""

    rule: str
    title: str
    cause: str
    before: Mark | None
    after: Mark | None
    origins: tuple[Origin, ...]


class AmountChange(Struct, frozen=True):
    """A number of the calculation that changed; `shown_*` is False when that side does not compute it."""

    name: str
    title: str
    type: Type
    shown_before: bool
    before: Decimal | None
    shown_after: bool
    after: Decimal | None
    origins: tuple[Origin, ...]


class Cause(Struct, frozen=True):
    """A rule that changes a request, and the changes of the pack that reach it; certain with a single change.

    `effect` is `verdict`, `provisoire` or `montant`; only the first two have marks.  `before` is None when the finding
    is new, `after` when it disappeared; with both, its consequence changed.
    """

    effect: str
    rule: str
    title: str
    message: str
    origins: tuple[Origin, ...]
    before: Mark | None = None
    after: Mark | None = None

    @property
    def certain(self) -> bool:
        """Whether only one change can explain it."""
        return len(self.origins) == 1


class RequestImpact(Struct, frozen=True):
    """The effect on one request."""

    name: str
    title: str
    before: Side
    after: Side
    causes: tuple[Cause, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    amounts: tuple[AmountChange, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything but wording changed: the steps of a calculation whose result is the same change nothing."""
        recalculated = any(amount.shown_before and amount.shown_after for amount in self.amounts)
        return self.before != self.after or bool(self.findings) or (recalculated and not self.about_money)

    @property
    def moved(self) -> bool:
        """Whether the verdict changed."""
        return self.before.state != self.after.state

    @property
    def about_money(self) -> bool:
        """Whether the request has an amount on either side."""
        return self.before.proposed is not None or self.after.proposed is not None

    @property
    def proposed_difference(self) -> Decimal | None:
        """The change of the proposed amount in euros, whatever the verdict; None unless known on both sides."""
        before, after = self.before.proposed, self.after.proposed
        if before is None or after is None or before.value is None or after.value is None:
            return None
        return after.value - before.value

    @property
    def payable_difference(self) -> Decimal | None:
        """The change of the amount to pay in euros; None without an amount or when a side is unknown."""
        return self._difference(self.before.payable, self.after.payable)

    @property
    def reserved_difference(self) -> Decimal | None:
        """The change of the amount withheld by an appraisal, in euros; None as above."""
        return self._difference(self.before.reserved, self.after.reserved)

    def _difference(self, before: Decimal | None, after: Decimal | None) -> Decimal | None:
        if not self.about_money or before is None or after is None:
            return None
        return after - before


class CaseSide(Struct, frozen=True):
    """A recovery case on one side; `amount` in euros, None when unknown."""

    step: str
    modality: str
    basis: str
    closed: bool
    amount: Decimal | None
    provisional: bool
    missing: tuple[str, ...]


class CaseImpact(Struct, frozen=True):
    """A recovery case that changed; None on a side where it is not established."""

    rule: str
    title: str
    before: CaseSide | None
    after: CaseSide | None
    origins: tuple[Origin, ...]

    @property
    def difference(self) -> Decimal | None:
        """The change of the amount at stake and not closed, in euros; None when an amount is unknown."""
        before, after = _claimed(self.before), _claimed(self.after)
        return None if before is None or after is None else after - before


def _claimed(side: CaseSide | None) -> Decimal | None:
    return Decimal(0) if side is None or side.closed else side.amount


class Reason(StrEnum):
    """Why a dossier needs review, the most important first."""

    REJECTED = "accepte_puis_rejete"
    UNDECIDABLE = "devient_indecidable"
    UNREADABLE = "devient_illisible"
    NOT_ACCEPTED = "n_est_plus_accepte"
    NEWLY_REJECTED = "devient_rejete"
    NEWLY_ACCEPTED = "devient_accepte"
    VERDICT = "autre_verdict"
    RECOVERY = "recouvrement"
    AMOUNT = "montant"
    APPRAISAL = "appreciation"
    FINDING = "constats"

    @property
    def weight(self) -> int:
        """Its rank; 0 is the most important."""
        return list(Reason).index(self)


class DossierImpact(Struct, frozen=True):
    """A dossier that changes: its changed requests and recovery cases, and why it needs review.

    `refusal_*` is the first fault found by a schema that rejects the dossier.
    """

    name: str
    reference: str
    day: date
    day_source: DaySource
    requests: tuple[RequestImpact, ...]
    cases: tuple[CaseImpact, ...]
    recovery: tuple[FindingChange, ...]
    reasons: tuple[Reason, ...]
    refusal_before: str = ""
    refusal_after: str = ""

    @property
    def moved(self) -> bool:
        """Whether the verdict of a request changed."""
        return any(request.moved for request in self.requests)

    @property
    def euros(self) -> Decimal:
        """The euros that change, used to sort dossiers with the same reason: to pay, else withheld, else proposed."""
        moves = [case.difference for case in self.cases]
        moves += [
            request.payable_difference or request.reserved_difference or request.proposed_difference
            for request in self.requests
        ]
        return sum((abs(move) for move in moves if move is not None), Decimal(0))


# --- the whole --------------------------------------------------------------------------------------------------------


class Balance(Struct):
    """Sums of differences in euros, with counts, increases and decreases apart; `unknown`: known on one side only."""

    more: Decimal = Decimal(0)
    more_count: int = 0
    less: Decimal = Decimal(0)
    less_count: int = 0
    unknown: int = 0

    def add(self, difference: Decimal | None) -> None:
        """Count a difference; None when it is unknown."""
        if difference is None:
            self.unknown += 1
        elif difference > 0:
            self.more, self.more_count = self.more + difference, self.more_count + 1
        elif difference < 0:
            self.less, self.less_count = self.less - difference, self.less_count + 1

    def merge(self, other: Balance) -> None:
        """Add the counts of another balance."""
        self.more, self.more_count = self.more + other.more, self.more_count + other.more_count
        self.less, self.less_count = self.less + other.less, self.less_count + other.less_count
        self.unknown += other.unknown

    @property
    def net(self) -> Decimal:
        """Increases minus decreases."""
        return self.more - self.less


class RequestTotals(Struct):
    """Totals for one kind of request over all dossiers: the matrix of verdicts, and the euros."""

    title: str
    matrix: dict[tuple[str, str], int] = {}
    payable: Balance = field(default_factory=Balance)
    reserved: Balance = field(default_factory=Balance)
    proposed: Balance = field(default_factory=Balance)

    def merge(self, other: RequestTotals) -> None:
        """Add other totals of the same request."""
        _add_counts(self.matrix, other.matrix)
        self.payable.merge(other.payable)
        self.reserved.merge(other.reserved)
        self.proposed.merge(other.proposed)

    @property
    def moved(self) -> int:
        """The number of verdicts that changed."""
        return sum(count for (before, after), count in self.matrix.items() if before != after)


class Wording(Struct, frozen=True, order=True):
    """The message of a rule for a cause, before and after, in one of the `count` findings where it differs."""

    before: str
    after: str
    rule: str
    title: str
    count: int = 1

    def merge(self, other: Wording | None) -> Wording:
        """The same message in more findings; the example is the first in alphabetical order."""
        if other is None:
            return self
        return replace(min(self, other), count=self.count + other.count)


class Tally(Struct):
    """The counts for a set of dossiers; tallies from several processes can be merged in any order.

    `lacking` are the dossiers that the earlier pack decides without the data that only the later one knows; `without`
    are the dossiers without any of the requests, `reworded` those where only wording differs, `recalculated`
    those where steps of a calculation differ and its result does not; `applied` counts, for each rule that was added,
    the dossiers to which it applies; `wordings` are by rule and cause.
    """

    changed: list[DossierImpact] = []
    decided: int = 0
    reworded: int = 0
    lacking: int = 0
    recalculated: int = 0
    without: int = 0
    days: dict[tuple[DaySource, date], int] = {}
    applied: dict[str, int] = {}
    wordings: dict[tuple[str, str], Wording] = {}
    totals: dict[str, RequestTotals] = {}
    payable: Balance = field(default_factory=Balance)
    reserved: Balance = field(default_factory=Balance)
    proposed: Balance = field(default_factory=Balance)
    recovery: Balance = field(default_factory=Balance)

    def merge(self, other: Tally) -> None:
        """Add the counts of another tally."""
        self.changed += other.changed
        self.decided += other.decided
        self.reworded += other.reworded
        self.lacking += other.lacking
        self.recalculated += other.recalculated
        self.without += other.without
        _add_counts(self.days, other.days)
        _add_counts(self.applied, other.applied)
        for key, wording in other.wordings.items():
            self.wordings[key] = wording.merge(self.wordings.get(key))
        for name, totals in other.totals.items():
            self.totals.setdefault(name, RequestTotals(totals.title)).merge(totals)
        for mine, theirs in (
            (self.payable, other.payable),
            (self.reserved, other.reserved),
            (self.proposed, other.proposed),
            (self.recovery, other.recovery),
        ):
            mine.merge(theirs)


_Key = TypeVar("_Key")


def _add_counts(mine: dict[_Key, int], theirs: Mapping[_Key, int]) -> None:
    for key, count in theirs.items():
        mine[key] = mine.get(key, 0) + count


class Version(Struct, frozen=True):
    """One of the two packs: its name, the commit it was read from (or empty), and its digest."""

    name: str
    commit: str
    sha256: str


class Possible(Struct, frozen=True):
    """A change that none of the dossiers compared shows: a dossier that does, or the reason why it is not decided.

    `title` says that it never happens; `decisions` are those of both packs on the dossier.
    """

    id: str
    title: str
    reason: str = ""
    day: date | None = None
    near: str = ""
    decisions: tuple[str, ...] = ()
    dossier: bytes = b""


class Possibilities(Struct, frozen=True):
    """What may change for other dossiers than those compared, of `asked` changes, within the bounds of a proof."""

    asked: int
    within: str
    changes: tuple[Possible, ...]


class Impact(Struct, frozen=True):
    """The whole comparison; `dossiers` are those that change, the most important first.

    `decided` dossiers were decided by both packs (or by the one that accepts them); `without` have nothing to decide;
    `idle` are the rules added that apply to none of them; `wordings` are the messages that read otherwise, `elsewhere`
    the places of the pack to read again; `recalculated` dossiers have other steps and the same amounts.
    """

    programme: str
    title: str
    before: Version
    after: Version
    changes: PackChanges
    decided: int
    dossiers: tuple[DossierImpact, ...]
    reworded: int
    without: int
    days: Mapping[tuple[DaySource, date], int]
    requests: Mapping[str, RequestTotals]
    payable: Balance
    reserved: Balance
    proposed: Balance
    recovery: Balance
    idle: tuple[str, ...] = ()
    wordings: tuple[Wording, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    recalculated: int = 0
    documents: tuple[Document, ...] = ()
    lacking: int = 0
    # None when it was not asked
    possible: Possibilities | None = None

    def beyond(self, period: Period) -> bool:
        """Whether a value changes after the last decision day compared, so that no dossier can show it."""
        return bool(self.days) and period.start > max(day for _, day in self.days)

    @property
    def unchanged(self) -> int:
        """The number of dossiers that do not change."""
        return self.decided - len(self.dossiers)

    @property
    def moved(self) -> int:
        """The number of dossiers with a request whose verdict changed."""
        return sum(dossier.moved for dossier in self.dossiers)
