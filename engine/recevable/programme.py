"""The entry point of the library: open a pack as a `Programme`, then read, decide and explain dossiers.

Opening verifies the pack and keeps it prepared in the user's cache.  Every caller goes through this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from recevable import data, digests
from recevable.decision.decide import Decider, held
from recevable.decision.model import Decision
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.json_reader import read
from recevable.dossier.validate import SchemaValidator
from recevable.inference.agreement import ALWAYS, SAMPLED, Agreement
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import REMEMBERED
from recevable.inference.network import Network
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, suggest
from recevable.language.types import lookup
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import RECOVERY, Manifest, Pack
from recevable.pack.source import AnyPack, FolderSource, PackSource, shipped_programmes, source_of
from recevable.prepared import prepare, validator_of

if TYPE_CHECKING:
    from recevable.decision.checklist import Section
    from recevable.decision.clocks import Clock
    from recevable.decision.implied import Completion, ImpliedDecision
    from recevable.decision.payments import Payee, PaymentFact
    from recevable.dossier.fields import Field
    from recevable.report.changes import Change, Move
    from recevable.report.differences import Difference

_NONE: Final[Mapping[str, Sequence[Completion]]] = {}


class InvalidPack(DiagnosticError):
    """A pack that cannot be used; `diagnostics` explain why, with file names relative to the pack."""


class InvalidDossier(DiagnosticError):
    """Input that is not a valid dossier; `diagnostics` explain why, with JSON pointer, line and column."""


class Applicant(msgspec.Struct, frozen=True):
    """Who applies: name, SIRET (or SIREN) without spaces, other identifiers; empty when the dossier does not say."""

    name: str = ""
    siret: str = ""
    identifiers: tuple[str, ...] = ()


class Programme:
    """A verified pack, ready to decide; can be shared by threads and forked processes.

    Create it with `open_programme`.  `decider` and `compiled` are internal to this project.
    """

    def __init__(
        self,
        source: PackSource,
        compiled: CompiledPack,
        networks: Mapping[str, Network] | None = None,
        validator: SchemaValidator | None = None,
        remembered: int = REMEMBERED,
    ) -> None:
        self.source, self.compiled = source, compiled
        self.validator = validator or validator_of(compiled.pack)
        self.decider = Decider(compiled, compiled.pack.schema, remembered, networks)
        self._fields: tuple[Field, ...] = ()
        self._document_of: dict[str, str] | None = None

    @property
    def pack(self) -> Pack:
        """The rules and parameters of the pack."""
        return self.compiled.pack

    @property
    def manifest(self) -> Manifest:
        """The manifest (`programme.yaml`) of the pack."""
        return self.pack.manifest

    @property
    def name(self) -> str:
        """The identifier of the programme, which dossiers must state."""
        return self.manifest.programme

    @property
    def zone(self) -> tzinfo:
        """The time zone of the programme."""
        return self.manifest.zone

    @property
    def folder(self) -> Path | None:
        """The folder that the pack was read from; None when it was not read from a folder."""
        return self.source.folder if isinstance(self.source, FolderSource) else None

    @property
    def digest(self) -> str:
        """The SHA-256 of the pack, as recorded in the receipt of a decision."""
        return self.decider.pack_sha256

    def files(self) -> dict[str, bytes]:
        """Every file of the pack and its dossier schema, by name; a MemorySource of them opens the same programme.

        Raises OSError when a file can no longer be read, ValueError when a file has changed since the pack was opened.
        """
        found = {name: self.source.read(name) for name in self.pack.digests}
        if {name: digests.sha256(content) for name, content in found.items()} != dict(self.pack.digests):
            raise ValueError("the files of the pack have changed since it was opened")
        schema = self.source.schema(self.manifest.schema).content
        if digests.sha256(schema) != self.pack.schema_file_sha256:
            raise ValueError("the dossier schema has changed since the pack was opened")
        return {**found, self.manifest.schema: schema}

    def today(self) -> date:
        """The current day in the time zone of the programme."""
        return self.manifest.today()

    def read(self, content: bytes, name: str = "dossier.json", line: int = 1) -> Dossier:
        """Parse a dossier (UTF-8 JSON) and validate it against the schema; raises InvalidDossier.

        Diagnostics use `name` as the file name and `line` as the line where the dossier starts.
        """
        if not isinstance(content, bytes | bytearray):
            raise TypeError(f"a dossier is read from bytes, not from {type(content).__name__}")
        try:
            return load(content, name, self.validator, line)
        except DiagnosticError as error:
            raise InvalidDossier(self._foreign(content, name, line) or error.diagnostics) from None

    def _foreign(self, content: bytes, name: str, line: int) -> list[Diagnostic]:
        """For a dossier of another programme, the only diagnostic: any other fault would follow from it."""
        try:
            found = read(content, name, line)
        except DiagnosticError:
            return []
        named = found.get("programme") if isinstance(found, dict) else None
        if not isinstance(named, str) or named == self.name or suggest(named, [self.name]):
            return []
        message = f"ce dossier est du programme `{named}`, et les règles sont celles de `{self.name}`"
        help = "Donnez les règles de son programme."
        return [Diagnostic("PROGRAMME", message, place_of_programme(content, name, line), help)]

    def decide(
        self,
        dossier: Dossier,
        on: date,
        requests: Iterable[str] = (),
        *,
        trace: bool = False,
        agreement: Agreement = ALWAYS,
    ) -> Decision:
        """Decide every request in a dossier as of day `on`, or only those named in `requests`.

        A request made for each element of a list is named with all its elements (`embauche`) or with the key of one
        (`embauche:3`); `recouvrement` is the search for undue payments.  What the dossier does not hold is not decided:
        see `requests_of`.  `trace` adds the tests that each rule passed and the values they read.  `agreement` says how
        that of both evaluators is kept: `toujours`, both compute every value; `echantillon`, both do for the dossiers
        that are drawn (one in 64, by their digest) and one alone for the others.  The receipt tells.

        Raises ValueError for a name that is no request of the programme, or a dossier of another programme; TypeError
        for a day that is no date, or what `read` did not give; Contradiction or EngineDisagreement when there is no
        decision.
        """
        requests = asked(self, on, requests, agreement)
        if not isinstance(dossier, Dossier):
            raise TypeError(f"a dossier is decided as `read` gives it, not as {type(dossier).__name__}")
        named = dossier.data.get("programme")
        if isinstance(named, str) and named != self.name:
            raise ValueError(f"this is a dossier of {named}, and the rules are those of {self.name}")
        return self.decider.decide(dossier, on, requests, trace=trace, agreement=agreement)

    def decide_many(
        self,
        lines: Iterable[bytes],
        on: date,
        requests: Iterable[str] = (),
        *,
        trace: bool = False,
        agreement: Agreement = ALWAYS,
        name: str = "dossiers.ndjson",
    ) -> Iterator[bytes]:
        """Decide a stream of dossiers: for each non-blank line, yield one line of JSON without its newline, in order.

        A line is an object whose first member, `dossier`, says where the dossier was read (`dossiers.ndjson:12`).  The
        other members are those of the decision as `to_json` writes it; or `erreurs`, when the dossier is invalid, holds
        none of the requests, or makes rules contradict each other.  Memory use is bounded.  `agreement`: see `decide`.
        Raises EngineDisagreement; ValueError and TypeError for what `decide` refuses, whatever the lines are.
        """
        requests = asked(self, on, requests, agreement)
        if isinstance(lines, bytes | bytearray | str):
            raise TypeError(f"dossiers are decided from lines of bytes, not from {type(lines).__name__}")
        digests.for_many()
        for number, line in enumerate(lines, start=1):
            # what is no line of bytes is refused by `read`, in words
            if not hasattr(line, "strip") or line.strip():
                yield self._answer(line, f"{name}:{number}", Span(name, number, 1), on, requests, trace, agreement)

    def _answer(
        self,
        line: bytes,
        name: str,
        place: Span,
        on: date,
        requests: Sequence[str],
        trace: bool,
        agreement: Agreement,
    ) -> bytes:
        # imported late, here and below: a command imports only what it prints
        from recevable.report import json_format
        from recevable.report.refusal import refusal

        try:
            dossier = self.read(line, place.file, place.line)
            decision = self.decide(dossier, on, requests, trace=trace, agreement=agreement)
        except InvalidDossier as error:
            return json_format.line(json_format.fault_data(name, error.diagnostics))
        except Contradiction as error:
            return json_format.line(json_format.fault_data(name, [refusal(error, place, going_on=True)]))
        if not decided(decision, requests):
            return json_format.line(
                json_format.fault_data(name, [self.without_request(name, absent(decision, requests), dossier)])
            )
        return json_format.decision_line(decision, name)

    def request_names(self) -> tuple[str, ...]:
        """What `decide` may be asked for; also `embauche:CLÉ` for a request made for each element of a list."""
        each = {name for name, request in self.manifest.requests.items() if request.each}
        names = ((name, f"{name}:CLÉ") if name in each else (name,) for name in self.compiled.context_names)
        return tuple(name for both in names for name in both)

    def requests_of(self, dossier: Dossier) -> tuple[str, ...]:
        """The requests that a dossier holds, as `decide` takes them: `avance`, `embauche:3`."""
        return tuple(label for request in self.manifest.requests.values() for label in held(dossier, request))

    def without_request(self, name: str, absent: Sequence[str] = (), dossier: Dossier | None = None) -> Diagnostic:
        """The diagnostic for a dossier that holds no request, or lacks the requests named in `absent`.

        `name` is where the dossier was read; its help names the requests of `dossier`, else those of the programme.
        """
        own = self.requests_of(dossier) if dossier is not None else ()
        help = f"Demandes du {'dossier' if own else 'programme'} : "
        help += ", ".join(f"`{one}`" for one in own or self.manifest.requests) + "."
        if not absent:
            return Diagnostic("ENTREE-DEMANDE", f"`{name}` ne contient aucune demande", None, help)
        wanted = " ni ".join(f"`{one}`" for one in absent)
        return Diagnostic("ENTREE-DEMANDE", f"`{name}` ne contient pas {wanted}", None, help)

    def to_json(self, decision: Decision) -> bytes:
        """A decision as one line of UTF-8 JSON, without a newline, as schemas/decision.schema.json describes."""
        from recevable.report import json_format

        return json_format.decision_line(decision)

    def to_text(self, decision: Decision, width: int = 100) -> str:
        """A decision as French text, as `recevable check` prints it, without colours; `width` is in characters."""
        from recevable.report import text
        from recevable.report.layout import Page

        return text.render(decision, self.zone, Page(width))

    def explain(self, decision: Decision, width: int = 100) -> str:
        """Like `to_text`, with the tests of each rule; raises ValueError for a decision made without `trace`."""
        if not any(request.trace for request in decision.requests) and not decision.recovery_trace:
            raise ValueError("this decision holds no trace: decide with trace=True")
        return self.to_text(decision, width)

    def verify(
        self, recorded: Mapping[str, Any] | bytes, content: bytes, requests: Sequence[str] = ()
    ) -> tuple[Difference, ...]:
        """Decide again the dossier of a recorded decision, and return the differences by JSON pointer.

        `recorded` is the JSON of a decision, or its receipt alone (`recu`), as bytes or as read from them; `content` is
        the bytes of the dossier; `requests` those originally asked for.  The result is empty when engine, pack, dossier
        and answers are the same.  Raises InvalidDossier, Contradiction, EngineDisagreement, and ValueError when
        `recorded` is neither.
        """
        from recevable.report.differences import differences

        record: Any = recorded
        try:
            if isinstance(recorded, bytes):
                record = msgspec.json.decode(recorded)
            # where a report found the dossier is no part of the decision
            record = {key: value for key, value in record.items() if key != "dossier"}
            blocks = [record.get("recouvrement", {}), *record.get("demandes", {}).values()]
            if not all(isinstance(one, dict) for one in blocks):
                raise TypeError("a decision is made of objects")
            receipt = record.get("recu", record)
            on = date.fromisoformat(receipt["date_de_decision"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValueError("neither a decision nor a receipt: `date_de_decision` is missing or is no date") from None
        traced = any("trace" in block for block in blocks)
        # as it says that it was kept; what it says wrongly, or not at all, is a difference
        kept = receipt.get("accord")
        agreement: Agreement = SAMPLED if isinstance(kept, dict) and kept.get("mode") == SAMPLED else ALWAYS
        decision = self.decide(self.read(content), on, requests, trace=traced, agreement=agreement)
        found = msgspec.json.decode(self.to_json(decision))
        return tuple(differences(record, found if "recu" in record else found["recu"]))

    def fields(self) -> tuple[Field, ...]:
        """The fields of a dossier as a tree: title, type, choices, bounds and who supplies each."""
        if not self._fields:
            from recevable.dossier.fields import fields

            self._fields = fields(self.pack.schema)
        return self._fields

    def documents(self) -> tuple[Field, ...]:
        """The fields that hold a document to join, outermost, in the order of the schema."""
        # imported late: only applications that take files ask
        from recevable.pack.kinds import documents

        asked = documents(self.pack.rules.values())
        return tuple(_outermost(self.fields(), asked))

    def document_of(self, rule: str) -> str:
        """The path of the document (of `documents`) that a rule asks for, or that holds what it asks for; else ""."""
        if self._document_of is None:
            from recevable.pack.kinds import documents

            paths = [field.path for field in self.documents()]
            asked = {one.id: documents([one]) for one in self.pack.rules.values()}
            self._document_of = {
                name: path
                for name, documents_ in asked.items()
                for path in paths
                if any(f"{one}.".startswith(f"{path}.") for one in documents_)
            }
        return self._document_of.get(rule, "")

    def changes(self, old: Dossier, new: Dossier) -> tuple[Change, ...]:
        """The data that differ between two dossiers, in words, in the order of the schema."""
        from recevable.report.changes import changes

        names = {rule.id: rule.title for rule in self.pack.rules.values()}
        return tuple(changes(self.pack.schema, old.data, new.data, self.zone, names))

    def moves(self, old: Decision, new: Decision) -> tuple[Move, ...]:
        """The rules that answer otherwise in a decision than in another, in words, in the order of the pack."""
        from recevable.report.changes import moves

        return tuple(moves(old, new))

    def conditions(self, request: str, rule: str, cause: str = "") -> tuple[str, ...]:
        """What a rule tests about a request, as sentences, in order; `cause`: for one way in which it can fail."""
        from recevable.decision.conditions import conditions

        return conditions(self.compiled, request, rule, cause)

    def applicant(self, dossier: Dossier) -> Applicant:
        """Who applies, by the fields that the manifest names (`demandeur`)."""
        places = self.manifest.applicant
        if places is None:
            return Applicant()
        others = [_text(dossier, path) for path in places.identifiers]
        siret = "".join(_text(dossier, places.siret).split())
        return Applicant(_text(dossier, places.name), siret, tuple(one for one in others if one))

    def payee(self, dossier: Dossier) -> Payee:
        """Who the payments of a dossier go to, by the fields that the manifest names (`paiements`)."""
        from recevable.decision.payments import payee

        return payee(self.manifest, dossier.data)

    def paid(self, dossier: Dossier) -> Decimal | None:
        """The euros that a dossier says were paid; None when an amount is missing, or when no field is named for it."""
        from recevable.decision.payments import paid

        return paid(self.manifest, dossier.data)

    def with_payment(self, facts: Mapping[str, Any], payment: PaymentFact) -> dict[str, Any]:
        """Facts of the agency with a payment more, where the manifest says that the dossier holds it.

        The acceptance of its request is added when the facts hold no decision yet.  Raises ValueError for an unknown
        request, and for a programme whose manifest names no place for payments.
        """
        if payment.request not in self.manifest.requests:
            raise ValueError(f"no request is named {payment.request!r}")
        from recevable.decision.payments import with_payment

        return with_payment(self.manifest, facts, payment, self.zone)

    def without_payment(self, facts: Mapping[str, Any], payment: PaymentFact) -> dict[str, Any]:
        """Facts of the agency without a payment whose money came back, as `with_payment` had written it.

        Raises ValueError when the facts do not hold it, and as `with_payment` does.
        """
        if payment.request not in self.manifest.requests:
            raise ValueError(f"no request is named {payment.request!r}")
        from recevable.decision.payments import without_payment

        return without_payment(self.manifest, facts, payment)

    def implied_decisions(
        self, dossier: Dossier, on: date, completions: Mapping[str, Sequence[Completion]] = _NONE
    ) -> tuple[ImpliedDecision, ...]:
        """The decisions that the silence of the agency makes, for each request that the dossier shows unanswered.

        `on` is the day on which dated parameters are read and a delay is suspended or not.  `completions` holds, by
        name of request, the days on which the applicant was asked to complete it and did (None: not yet), and the last
        day given to do so (None: not known).  Raises ValueError when one ends before it begins, or for an unknown
        request.
        """
        unknown = [name for name in completions if name not in self.manifest.requests]
        if unknown:
            raise ValueError(f"no request is named {unknown[0]!r}")
        from recevable.decision.implied import implied_decisions

        return implied_decisions(self.pack, dossier.data, on, completions)

    def clocks(self, kind: str, begins: date | None, on: date, *, days: int | None = None) -> tuple[Clock, ...]:
        """The delays of a kind (`delais` of the manifest) for an event of the day `begins`; empty when none is counted.

        `on` is the day on which dated parameters are read; `days` is a delay that a person gave, instead of that of the
        programme.  Raises ValueError for an unknown kind, or fewer days than none.
        """
        from recevable.decision.clocks import clocks
        from recevable.language.calendar import Duration

        if days is not None and days < 0:
            raise ValueError(f"a delay is not of {days} days")
        return clocks(self.pack, kind, begins, on, given=None if days is None else Duration(days=days))

    def recovery_threshold(self, on: date) -> tuple[Decimal | None, str] | None:
        """The euros below which no order to pay back is proposed on a day, and their source; None when none is named.

        The euros are None when the text in force gives no value.
        """
        name = self.manifest.recovery_threshold
        value = None if name is None else self.pack.parameters[name.text].at(on)
        return None if value is None else (value.value, value.source)

    def profiles(self) -> tuple[str, ...]:
        """The profiles of applicants that the programme declares; none when it has one kind of applicants only."""
        type_ = lookup(self.pack.facts, self.manifest.profile)
        return type_.values if type_ is not None else ()

    def checklist(self, profile: str, request: str, on: date) -> list[Section]:
        """What an applicant must provide, by condition; raises ValueError on an unknown profile or request.

        Without profiles in the programme, `profile` is empty.
        """
        for name, known in ((profile, self.profiles() or ("",)), (request, tuple(self.manifest.requests))):
            if name not in known:
                raise ValueError(f"{name!r} is none of {', '.join(known)}")
        from recevable.decision.checklist import checklist

        return checklist(self.decider, request, profile, on)


def _outermost(found: Iterable[Field], asked: Collection[str]) -> Iterator[Field]:
    """The fields of `asked` that may hold other data, none inside another."""
    for field in found:
        if field.path in asked and (field.fields or field.element is not None):
            yield field
        else:
            yield from _outermost(field.fields, asked)


def _text(dossier: Dossier, path: str) -> str:
    from recevable.decision.implied import at

    found = at(dossier.data, path) if path else None
    return found.strip() if isinstance(found, str) else ""


def place_of_programme(content: bytes, name: str, line: int = 1) -> Span:
    """The place of the programme's identifier in a JSON text, else the start of the text."""
    from recevable.dossier.positions import scan

    positions = scan(content.decode("utf-8"))
    there, column = positions.line_column(positions.values.get("/programme", 0))
    return Span(name, there + line - 1, column)


