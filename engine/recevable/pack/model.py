"""What a rule pack is, once read: rules as written, and rules compiled for one request.

A *check* is one question with exactly one answer: a chain of three-valued tests, each of which either answers or passes
on.  Both engines run the same checks; a rule has one check per way it can fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from recevable.dossier.fields import APPLICANT as APPLICANT
from recevable.dossier.formats import YEARS, Years
from recevable.language.calendar import Duration
from recevable.language.diagnostics import Span
from recevable.language.evaluate import Layout
from recevable.language.tree import DEDUCTION, Expr
from recevable.language.types import Type
from recevable.pack.nodes import File, Node, Scalar
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.registers.contract import Register

# The file that makes a folder a pack.
MANIFEST: Final = "programme.yaml"
RECOVERY: Final = "recouvrement"
# Where a dossier records the answers to questions.
APPRAISALS: Final = "appreciations"
WHEN: Final = "quand"
# The key of the condition of a cause.
IF: Final = "si"
# How binding the text is on money to be paid back, and what its amount is worth; with what people read.
MODALITIES: Final = {
    "obligatoire": "obligatoire : le texte impose le reversement",
    "facultative": "facultative : le texte le permet",
    "non_precisee": "non précisée par le texte",
}
BASES: Final = {"exact": "montant exact", "maximum": "montant maximal", "proposition": "montant proposé"}


class Result(StrEnum):
    """What one check answers; none is ever folded into another."""

    SATISFIED = "satisfait"
    FAILED = "non_satisfait"
    MISSING = "manquant"
    NOT_APPLICABLE = "sans_objet"
    TO_APPRAISE = "a_apprecier"


class Consequence(StrEnum):
    """What a failure does to the request."""

    REJECT = "rejeter"
    COMPLETE = "completer"
    SIGNAL = "signaler"


class Outcome(Struct, frozen=True):
    """A result, and the cause of a failure or the step of a recovery that it names."""

    result: Result
    cause: str = ""

    def __str__(self) -> str:
        return f"{self.result}:{self.cause}" if self.cause else str(self.result)


SATISFIED: Final = Outcome(Result.SATISFIED)
MISSING: Final = Outcome(Result.MISSING)
NOT_APPLICABLE: Final = Outcome(Result.NOT_APPLICABLE)
TO_APPRAISE: Final = Outcome(Result.TO_APPRAISE)


def failed(cause: str) -> Outcome:
    """The failure by a named cause."""
    return Outcome(Result.FAILED, cause)


class Written(Struct, frozen=True):
    """An expression as written: its rule, the keys and ranks that lead to it, its text, the cause that it belongs to.

    `role` is what it is for, in French; `name`: it only names a field, and nothing in it can be changed.
    """

    rule: str
    path: tuple[str | int, ...]
    text: Scalar
    cause: str = ""
    role: str = ""
    name: bool = False

    @property
    def key(self) -> str:
        """The key that holds it."""
        return str(self.path[-1])


class Step(Struct, frozen=True):
    """A test of a chain; for each truth value an outcome, or None to pass on to the next test.

    `written` are the expressions that it is made of, the one to point at last.
    """

    test: Expr
    true: Outcome | None
    false: Outcome | None
    unknown: Outcome | None = MISSING
    written: tuple[Written, ...] = ()

    def answer(self, value: bool | None) -> Outcome | None:
        """The outcome for a truth value."""
        return self.unknown if value is None else self.true if value else self.false


class Check(Struct, frozen=True):
    """One question of a rule: the first test that answers gives the outcome, else `final`."""

    rule: str
    cause: str
    steps: tuple[Step, ...]
    final: Outcome


class Template(Struct, frozen=True):
    """Texts and expressions in turn; the last part is a text."""

    texts: tuple[str, ...]
    exprs: tuple[Expr, ...]


class Cause(Struct, frozen=True):
    """A way a rule can fail (or a step of a recovery): its consequence, what is said about it, where it is written."""

    name: str
    message: Scalar
    path: tuple[str | int, ...]
    consequence: Consequence | None = None
    repair: str = ""
    when: Scalar | None = None
    party: Scalar | None = None
    result: Result = Result.FAILED


class Rounding(Struct, frozen=True):
    """To a multiple of `step`, in a direction of `operations.ROUNDINGS`."""

    step: str
    direction: str


class Defined(Struct, frozen=True):
    """The name that a rule gives a value to; `key` is that of the expression of the value.

    `op` reads it: DEDUCTION for a truth value, that one rule gives; AMOUNT_NAME for a number, that several may give.
    `subject_to` lists the questions that taint it while they are open.
    """

    name: Scalar
    op: str
    type: Type
    key: str
    rounding: Rounding | None = None
    subject_to: tuple[Scalar, ...] = ()

    @property
    def truth(self) -> bool:
        """Whether it is a truth value, and no number."""
        return self.op == DEDUCTION


class Question(Struct, frozen=True):
    """What a rule asks a human, and the effect of each answer: an outcome per answer word."""

    text: Scalar | None
    answers: Mapping[str, Outcome]


class Claim(Struct, frozen=True):
    """Money that a rule claims back: how binding the text is (`MODALITIES`) and what the amount is worth (`BASES`).

    `established` and `amount` are the keys of the expressions that say when, and how much; its causes are the steps.
    """

    established: str
    amount: str
    modality: str
    basis: str


class Rule(Struct, frozen=True):
    """A rule as written.  `expressions` are those proper to its kind, by key; `node`, the place of each of its keys.

    What its kind makes of it is said by values: a name that it defines, a question that it asks, money that it claims.
    `house_default` is why the rule settles what the text leaves open; empty when it only says what the text says.
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

    @property
    def defines(self) -> str:
        """The name that it gives a value to; empty for most rules."""
        return self.defined.name.text if self.defined is not None else ""

    @property
    def answers(self) -> Mapping[str, Outcome]:
        """The effect of each answer to its question; empty when it asks nothing."""
        return self.question.answers if self.question is not None else {}

    def texts(self) -> dict[str, Scalar]:
        """Every text with placeholders: the message of each cause, and the question under the empty name."""
        found = {cause.name: cause.message for cause in self.causes}
        if self.question is not None and self.question.text is not None:
            found[""] = self.question.text
        return found

    def cause(self, name: str) -> Cause:
        """The cause of that name."""
        return next(c for c in self.causes if c.name == name)


