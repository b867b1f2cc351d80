"""The values of a rule pack: rules as written, and rules compiled for one request.

A *check* is a question with exactly one answer: a chain of three-valued tests, each of which answers or passes on to
the next.  Both engines run the same checks; a rule has one check per way it can fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from recevable.dossier.fields import APPLICANT as APPLICANT
from recevable.dossier.formats import YEARS, Years
from recevable.language.calendar import Duration
from recevable.language.diagnostics import Span
from recevable.language.evaluate import Layout
from recevable.language.history import History
from recevable.language.tree import DEDUCTION, EACH, LITERAL, Expr
from recevable.language.types import TEXT, Type
from recevable.pack.delays import CountedDelays
from recevable.pack.nodes import File, Node, Scalar
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.registers.contract import Register

# The file that marks a folder as a pack.
MANIFEST: Final = "programme.yaml"
RECOVERY: Final = "recouvrement"
# The key of a dossier that records the answers to questions.
APPRAISALS: Final = "appreciations"
WHEN: Final = "quand"
# The YAML key of the condition of a cause.
IF: Final = "si"
# How binding the text is on money to be paid back, and how reliable the amount is; with their French names.
MODALITIES: Final = {
    "obligatoire": "obligatoire : le texte impose le reversement",
    "facultative": "facultative : le texte le permet",
    "non_precisee": "non précisée par le texte",
}
BASES: Final = {"exact": "montant exact", "maximum": "montant maximal", "proposition": "montant proposé"}


class Result(StrEnum):
    """The result of one check; each one is kept as such in the decision."""

    __hash__ = str.__hash__  # that of Enum is a call of Python

    SATISFIED = "satisfait"
    FAILED = "non_satisfait"
    MISSING = "manquant"
    NOT_APPLICABLE = "sans_objet"
    TO_APPRAISE = "a_apprecier"


class Consequence(StrEnum):
    """The effect of a failure on the request."""

    __hash__ = str.__hash__  # that of Enum is a call of Python

    REJECT = "rejeter"
    COMPLETE = "completer"
    SIGNAL = "signaler"
    SET_ASIDE = "ecarter"


class Outcome(Struct, frozen=True):
    """A result, and the cause of a failure or the recovery step."""

    result: Result
    cause: str = ""

    def __str__(self) -> str:
        return f"{self.result}:{self.cause}" if self.cause else str(self.result)


SATISFIED: Final = Outcome(Result.SATISFIED)
MISSING: Final = Outcome(Result.MISSING)
NOT_APPLICABLE: Final = Outcome(Result.NOT_APPLICABLE)
TO_APPRAISE: Final = Outcome(Result.TO_APPRAISE)


def failed(cause: str) -> Outcome:
    """The outcome of a failure by the named cause."""
    return Outcome(Result.FAILED, cause)


class Written(Struct, frozen=True):
    """An expression as written: its rule, its path of keys and indices, its text, and its cause.

    `role` is its purpose, in French; `name`: it only names a field and contains nothing to change.
    """

    rule: str
    path: tuple[str | int, ...]
    text: Scalar
    cause: str = ""
    role: str = ""
    name: bool = False

    @property
    def key(self) -> str:
        """The last key of its path."""
        return str(self.path[-1])


class Step(Struct, frozen=True):
    """A test of a chain; for each truth value an outcome, or None to pass on to the next test.

    `written` are the expressions that the test is made of; diagnostics point at the last one.  `implied`: it is
    the same in every rule about an element of a list.
    """

    test: Expr
    true: Outcome | None
    false: Outcome | None
    unknown: Outcome | None = MISSING
    written: tuple[Written, ...] = ()
    implied: bool = False

    def answer(self, value: bool | None) -> Outcome | None:
        """The outcome for a truth value."""
        return self.unknown if value is None else self.true if value else self.false


class Check(Struct, frozen=True):
    """One question of a rule: the outcome of the first test that answers, else `final`."""

    rule: str
    cause: str
    steps: tuple[Step, ...]
    final: Outcome

    @property
    def own(self) -> Check:
        """The check with its own tests only."""
        return Check(self.rule, self.cause, tuple(step for step in self.steps if not step.implied), self.final)


class Template(Struct, frozen=True):
    """Alternating texts and expressions; the last part is a text."""

    texts: tuple[str, ...]
    exprs: tuple[Expr, ...]


class InForce(Struct, frozen=True):
    """The first and last days on which a text is in force (None: no limit on that side).

    `on` is the day that counts: the reception, the decision or a date of the dossier; None: that of the text applied to
    the request.
    """

    start: date | None
    end: date | None
    on: Scalar | None
    span: Span

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class AppliedText(Struct, frozen=True):
    """The day whose text applies to a request: the reception, the decision or a date of the dossier.

    `returned` is the date, if any, on which the request was sent back to be completed: the text of that day then
    applies.
    """

    on: Scalar
    returned: Scalar | None = None


class Cause(Struct, frozen=True):
    """A way a rule can fail, or a recovery step: its consequence, its message and its place.

    A defect may be one on some days only (`in_force`).
    """

    name: str
    message: Scalar
    path: tuple[str | int, ...]
    consequence: Consequence | None = None
    repair: str = ""
    when: Scalar | None = None
    party: Scalar | None = None
    result: Result = Result.FAILED
    in_force: InForce | None = None


class Rounding(Struct, frozen=True):
    """Round to a multiple of `step`, in a direction of `operations.ROUNDINGS`."""

    step: str
    direction: str


class Defined(Struct, frozen=True):
    """The name that a rule defines; `key` is the YAML key of the expression of its value.

    `op` reads it: DEDUCTION for a truth value, defined by one rule; AMOUNT_NAME for a number, which several rules may
    define.  `subject_to` lists the questions that make it provisional while open.
    """

    name: Scalar
    op: str
    type: Type
    key: str
    rounding: Rounding | None = None
    subject_to: tuple[Scalar, ...] = ()

    @property
    def truth(self) -> bool:
        """Whether it is a truth value rather than a number."""
        return self.op == DEDUCTION


class Question(Struct, frozen=True):
    """A question that a rule asks a human, and the outcome of each answer word."""

    text: Scalar | None
    answers: Mapping[str, Outcome]


class Claim(Struct, frozen=True):
    """Money that a rule claims back: how binding the text is (`MODALITIES`), how reliable the amount is (`BASES`).

    `established` and `amount` are the keys of the expressions of the condition and the amount; its causes are the
    steps.
    """

    established: str
    amount: str
    modality: str
    basis: str


class Loop(Struct, frozen=True):
    """`pour_chaque: f dans factures`: the name of an element in the rule, and its list, as written and resolved.

    `path` is that of the list in the dossier; `text` is the key as written.
    """

    variable: str
    path: str
    text: Scalar

    @property
    def root(self) -> str:
        """The path of the element, which no rule can write."""
        return self.path + EACH


class Rule(Struct, frozen=True):
    """A rule as written.  `expressions` are those specific to its kind, by key; `node` gives the place of each key.

    Its effect is described by values: a defined name, a question, a claim.  `optional`: what it asks for may be absent
    without effect.  `house_default` is the reason for settling what the text leaves open, empty for a rule that follows
    the text.  `loop`: the rule is about each element of a list.
    """

    id: str
    kind: str
    title: str
    expressions: Mapping[str, Scalar]
    requests: tuple[str, ...]
    source: str
    requirements: tuple[Scalar, ...]
    causes: tuple[Cause, ...]
    span: Span
    when: Scalar | None = None
    party: str = APPLICANT
    note: str = ""
    exception_to: Scalar | None = None
    examples: tuple[Node, ...] = ()
    node: YamlMapping | None = None
    house_default: str = ""
    defined: Defined | None = None
    question: Question | None = None
    claim: Claim | None = None
    in_force: InForce | None = None
    optional: bool = False
    loop: Loop | None = None

    @property
    def element(self) -> tuple[str, str] | None:
        """The path of the element of a list that the rule is about, and the name that it gives to it."""
        return (self.loop.root, self.loop.variable) if self.loop is not None else None

    @property
    def conditional(self) -> bool:
        """Whether the rule applies only under a condition of its own, or on some days."""
        return self.when is not None or self.in_force is not None

    @property
    def causes_aside(self) -> frozenset[str]:
        """The causes that leave an element out of what is computed on its list."""
        return frozenset(cause.name for cause in self.causes if cause.consequence is Consequence.SET_ASIDE)

    @property
    def may_reject(self) -> bool:
        """Whether the rule may have a request rejected, also for an element set aside."""
        return any(cause.consequence is Consequence.REJECT for cause in self.causes)

    @property
    def defines(self) -> str:
        """The name that the rule defines; empty for most rules."""
        return self.defined.name.text if self.defined is not None else ""

    @property
    def answers(self) -> Mapping[str, Outcome]:
        """The outcome of each answer to its question; empty without a question."""
        return self.question.answers if self.question is not None else {}

    def texts(self) -> dict[str, Scalar]:
        """The texts with placeholders, by cause: the messages, and the question under the empty name."""
        found = {cause.name: cause.message for cause in self.causes}
        if self.question is not None and self.question.text is not None:
            found[""] = self.question.text
        return found

    def cause(self, name: str) -> Cause:
        """The cause of that name; raises StopIteration when there is none."""
        return next(c for c in self.causes if c.name == name)


class Value(Struct, frozen=True):
    """A dated value of a parameter; `value` is None when the text in force does not give one."""

    start: date
    value: Any
    source: str


class Parameter(Struct, frozen=True):
    """A dated parameter: values in order, each in force until the next, the last until `until` (None: open).

    It is read at the reception of the request, on the day of the decision (`by_decision`) or on that of a field of the
    dossier (`read_on`); `stated` when the pack says which.  `verified` is the day a person last compared its values
    with the text; `node` gives the place of each key.
    `house_default` is true when the text is silent and the values are a choice of the pack.
    """

    name: str
    title: str
    type: Type
    by_decision: bool
    values: tuple[Value, ...]
    until: date | None
    house_default: bool
    span: Span
    verified: date | None = None
    node: YamlMapping | None = None
    note: str = ""
    read_on: str = ""
    stated: bool = False

    @property
    def history(self) -> History:
        """Its values in time, for the language."""
        starts, values = (tuple(getattr(one, key) for one in self.values) for key in ("start", "value"))
        return History(self.title, starts, values, self.until)

    def at(self, day: date | None) -> Value | None:
        """The value in force on a day; None before the first value, after the end, or when `day` is None."""
        if day is None or (self.until is not None and day > self.until):
            return None
        current = None
        for value in self.values:
            if value.start > day:
                break
            current = value
        return current


# What the silence of the agency means, and what asking the applicant for more does to the delay.
DIRECTIONS: Final = {"rejet": "rejet", "acceptation": "acceptation"}


class Silence(Struct, frozen=True):
    """What the silence of the agency on a request means, and when (`decision_implicite` of the manifest).

    `direction` is one of `DIRECTIONS`; `delay` names the parameter of the delay, from reception; `completion` is what a
    request for completion does to it (`language.delays`).  The request is answered when the field
    `answered` holds one of `answers`.
    """

    direction: str
    delay: Scalar
    completion: str
    answered: str = ""
    answers: tuple[str, ...] = ()


class DecisionPlaces(Struct, frozen=True):
    """Where a dossier says that a request was decided (`decision`): paths of the direction and of the instant.

    `accepted` is the value of the direction when it was accepted.
    """

    direction: str
    at: str
    accepted: str


class PaymentPlaces(Struct, frozen=True):
    """Where a dossier says what was paid, and to whom (`paiements`).

    `payments` is the path of the list; `request`, `key`, `amount`, `paid_on` and `reference` are names in its elements
    (`key` and `reference` may be empty); `names`, `ibans` and `bics` are paths, which must not contradict each other.
    """

    payments: str
    request: str
    amount: str
    paid_on: str
    names: tuple[str, ...]
    ibans: tuple[str, ...]
    bics: tuple[str, ...] = ()
    key: str = ""
    reference: str = ""


class Request(Struct, frozen=True):
    """A kind of request of the programme: its path in the dossier, and the amount it proposes to pay.

    `maximum` names the amount or parameter that limits the proposed amount; `settled` the deduction that is true when
    nothing is left to pay (paid, or refused); `silence` is what no answer means; `decided` where the dossier says that
    it was decided.  `strict`: a request that lacks what the applicant owes is rejected, not returned to be completed.

    When there is a request for each element of a list, `each` is the path of the list, `key` the member of an element
    that tells it from the others, and `label` its title, with placeholders.  `root` is then the element, `embauches[]`.

    `text` is the day whose text applies; None: that of the reception.
    """

    name: str
    title: str
    root: str
    reception: str
    amount: str = ""
    amount_span: Span | None = None
    maximum: Scalar | None = None
    settled: Scalar | None = None
    silence: Silence | None = None
    strict: bool = False
    decided: DecisionPlaces | None = None
    each: str = ""
    key: str = ""
    label: Scalar | None = None
    text: AppliedText | None = None


class Listed(Struct, frozen=True):
    """A list whose elements rules examine one by one (`listes`): what an element is called, and the member that tells
    it from the others.
    """

    path: str
    title: str
    key: str

    @property
    def root(self) -> str:
        """The path of an element, which no rule can write."""
        return self.path + EACH


class Version(Struct, frozen=True):
    """A version of the legal text and the day it enters into force."""

    version: str
    start: date
    source: str


class ProofPlaces(Struct, frozen=True):
    """The register whose proofs may be attached to a dossier, and the dossier fields they confirm.

    `figures` and `identifier` are paths; `closing` names the parameter giving the day of the count, `settings` those
    that configure the register's tools.  `types` are the types counted besides those of the register: the figure of
    each code.
    """

    register: Register
    figures: str
    identifier: str
    closing: Scalar
    settings: Mapping[str, Scalar]
    types: Mapping[str, str] = {}

    @property
    def parameters(self) -> tuple[Scalar, ...]:
        """The names of all the parameters it refers to."""
        return (self.closing, *self.settings.values())


class ApplicantPlaces(Struct, frozen=True):
    """The dossier fields that say who applies: paths of the name, of the SIRET or SIREN, of other identifiers."""

    name: str
    siret: str = ""
    identifiers: tuple[str, ...] = ()


class Party(Struct, frozen=True):
    """A party other than the applicant who holds data or decides: `l'ASP`, and with preposition, `à l'ASP`."""

    name: str
    addressed: str


class Document(Struct, frozen=True):
    """A legal document that sources cite, its sections, and where it was read: an address (or empty) and a day."""

    name: Scalar
    title: str
    sections: tuple[Scalar, ...]
    address: str = ""
    read_on: date | None = None


class Manifest(Struct, frozen=True):
    """The manifest of a programme.

    `profile` is the field that tells kinds of applicants apart, empty when the programme has one kind only;
    `verification` is how long a verified parameter remains so; `years` are the first and last years of a dossier;
    `delays` are those that are counted (`pack.delays`); `recovery_threshold` names the parameter of the sum below which
    no order to pay back is proposed; `lists` are those whose elements rules examine one by one, by path.
    """

    programme: str
    title: str
    zone: tzinfo
    schema: str
    profile: str
    versions: tuple[Version, ...]
    requests: Mapping[str, Request]
    parties: Mapping[str, Party] = {}
    proof: ProofPlaces | None = None
    documents: tuple[Document, ...] = ()
    verification: Duration | None = None
    years: Years = YEARS
    applicant: ApplicantPlaces | None = None
    payments: PaymentPlaces | None = None
    delays: CountedDelays = CountedDelays()
    recovery_threshold: Scalar | None = None
    lists: Mapping[str, Listed] = {}

    def today(self) -> date:
        """The current day in the time zone of the programme."""
        return datetime.now(self.zone).date()


class AmountRule(Struct, frozen=True):
    """One definition of a named number: it applies when `when` is true (or always)."""

    rule: Rule
    when: Expr | None
    value: Expr
    type: Type
    rounding: Rounding | None
    subject_to: tuple[str, ...]

    @property
    def rounded(self) -> Expr:
        """The expression of its value, with its rounding."""
        if self.rounding is None:
            return self.value
        words = tuple(Expr(LITERAL, (), TEXT, word) for word in (self.rounding.step, self.rounding.direction))
        return Expr("arrondi", (self.value, *words), self.value.type)


class Definition(Struct, frozen=True):
    """A name computed by `rules`: a deduction (one boolean expression) or a number (one or more amount rules).

    `deduction` reads no number: the value of each is in the place of its name, which `written` reads.
    """

    name: str
    deduction: Expr | None = None
    amounts: tuple[AmountRule, ...] = ()
    rules: tuple[Rule, ...] = ()
    written: Expr | None = None

    @property
    def exprs(self) -> list[Expr]:
        """Every expression that the name is computed from."""
        found = [self.deduction] if self.deduction is not None else []
        return found + [e for amount in self.amounts for e in (amount.when, amount.value) if e is not None]


class ListContext(Struct, frozen=True):
    """The rules of a context that are about each element of a list, and the numbers that they give to it, by name.

    They read the element as the field `root` of the list, and the context is evaluated once for each.  `aside` is true
    of an element that a rule sets aside; None when no rule does.
    """

    list: Listed
    rules: frozenset[str]
    amounts: tuple[str, ...]
    aside: Expr | None


class Context(Struct, frozen=True):
    """All that is needed to decide one request: definitions in dependency order, checks, one slot layout.

    Slots are ordered: facts, then `parameters` in their order, then `histories` (the parameters read at a date of the
    law), then the others.

    `shown` are the expressions outside checks and definitions (in messages, amounts to pay back), each with its rule
    id.  `maximum` limits the proposed amount; `settled` says whether nothing is left to pay; `label` is the title of
    the request of one element of a list, `text` the day whose text applies; all are optional.  `loops` are the lists
    of the rules that are about each element.
    """

    name: str
    request: Request | None
    definitions: tuple[Definition, ...]
    checks: tuple[Check, ...]
    rules: Mapping[str, Rule]
    layout: Layout
    fields: Mapping[str, Type]
    shown_amounts: tuple[str, ...]
    shown: tuple[tuple[str, Expr], ...] = ()
    maximum: Expr | None = None
    settled: Expr | None = None
    parameters: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    label: Template | None = None
    text: Expr | None = None
    loops: tuple[ListContext, ...] = ()

    def is_about(self, rule: str, each: str) -> bool:
        """Whether a rule is about each element of a list, or about the request itself when `each` is empty."""
        return next((loop.list.path for loop in self.loops if rule in loop.rules), "") == each

    @property
    def tested(self) -> list[Expr]:
        """Every expression that decides or calculates something, without those used only in messages."""
        tests = [step.test for check in self.checks for step in check.steps]
        return tests + [expr for definition in self.definitions for expr in definition.exprs]


class Pack(Struct, frozen=True):
    """A pack as read from its files: rules, parameters, and the SHA-256 of every file."""

    manifest: Manifest
    rules: Mapping[str, Rule]
    parameters: Mapping[str, Parameter]
    facts: Type
    schema: dict[str, Any]
    schema_file: Path | None
    digests: Mapping[str, str]
    files: Mapping[str, File] = {}
    schema_file_sha256: str = ""