def asked(programme: Programme, on: date, requests: Iterable[str], agreement: str) -> tuple[str, ...]:
    """The names of `requests`, read once from any iterable.

    Raises TypeError when `on` is no date, ValueError for an unknown request or an unknown `agreement`.
    """
    if type(on) is not date:
        raise TypeError(f"`on` is a date, not {on!r}")
    if agreement not in (ALWAYS, SAMPLED):
        raise ValueError(f"the agreement is kept {ALWAYS!r} or by {SAMPLED!r}, not {agreement!r}")
    names: tuple[Any, ...] = () if isinstance(requests, str) else tuple(requests)
    unknown = [one for one in names if not isinstance(one, str) or not programme.compiled.decides(one)]
    if isinstance(requests, str) or unknown:
        wrong = requests if isinstance(requests, str) else unknown[0]
        raise ValueError(f"no request is named {wrong!r}: give a list of {', '.join(programme.request_names())}")
    return names


def decided(decision: Decision, requests: Sequence[str] = ()) -> bool:
    """Whether a decision decided anything; deciding no request is never an acceptance."""
    asked = RECOVERY in requests and not absent(decision, requests)
    return bool(decision.requests or decision.recovery or asked)


def absent(decision: Decision, requests: Sequence[str]) -> list[str]:
    """The requested names and labels that the dossier does not hold; recovery is never absent."""
    found = {name for request in decision.requests for name in (request.name, request.label)} | {RECOVERY}
    return [request for request in requests if request not in found]