class Value(Struct, frozen=True):
    """A dated value of a parameter; `value` is None when the text in force then is not known."""

    start: date
    value: Any
    source: str


class Parameter(Struct, frozen=True):
    """A dated parameter: its values in order, each in force until the next, the last until `until` (None: open).

    `verified` is the day when a person last held its values against the text; `node` has the place of each key.
    `house_default` tells that the text is silent and that its values are a choice.
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

    def at(self, day: date | None) -> Value | None:
        """The value in force on a day; None before the first, after the end, or without a day."""
        if day is None or (self.until is not None and day > self.until):
            return None
        current = None
        for value in self.values:
            if value.start > day:
                break
            current = value
        return current


class Request(Struct, frozen=True):
    """A kind of request of the programme: where it lies in the dossier, and the amount it proposes to pay.

    `maximum` names the amount or the parameter that the proposed amount may never exceed; `settled` the deduction that
    is true once nothing is left to pay: it was paid, or refused.
    """

    name: str
    title: str
    root: str
    reception: str
    amount: str = ""
    amount_span: Span | None = None
    maximum: Scalar | None = None
    settled: Scalar | None = None


class Version(Struct, frozen=True):
    """A version of the legal text and the day it enters into force."""

    version: str
    start: date
    source: str


class ProofPlaces(Struct, frozen=True):
    """The register whose proofs may be attached to a dossier, and where a dossier states what they count.

    `figures` and `identifier` are paths; `closing` names the parameter that is the day of the count, `settings` those
    that set the register's own tools.
    """

    register: Register
    figures: str
    identifier: str
    closing: Scalar
    settings: Mapping[str, Scalar]

    @property
    def parameters(self) -> tuple[Scalar, ...]:
        """The name of every parameter it refers to."""
        return (self.closing, *self.settings.values())


class Party(Struct, frozen=True):
    """Somebody besides the applicant who holds data or decides: `l'ASP`, and how it is addressed, `à l'ASP`."""

    name: str
    addressed: str


class Document(Struct, frozen=True):
    """A legal document that sources cite, by its name, and the sections that it has."""

    name: Scalar
    title: str
    sections: tuple[Scalar, ...]


class Manifest(Struct, frozen=True):
    """What the programme declares about itself.

    `verification` is how long a verified parameter counts as such; `years`, the first and the last of a dossier.
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


class AmountRule(Struct, frozen=True):
    """One definition of a named number: it applies when `when` is true (or always)."""

    rule: Rule
    when: Expr | None
    value: Expr
    type: Type
    rounding: Rounding | None
    subject_to: tuple[str, ...]


class Definition(Struct, frozen=True):
    """A name that `rules` compute: a deduction (one boolean expression) or a number (one or more amount rules)."""

    name: str
    deduction: Expr | None = None
    amounts: tuple[AmountRule, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def exprs(self) -> list[Expr]:
        """Every expression that it is computed from."""
        found = [self.deduction] if self.deduction is not None else []
        return found + [e for amount in self.amounts for e in (amount.when, amount.value) if e is not None]


class Context(Struct, frozen=True):
    """Everything that decides one request: definitions in dependency order, then checks, over one slot layout.

    The slots of the facts come first, then those of `parameters` in their order, then the others.

    `said` are the expressions that no check and no definition computes, each with the id of the rule that has it: what
    messages say, the amounts to pay back.  `maximum` is the most that the request may propose, `settled` whether
    nothing is left to pay of it, when it declares them.
    """

    name: str
    request: Request | None
    definitions: tuple[Definition, ...]
    checks: tuple[Check, ...]
    rules: Mapping[str, Rule]
    layout: Layout
    fields: Mapping[str, Type]
    shown_amounts: tuple[str, ...]
    said: tuple[tuple[str, Expr], ...] = ()
    maximum: Expr | None = None
    settled: Expr | None = None
    parameters: tuple[str, ...] = ()

    @property
    def tested(self) -> list[Expr]:
        """Every expression that decides or calculates something; what only messages say is left out."""
        tests = [step.test for check in self.checks for step in check.steps]
        return tests + [expr for definition in self.definitions for expr in definition.exprs]


class Pack(Struct, frozen=True):
    """A pack as read from its folder: rules and parameters, with the digest of every file it was read from."""

    manifest: Manifest
    rules: Mapping[str, Rule]
    parameters: Mapping[str, Parameter]
    facts: Type
    schema: dict[str, Any]
    schema_file: Path | None
    digests: Mapping[str, str]
    files: Mapping[str, File] = {}
    schema_file_sha256: str = ""
