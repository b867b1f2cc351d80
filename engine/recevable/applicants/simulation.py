"""A simulation: questions one after the other, only those that can still change the result, then the likely result.

The answers are replies in words, replayed each time: they are all that there is of a simulation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from weakref import WeakKeyDictionary

from msgspec import Struct, json, structs

from recevable.applicants.text import text_on
from recevable.decision.model import Action, AppraisalLine, RequestDecision, Verdict
from recevable.decision.outlook import UNSURE, Outlook, OutlookReader, composed
from recevable.dossier.dossier import Dossier
from recevable.dossier.fields import APPLICANT, Field, declaration
from recevable.dossier.positions import scan
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.language.types import Kind, called
from recevable.pack import applicants as texts
from recevable.pack.applicants import Applicants, AskedQuestion, Given
from recevable.pack.model import Parameter
from recevable.programme import InvalidPack, Programme

# The replies that are not values.
DOES_NOT_KNOW: Final = "?"
NONE: Final = "-"
YES: Final = "oui"
NO: Final = "non"
# The most characters in a reply, and the most replies in a simulation.
LONGEST: Final = 300
MOST_REPLIES: Final = 500
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]+")
_FRENCH_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_HOUR: Final = re.compile(r"(\d{1,2})(?:h|:)(\d{2})?(?::(\d{2}))?", re.ASCII)
_SIGN: Final = {"montant": "€", "taux": "%"}
# How a value of each kind is typed, and what it looks like once it is read.
_WRITTEN: Final = {
    "instant": ("Le jour et l'heure, par exemple 26/07/2023 14:00.", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
    "date": ("Le jour, par exemple 30/06/2023.", r"\d{4}-\d\d-\d\d"),
    "entier": ("Un nombre entier.", r"-?\d+"),
    "montant": ("Un montant en euros, par exemple 8 000,00.", r"-?\d+(\.\d+)?"),
    "taux": ("Un taux, par exemple 20 %.", r"-?\d+(\.\d+)?"),
}
_PLACE: Final = "racine : "

# A question by its key, and what the person replied.
Reply = tuple[str, str]


class InvalidReply(DiagnosticError):
    """A reply that is no answer to its question; `diagnostics` say what to write."""


class Option(Struct, frozen=True):
    """An answer that a question offers: the reply that chooses it, its label, whether a value is typed with it."""

    reply: str
    label: str
    entry: bool = False


class Question(Struct, frozen=True):
    """A question to put to a person.

    `key` names it in replies; `options` are its only answers when there are any, otherwise a value of `kind` is typed;
    `entry` is the label of a value that some options need, of type `kind`.  `optional`: the dossier may have no such
    value (reply NONE).  `holders` are the parties, besides the applicant, who know the answer.
    """

    key: str
    text: str
    help: str
    kind: str
    options: tuple[Option, ...]
    entry: str
    optional: bool
    bounds: Mapping[str, Any]
    holders: tuple[str, ...]

    @property
    def written(self) -> str:
        """How the value is typed, with an example; empty when none is."""
        return "" if self.options and not self.entry else _written(self.kind)


class Answered(Struct, frozen=True):
    """A question and the reply to it, in words."""

    question: Question
    reply: str
    words: str


class State(Struct, frozen=True):
    """The state of a simulation: its replies, the next question (None: nothing can change the result any more).

    `remaining` counts the questions that may still be asked, the next one included.
    """

    answered: tuple[Answered, ...]
    answers: Mapping[str, Any]
    outlook: Outlook
    question: Question | None
    remaining: int


class Result(Struct, frozen=True):
    """What a simulation shows: never a decision.

    `verdicts` are those still possible, the heaviest first; `decision` is that of the engine on a dossier with the
    known answers alone; `appraisals` what only the agency can judge; `doubts` the questions answered by « je ne sais
    pas » that matter; `unasked` those that were not reached.
    """

    verdicts: tuple[Verdict, ...]
    decision: RequestDecision
    appraisals: tuple[AppraisalLine, ...]
    lowest: Any
    highest: Any
    amount_known: bool
    doubts: tuple[Question, ...]
    unasked: tuple[Question, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        """What to provide or to mend; nothing once the request would be rejected, which no piece changes."""
        return () if self.verdicts == (Verdict.REJECT,) else self.decision.repair.actions


_READERS: WeakKeyDictionary[Programme, dict[str, OutlookReader]] = WeakKeyDictionary()
_VALIDATORS: WeakKeyDictionary[Programme, dict[str, SchemaValidator]] = WeakKeyDictionary()
_APPLICANTS: WeakKeyDictionary[Programme, Applicants] = WeakKeyDictionary()


def applicants_of(programme: Programme) -> Applicants:
    """What the pack of a programme says to applicants, read and compared with it once.  Raises InvalidPack."""
    found = _APPLICANTS.get(programme)
    if found is None:
        wrong = [one for one in texts.verify(programme.source, programme.pack) if one.severity is Severity.ERROR]
        if wrong:
            raise InvalidPack(wrong)
        found = _APPLICANTS[programme] = texts.read(programme.source)
    return found


def _reader(programme: Programme, request: str) -> OutlookReader:
    readers = _READERS.setdefault(programme, {})
    if request not in readers:
        readers[request] = OutlookReader(programme.decider, request)
    return readers[request]


# The key of the only element of a simulated list.
_ALONE: Final = "1"


class Simulation:
    """A simulation of one request for one profile, decided on a day.  Holds no answer: threads may share one.

    Replies are pairs (key of a question, text): the `reply` of an option, followed by `:` and a typed value when it
    needs one; a typed value; DOES_NOT_KNOW; or NONE when the question is `optional`.
    """

    DOES_NOT_KNOW: Final = DOES_NOT_KNOW
    NONE: Final = NONE

    def __init__(self, programme: Programme, request: str, profile: str, on: date) -> None:
        """Raises ValueError on an unknown request or profile, InvalidPack when `demandeurs.yaml` cannot be read."""
        for name, known in ((request, tuple(programme.manifest.requests)), (profile, programme.profiles() or ("",))):
            if name not in known:
                raise ValueError(f"{name!r} is none of {', '.join(known)}")
        self.programme, self.request, self.profile, self.on = programme, request, profile, on
        self.reader = _reader(programme, request)
        self._applicants = applicants_of(programme)
        self._asked = {path: question for question in self._applicants.questions for path in question.fields}
        self._fields: dict[str, Field] = self.reader.declared
        self._all = {one.path: one for top in programme.fields() for one in top.walk()}
        of_profile = {programme.manifest.profile: profile} if profile else {}
        self._assumed = {**of_profile, **dict(self._assumptions())}

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is taken as given, in French, with the values of the day."""
        return tuple(
            text_on(self.programme, one.text, self.on)
            for one in self._applicants.assumptions
            if not one.requests or self.request in [word.text for word in one.requests]
        )

    def _assumptions(self) -> Iterator[tuple[str, Any]]:
        for one in self._applicants.assumptions:
            if not one.requests or self.request in [word.text for word in one.requests]:
                for path, given in one.given.items():
                    yield path, self._value(given)

    # --- replies ----------------------------------------------------------------------------------------------------

    def state(self, replies: Sequence[Reply] = ()) -> State:
        """The state of the simulation after these replies; raises InvalidReply with one diagnostic for each fault."""
        if len(replies) > MOST_REPLIES:
            raise InvalidReply([_fault(f"plus de {MOST_REPLIES} réponses", "Recommencez la simulation.")])
        answers = dict(self._assumed)
        answered: list[Answered] = []
        faults: list[Diagnostic] = []
        for key, text in replies:
            question = self.question(key)
            if question is None:
                faults.append(_fault("cette question n'est pas posée", "Recommencez la simulation."))
                continue
            try:
                values, words = self._read(question, text)
            except InvalidReply as error:
                faults += error.diagnostics
                continue
            answers |= values
            answered.append(Answered(question, text, words))
        if faults:
            raise InvalidReply(faults)
        return self._state(answers, tuple(answered))

    def from_fields(self, values: Mapping[str, Any]) -> State:
        """The same from the values of fields: a JSON value, None when the dossier has no such field, or UNSURE.

        Raises InvalidReply for a field that the request does not read, and for a value that the schema refuses.
        """
        faults = []
        for path, value in values.items():
            field = self._fields.get(path)
            if field is None:
                faults.append(_fault(f"`{path}` n'est pas un champ que lise cette demande", "Ôtez-le des réponses."))
            elif value is not None and value is not UNSURE and value != {}:
                faults += self._refusals(field, value)
        if faults:
            raise InvalidReply(faults)
        return self._state({**self._assumed, **values}, ())

    def values(self, given: Mapping[str, Given]) -> dict[str, Any]:
        """The values that the pack gives to fields, on the day."""
        return {path: self._value(one) for path, one in given.items()}

    def _state(self, answers: dict[str, Any], answered: tuple[Answered, ...]) -> State:
        outlook = self.reader.read(answers, self.on)
        keys = self._keys(outlook.open, answers)
        following = self.question(keys[0]) if keys else None
        return State(answered, answers, outlook, following, len(keys))

    def _keys(self, open_: Sequence[str], answers: Mapping[str, Any]) -> list[str]:
        """The keys of the questions about open fields, in their order; an object is asked about before its parts."""
        found: dict[str, None] = {}
        waiting = set(open_)
        for path in open_:
            asked = path
            above = path
            while "." in above:
                above = above.rpartition(".")[0]
                if above in waiting:
                    asked = above
            found[self._key(asked)] = None
        return list(found)

    def _key(self, path: str) -> str:
        question = self._asked.get(path)
        return path if question is None else question.fields[0]

    # --- questions ---------------------------------------------------------------------------------------------------

    def question(self, key: str) -> Question | None:
        """The question of a key; None when there is none."""
        own = self._asked.get(key)
        if own is not None and own.fields[0] == key and any(path in self._fields for path in own.fields):
            return self._of_pack(own)
        field = self._fields.get(key)
        return None if field is None or own is not None else self._of_schema(field)

    def _of_pack(self, own: AskedQuestion) -> Question:
        key = own.fields[0]
        if not own.choices:
            made = self._of_schema(self._all[key])
            return Question(
                key, own.text, own.help or "", made.kind, made.options, "", made.optional, made.bounds, made.holders
            )
        options = tuple(
            Option(str(rank), choice.label, any(texts.needs_entry(one.value) for one in choice.given.values()))
            for rank, choice in enumerate(own.choices, start=1)
        )
        return Question(key, own.text, own.help, own.entry_kind, options, own.entry, False, {}, ())

    def _of_schema(self, field: Field) -> Question:
        title = self.reader.of_request.unknowns.titled(field.path)
        optional = not field.required
        text = f"{title} ?"
        options: tuple[Option, ...] = ()
        if field.kind == Kind.BOOLEAN:
            options = (Option(YES, "Oui"), Option(NO, "Non"))
        elif field.kind == Kind.OBJECT:
            text = f"{title} : l'avez-vous, ou le dossier l'aura-t-il ?"
            options = (Option(YES, "Oui"), Option(NO, "Non"))
            optional = False
        elif field.kind == Kind.LIST:
            text = f"{title} : y en a-t-il ?"
            options = (Option(NO, "Non, aucun"),)
        elif field.choices:
            options = tuple(Option(str(one), _label(field, one)) for one in field.choices)
        parties = self.programme.manifest.parties
        holders = tuple(parties[one].name for one in field.supplied_by if one in parties)
        holders = () if APPLICANT in field.supplied_by else holders
        return Question(field.path, text, field.description, field.kind, options, "", optional, field.bounds, holders)

    def _read(self, question: Question, text: str) -> tuple[dict[str, Any], str]:
        """The fields that a reply settles, and the reply in words; raises InvalidReply."""
        if len(text) > LONGEST:
            raise InvalidReply([_fault(f"la réponse dépasse {LONGEST} caractères", "Écrivez moins.")])
        own = self._asked.get(question.key)
        paths = own.fields if own is not None else (question.key,)
        if text == DOES_NOT_KNOW:
            return dict.fromkeys(paths, UNSURE), "Je ne sais pas"
        if own is not None and own.choices:
            return self._chosen(own, question, text)
        field = self._all[question.key]
        if text == NONE and question.optional:
            return {field.path: None}, "Aucun"
        value: Any
        if question.options:
            option = next((one for one in question.options if one.reply == text), None)
            if option is None:
                raise InvalidReply([_fault("choisissez une des réponses", _choices(question))])
            if field.kind == Kind.BOOLEAN:
                value = text == YES
            elif field.kind == Kind.OBJECT:
                value = {} if text == YES else None
            elif field.kind == Kind.LIST:
                value = []
            else:
                value = text
            return {field.path: value}, option.label
        if not text.strip():
            raise InvalidReply([_fault("il manque une réponse", "Répondez, ou dites que vous ne savez pas.")])
        value = _typed(field.kind, text)
        refused = self._refusals(field, value)
        if refused:
            raise InvalidReply(_unplaced(refused))
        return {field.path: value}, text.strip()

    def _chosen(self, own: AskedQuestion, question: Question, text: str) -> tuple[dict[str, Any], str]:
        rank, _, entered = text.partition(":")
        option = next((one for one in question.options if one.reply == rank), None)
        if option is None:
            raise InvalidReply([_fault("choisissez une des réponses", _choices(question))])
        choice = own.choices[int(rank) - 1]
        entry: Any = None
        if option.entry:
            if not entered.strip():
                raise InvalidReply(
                    [_fault(f"il manque une valeur : {own.entry}", "Écrivez-la, ou dites que vous ne savez pas.")]
                )
            entry = _typed(own.entry_kind, entered)
        values = {path: self._value(given, entry) for path, given in choice.given.items()}
        values = {**dict.fromkeys(own.fields), **values}
        refused = [
            fault
            for path, value in values.items()
            if option.entry and value is not None and value != {}
            for fault in self._refusals(self._all[path], value)
        ]
        if refused:
            raise InvalidReply(_unplaced(refused[:1]))
        return values, f"{option.label} ({entered.strip()})" if option.entry else option.label

    def _value(self, given: Given, entry: Any = None) -> Any:
        """The JSON value that the pack gives to a field; UNSURE for a parameter without a value on the day."""
        if not given.parameter:
            return texts.typed(given.value, entry)
        return parameter_value(
            self.programme.pack.parameters[given.parameter], self._all[given.path.text], self.on, self.programme
        )

    def _refusals(self, field: Field, value: Any) -> list[Diagnostic]:
        """Why the schema refuses a value, in the sentences of the engine."""
        validator = _validator(self.programme, field)
        if validator.accepts(value):
            return []
        return validator.explain(value, scan(json.encode(value).decode()), field.title or field.path)

    # --- the result --------------------------------------------------------------------------------------------------

    def result(self, state: State) -> Result:
        """What the simulation shows.  Raises Contradiction and EngineDisagreement, as `Programme.decide`."""
        data = {"programme": self.programme.name, **composed(state.answers, self.reader.request.root)}
        request, key = self.reader.request, ""
        if request.each:
            # the answers are those of one element, alone in its list
            key = _ALONE
            data[request.each] = [{**data.pop(request.root, {}), request.key: key}]
        decision = self.programme.decide(Dossier(data, ""), self.on, [self.request])
        outlook = state.outlook
        low, high = (None, None) if outlook.amount is None else outlook.amount.ends
        # the parts of what the person does not know were never asked about
        paths = [path for path in outlook.unsure if state.answers.get(path) is UNSURE]
        keys = dict.fromkeys(map(self._key, paths))
        doubts = [self.question(key) for key in keys]
        unasked = [self.question(key) for key in self._keys(outlook.open, state.answers)]
        return Result(
            outlook.verdicts,
            decision.request(self.request, key),
            decision.appraisals,
            low,
            high,
            outlook.amount is not None and outlook.amount.settled and not outlook.amount.unknown,
            tuple(one for one in doubts if one is not None),
            tuple(one for one in unasked if one is not None),
        )