def open_programme(pack: AnyPack, *, prepared: bool = True, remembered: int = REMEMBERED) -> Programme:
    """Open a programme: the name of a shipped one, a folder (path or string), or another source.

    A folder is verified once and kept prepared in the user's cache; `prepared=False` reads it again, with sources and
    examples, for tools that inspect the rules.  `remembered` bounds what the engines cache between dossiers.  Raises
    InvalidPack.
    """
    source = source_of(pack)
    try:
        if prepared and isinstance(source, FolderSource):
            return Programme(source, *prepare(source.folder), remembered)
        # imported late: a command that finds its pack prepared compiles nothing
        from recevable.inference.verified import verified

        return Programme(source, verified(source), remembered=remembered)
    except DiagnosticError as error:
        meant = suggest(pack, shipped_programmes()) if isinstance(pack, str) and not Path(pack).exists() else ""
        if meant:
            message = f"aucun programme livré ni dossier ne s'appelle `{pack}`"
            raise InvalidPack([Diagnostic("PAQ-ABSENT", message, None, meant)]) from None
        raise InvalidPack(error.diagnostics) from None


def sample_dossiers(name: str) -> tuple[Path, ...]:
    """The fictitious dossiers of a shipped programme, sorted by name; ValueError for a name that is none of them."""
    if name not in shipped_programmes():
        raise ValueError(f"no shipped programme is named {name!r}: {', '.join(shipped_programmes())}")
    return tuple(sorted((data.shipped("fixtures") / name).glob("*.json")))