def _validator(programme: Programme, field: Field) -> SchemaValidator:
    """The validator of a field alone, kept with its programme."""
    known = _VALIDATORS.setdefault(programme, {})
    if field.path not in known:
        manifest = programme.manifest
        schema = declaration(programme.pack.schema, field)
        known[field.path] = SchemaValidator(schema, manifest.zone, manifest.years)
    return known[field.path]


def parameter_value(parameter: Parameter, field: Field, on: date, programme: Programme) -> Any:
    """The JSON value of a parameter in a field, on a day; a day is noon in an instant.  UNSURE when it has none."""
    found = parameter.at(on)
    if found is None or found.value is None:
        return UNSURE
    value = found.value
    if field.kind == Kind.INSTANT and not isinstance(value, datetime):
        value = datetime.combine(value, time(12), programme.zone)
    if isinstance(value, datetime):
        return value.isoformat() if field.kind == Kind.INSTANT else value.astimezone(programme.zone).date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool | int) else str(value)


def _written(kind: str) -> str:
    """How a value of a kind is typed, with an example."""
    return _WRITTEN[kind][0] if kind in _WRITTEN else "Quelques mots."


def _typed(kind: str, text: str) -> Any:
    """The JSON value that a person meant; InvalidReply when it does not look like one, in words that show one."""
    value = converted(kind, text)
    if kind in _WRITTEN and not re.fullmatch(_WRITTEN[kind][1], str(value), re.ASCII):
        raise InvalidReply([_fault(f"« {text.strip()} » ne se lit pas", _written(kind))])
    return value


def _unplaced(refused: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics about the one value that was asked for: they need not say where it is."""
    return [structs.replace(one, message=one.message.removeprefix(_PLACE)) for one in refused]


def converted(kind: str, text: str) -> Any:
    """The JSON value that a person meant by what they typed; the text itself when it means none."""
    words = text.strip()
    if kind in (Kind.INTEGER, Kind.AMOUNT, Kind.RATE, Kind.NUMBER):
        return _number(kind, words)
    if kind == Kind.DATE:
        return _FRENCH_DAY.sub(_iso, words)
    if kind == Kind.INSTANT:
        return _instant(words)
    return words


def _number(kind: str, words: str) -> Any:
    sign = _SIGN.get(kind, "")
    percent = sign == "%" and words.endswith("%")
    plain = _SPACES.sub("", words.removesuffix(sign) if sign else words).replace(",", ".")
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", plain, re.ASCII):
        return words
    if kind == Kind.INTEGER:
        return int(plain) if "." not in plain else words
    value = Decimal(plain)
    if percent:
        value = (value / 100).normalize()
    if kind == Kind.AMOUNT and -value.as_tuple().exponent <= 2:  # type: ignore[operator]  # a finite number
        return f"{value:.2f}"
    return f"{value:f}"


def _iso(match: re.Match[str]) -> str:
    return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}"


def _instant(words: str) -> str:
    """`2023-07-26T14:00`, `26/07/2023 14:00`, `26/07/2023 à 14 h 00`: with seconds, in the zone of the programme."""
    day, _, rest = _FRENCH_DAY.sub(_iso, words).replace("T", " ", 1).partition(" ")
    hour = _HOUR.fullmatch(_SPACES.sub("", rest.removeprefix("à")).replace("H", "h"))
    if hour is None:
        return words
    return f"{day}T{int(hour[1]):02d}:{hour[2] or '00'}:{hour[3] or '00'}"


def _label(field: Field, value: Any) -> str:
    """What a value of a closed list is called."""
    return field.labels.get(value) or called(value)


def _choices(question: Question) -> str:
    return "Réponses : " + ", ".join(f"« {one.label} »" for one in question.options) + "."


def _fault(message: str, help: str) -> Diagnostic:
    return Diagnostic("SIMULATION", message, None, help)
