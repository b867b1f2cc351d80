"""What a pack says to applicants: `demandeurs.yaml`, for the public page of each profile and for the simulator.

Texts name parameters between braces and never write their values: a page is made for a day, with the values of that
day.
The file is optional and does not affect decisions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, Final

from msgspec import Struct

from recevable.dossier.fields import Field, declaration, fields
from recevable.dossier.validate import SchemaValidator
from recevable.language.calendar import MONTHS
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, Span, in_order
from recevable.language.types import Kind, Type, lookup, walk
from recevable.pack import nodes
from recevable.pack.hints import did_you_mean
from recevable.pack.model import Pack, Parameter
from recevable.pack.nodes import Node, Scalar, to_data
from recevable.pack.reader import Reader
from recevable.pack.source import AnyPack, source_of
from recevable.pack.yaml_strict import read_file

APPLICANTS: Final = "demandeurs.yaml"
# What a typed value replaces in the values of a choice.
ENTRY: Final = "{saisie}"
# The words, without quotes, for a field that the dossier has, or has not.
PRESENT: Final = "present"
ABSENT: Final = "absent"
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


# The types of a typed value, with an example of each.
ENTRIES: Final = {"montant": "1.00", "entier": 1, "date": "2023-06-30"}


class Example(Struct, frozen=True):
    """A dossier to compute: its title, its request, and the values of fields."""

    title: str
    request: Scalar
    given: Mapping[str, Given]


class Given(Struct, frozen=True):
    """The value that a question, an assumption or an example gives to a field; `value` is None when it is absent.

    `parameter` is the name of the parameter whose value it takes.
    """

    path: Scalar
    value: Any
    parameter: str = ""
    written: Node | None = None


class Profile(Struct, frozen=True):
    """What a public page says of one profile: its title, then what the rules do not say."""

    name: Scalar
    title: str
    summary: Scalar | None
    beneficiaries: Scalar | None
    cost: Scalar | None
    examples: tuple[Example, ...] = ()


class Stage(Struct, frozen=True):
    """A step of the programme: the parameters that say when it begins and ends, and the request that it is about.

    Empty `profiles`: every profile.
    """

    title: Scalar
    text: Scalar | None
    opens: Scalar | None
    closes: Scalar | None
    request: Scalar | None
    profiles: tuple[Scalar, ...]
    source: Scalar | None


class Difference(Struct, frozen=True):
    """A point on which another page and the text differ, with both sources; the text prevails.

    `kept` says what follows from it for applicants.
    """

    subject: str
    profiles: tuple[Scalar, ...]
    page: Scalar
    page_source: str
    text: Scalar
    text_source: Scalar
    kept: Scalar


class Choice(Struct, frozen=True):
    """An answer that a question offers, and the fields that it settles."""

    label: str
    given: Mapping[str, Given]


class AskedQuestion(Struct, frozen=True):
    """A question of the simulator in the words of the pack: about one field, or with answers that settle several.

    `entry` is the label of a value to type with some choices, where they write `{saisie}`, and `entry_kind` its type.
    """

    text: str
    help: str
    fields: tuple[str, ...]
    choices: tuple[Choice, ...]
    span: Span
    entry: str = ""
    entry_kind: str = ""


class Assumption(Struct, frozen=True):
    """What the simulator takes as given, and says so; empty `requests`: for every request."""

    text: Scalar
    given: Mapping[str, Given]
    requests: tuple[Scalar, ...]


class Applicants(Struct, frozen=True):
    """The whole file."""

    title: str = ""
    profiles: Mapping[str, Profile] = {}
    stages: tuple[Stage, ...] = ()
    amount: Scalar | None = None
    late: Scalar | None = None
    incomplete: Scalar | None = None
    recovery: Scalar | None = None
    differences: tuple[Difference, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[AskedQuestion, ...] = ()

    def texts(self) -> Iterator[Scalar]:
        """Every text with placeholders."""
        for profile in self.profiles.values():
            yield from filter(None, (profile.summary, profile.beneficiaries, profile.cost))
        for stage in self.stages:
            yield from filter(None, (stage.title, stage.text))
        yield from filter(None, (self.amount, self.late, self.incomplete, self.recovery))
        for difference in self.differences:
            yield from (difference.page, difference.text, difference.kept)
        for assumption in self.assumptions:
            yield assumption.text

    def given(self) -> Iterator[Given]:
        """Every value given to a field."""
        for profile in self.profiles.values():
            for example in profile.examples:
                yield from example.given.values()
        for assumption in self.assumptions:
            yield from assumption.given.values()
        for question in self.questions:
            for choice in question.choices:
                yield from choice.given.values()


def read(pack: AnyPack) -> Applicants:
    """Read the optional `demandeurs.yaml` of a pack; raises DiagnosticError with every fault of form."""
    source = source_of(pack)
    if not source.has(APPLICANTS):
        return Applicants()
    _, node = read_file(source, APPLICANTS)
    if not isinstance(node, nodes.Mapping):
        help = "Écrivez `profils:`, `etapes:`, `simulateur:`…, et dessous ce qu'ils disent."
        raise DiagnosticError([Diagnostic("PAQ-BLOC", f"`{APPLICANTS}` doit contenir des clés", node.span, help)])
    diagnostics: list[Diagnostic] = []
    found = _Reader(Reader(node, diagnostics, f"`{APPLICANTS}`")).applicants()
    if diagnostics:
        raise DiagnosticError(in_order(diagnostics))
    return found


class _Reader:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def applicants(self) -> Applicants:
        reader = self.reader
        profiles: dict[str, Profile] = {}
        block = reader.mapping("profils", required=False)
        for name, key in block.node.keys.items() if block else ():
            body = block.mapping(name, f"le profil `{name}`") if block else None
            if body is not None:
                profiles[name] = self.profile(key, body)
        title = reader.text("titre", required=False)
        stages = tuple(map(self.stage, reader.mappings("etapes", "une étape", required=False)))
        amount, late, incomplete, recovery = (
            reader.scalar(key, required=False) for key in ("montant", "retard", "incomplet", "recouvrement")
        )
        differences = [self.difference(item) for item in reader.mappings("ecarts", "un écart", required=False)]
        assumptions: tuple[Assumption, ...] = ()
        questions: tuple[AskedQuestion, ...] = ()
        simulator = reader.mapping("simulateur", required=False)
        if simulator is not None:
            assumptions = tuple(
                self.assumption(item) for item in simulator.mappings("suppose", "une hypothèse", required=False)
            )
            questions = tuple(
                self.question(item) for item in simulator.mappings("questions", "une question", required=False)
            )
            simulator.finish()
        reader.finish()
        return Applicants(
            title,
            profiles,
            stages,
            amount,
            late,
            incomplete,
            recovery,
            tuple(one for one in differences if one is not None),
            assumptions,
            questions,
        )

    def profile(self, name: Scalar, reader: Reader) -> Profile:
        title = reader.text("titre")
        summary, who, cost = (reader.scalar(key, required=False) for key in ("resume", "beneficiaires", "cout"))
        examples = tuple(
            one for one in map(self.example, reader.mappings("exemples", "un exemple", required=False)) if one
        )
        reader.finish()
        return Profile(name, title, summary, who, cost, examples)

    def example(self, reader: Reader) -> Example | None:
        title, request, given = reader.text("titre"), reader.scalar("demande"), self.given(reader, "dossier")
        reader.finish()
        return None if request is None else Example(title, request, given)

    def stage(self, reader: Reader) -> Stage:
        title = reader.scalar("titre")
        text, opens, closes, request = (
            reader.scalar(key, required=False) for key in ("texte", "ouvre", "ferme", "demande")
        )
        profiles, source = reader.words("profils", required=False), reader.scalar("source")
        reader.finish()
        return Stage(title or _NOTHING, text, opens, closes, request, profiles, source)

    def difference(self, reader: Reader) -> Difference | None:
        subject, profiles = reader.text("sujet"), reader.words("profils", required=False)
        sides: list[tuple[Scalar | None, Scalar | None]] = []
        for key in ("page", "texte"):
            side = reader.mapping(key)
            sides.append((None, None) if side is None else (side.scalar("dit"), side.scalar("source")))
            if side is not None:
                side.finish()
        kept = reader.scalar("retenu")
        reader.finish()
        (page, page_source), (text, text_source) = sides
        if page is None or page_source is None or text is None or text_source is None or kept is None:
            return None
        return Difference(subject, profiles, page, page_source.text, text, text_source, kept)

    def assumption(self, reader: Reader) -> Assumption:
        text, given = reader.scalar("dit"), self.given(reader, "donne")
        requests = reader.words("demandes", required=False)
        reader.finish()
        return Assumption(text or _NOTHING, given, requests)

    def question(self, reader: Reader) -> AskedQuestion:
        text, help = reader.text("question"), reader.text("aide", required=False)
        field = reader.scalar("champ", required=False)
        choices = []
        for item in reader.mappings("choix", "un choix", required=field is None):
            choices.append(Choice(item.text("dit"), self.given(item, "donne")))
            item.finish()
        entry, kind = "", ""
        block = reader.mapping("saisie", required=False)
        if block is not None:
            entry, kind = block.text("dit"), block.choice("type", tuple(ENTRIES))
            block.finish()
        if field is not None and choices:
            message = "une question a soit un `champ`, soit des `choix`"
            reader.fault("PAQ-NATURE", message, field.span, "Gardez l'un des deux.")
        reader.finish()
        fields = [field.text] if field is not None else []
        for choice in choices:
            fields += choice.given
        return AskedQuestion(text, help, tuple(dict.fromkeys(fields)), tuple(choices), reader.node.span, entry, kind)

    def given(self, reader: Reader, key: str) -> dict[str, Given]:
        block = reader.mapping(key)
        found: dict[str, Given] = {}
        for path, place in block.node.keys.items() if block is not None else ():
            node = block.node_at(path) if block is not None else None
            if isinstance(node, Scalar):
                braces = _BRACES.fullmatch(node.text)
                if braces and node.text != ENTRY:
                    found[path] = Given(place, None, braces[1], node)
                elif not node.quoted and node.text == ABSENT:
                    found[path] = Given(place, None, "", node)
                elif not node.quoted and node.text == PRESENT:
                    found[path] = Given(place, {}, "", node)
                else:
                    found[path] = Given(place, to_data(node), "", node)
            elif node is not None:
                found[path] = Given(place, to_data(node), "", node)
        if block is not None:
            block.finish()
        return found


_NOTHING: Final = Scalar("", True, nodes.File(APPLICANTS, ""), 0, 0, 1, 1)


# --- comparison with the pack ---------------------------------------------------------------------------------------


def verify(source: AnyPack, pack: Pack) -> list[Diagnostic]:
    """The faults of the `demandeurs.yaml` of a pack, reading faults included."""
    try:
        return in_order(list(_compare(read(source), pack)))
    except DiagnosticError as error:
        return list(error.diagnostics)


def _compare(found: Applicants, pack: Pack) -> Iterator[Diagnostic]:
    type_ = lookup(pack.facts, pack.manifest.profile)
    profiles = type_.values if type_ is not None else ()
    named = [profile.name for profile in found.profiles.values()]
    named += [word for stage in found.stages for word in stage.profiles]
    named += [word for difference in found.differences for word in difference.profiles]
    yield from _known(named, profiles, "profil inconnu", "PAQ-VALEUR")
    requests = [stage.request for stage in found.stages if stage.request is not None]
    requests += [example.request for profile in found.profiles.values() for example in profile.examples]
    requests += [word for assumption in found.assumptions for word in assumption.requests]
    yield from _known(requests, tuple(pack.manifest.requests), "demande inconnue", "PAQ-DEMANDE")
    for stage in found.stages:
        for word in (stage.opens, stage.closes):
            if word is not None:
                yield from _dated(word, pack.parameters)
    for text in found.texts():
        yield from placeholders(text, pack.parameters, "aucun paramètre ne se nomme `{}`")
        yield from written_again(text, pack)
    yield from _fields(found, pack)


def _known(words: list[Scalar], known: Collection[str], message: str, code: str) -> Iterator[Diagnostic]:
    for word in words:
        if word.text not in known:
            help = did_you_mean(word.text, known) or f"Valeurs possibles : {', '.join(f'`{one}`' for one in known)}."
            yield Diagnostic(code, f"{message} : `{word.text}`", word.span, help, subject=word.text)


def _dated(word: Scalar, parameters: Mapping[str, Parameter]) -> Iterator[Diagnostic]:
    dated = [name for name, one in parameters.items() if one.type.kind in (Kind.DATE, Kind.INSTANT)]
    if word.text not in dated:
        help = did_you_mean(word.text, dated) or "Donnez le nom d'un paramètre de type date ou instant."
        message = f"`{word.text}` n'est pas un paramètre de type date ou instant"
        yield Diagnostic("PAQ-CHAMP", message, word.span, help, subject=word.text)


def placeholders(text: Scalar, known: Collection[str], message: str) -> Iterator[Diagnostic]:
    """The names between braces of a text that are not known, and braces that hold none."""
    for match in _BRACES.finditer(text.text):
        if match[1] not in known:
            help = did_you_mean(match[1], known) or "Donnez le nom d'un paramètre."
            place = text.place(match.start(1), max(len(match[1]), 1))
            yield Diagnostic("EXP-NOM", message.format(match[1]), place, help, subject=match[1])
    rest = _BRACES.sub(lambda match: " " * len(match[0]), text.text)
    for index, character in enumerate(rest):
        if character in "{}":
            help = "Écrivez `{nom_du_parametre}`."
            yield Diagnostic("EXP-SYNTAXE", "accolade isolée", text.place(index), help)


def written_again(text: Scalar, pack: Pack) -> Iterator[Diagnostic]:
    """A value of a parameter that a text writes again: it would be wrong on another day."""
    plain = _spaced(text.text)
    for parameter in pack.parameters.values():
        for value in parameter.values:
            for written in _written(value.value, parameter.type, pack.manifest.zone):
                start = _position(plain, written)
                if start >= 0:
                    message = f"« {written} » est la valeur de `{parameter.name}`, écrite une seconde fois"
                    help = f"Écrivez `{{{parameter.name}}}` à la place."
                    place = text.place(start, len(written))
                    yield Diagnostic("EXP-VALEUR", message, place, help, Severity.WARNING, subject=parameter.name)
                    return


def _spaced(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def _position(text: str, written: str) -> int:
    """Where a value stands by itself in a text; -1 when it does not."""
    found = re.search(rf"(?<![\w.,])(?<!\d ){re.escape(written)}(?![\w]|[.,]\d)", text)
    return found.start() if found else -1


def _written(value: Any, type_: Type, zone: tzinfo) -> Iterator[str]:
    """The ways in which a text would write a value of a parameter."""
    if isinstance(value, datetime | date):
        day = value.astimezone(zone).date() if isinstance(value, datetime) else value
        rank = "1er" if day.day == 1 else str(day.day)
        yield f"{rank} {MONTHS[day.month - 1]} {day.year}"
        yield f"{day:%d/%m/%Y}"
    elif type_.kind is Kind.AMOUNT and value is not None:
        whole, _, cents = f"{value:f}".partition(".")
        grouped = f"{int(whole):,}".replace(",", " ")
        yield f"{grouped},{cents}"
        if not int(cents or 0) and len(whole) > 2:
            yield from (grouped, whole)


def _fields(found: Applicants, pack: Pack) -> Iterator[Diagnostic]:
    """Fields that exist, values that the schema accepts, and one question for each field."""
    declared = {one.path: one for top in fields(pack.schema) for one in top.walk()}
    asked: dict[str, AskedQuestion] = {}
    for question in found.questions:
        for path in question.fields:
            if lookup(pack.facts, path) is None:
                yield _no_field(path, question.span, pack)
            elif path in asked:
                message = f"`{path}` est déjà le champ d'une autre question (ligne {asked[path].span.line})"
                yield Diagnostic("PAQ-DOUBLON", message, question.span, "Réunissez les deux questions.", subject=path)
            asked.setdefault(path, question)
    for given in found.given():
        type_ = lookup(pack.facts, given.path.text)
        if type_ is None:
            yield _no_field(given.path.text, given.path.span, pack)
        elif given.parameter:
            if given.parameter not in pack.parameters and isinstance(given.written, Scalar):
                help = did_you_mean(given.parameter, pack.parameters) or "Donnez le nom d'un paramètre."
                message = f"aucun paramètre ne se nomme `{given.parameter}`"
                yield Diagnostic("EXP-NOM", message, given.written.span, help, subject=given.parameter)
        elif given.value is not None:
            yield from _refused(given, declared, pack)


def typed(value: Any, entry: Any) -> Any:
    """A value with `{saisie}` replaced by what was typed."""
    if isinstance(value, Mapping):
        return {key: typed(one, entry) for key, one in value.items()}
    if isinstance(value, list):
        return [typed(one, entry) for one in value]
    return entry if value == ENTRY else value


def needs_entry(value: Any) -> bool:
    """Whether a value needs something to be typed."""
    return bool(typed(value, None) != value)


def _no_field(path: str, span: Span, pack: Pack) -> Diagnostic:
    help = did_you_mean(path, [name for name, _ in walk(pack.facts)]) or "Donnez le chemin d'un champ du dossier."
    return Diagnostic("PAQ-CHAMP", f"`{path}` n'est pas un champ du dossier", span, help, subject=path)


def _refused(given: Given, declared: Mapping[str, Field], pack: Pack) -> Iterator[Diagnostic]:
    schema = declaration(pack.schema, declared[given.path.text])
    validator = SchemaValidator(schema, pack.manifest.zone, pack.manifest.years)
    # `present` is an object or a list whose parts are distinguished
    tried = [typed(given.value, example) for example in ENTRIES.values()]
    if given.value != {} and not any(map(validator.accepts, tried)):
        span = given.written.span if given.written is not None else given.path.span
        message = f"le schéma n'accepte pas cette valeur de `{given.path.text}`"
        help = f"Écrivez une valeur que le dossier pourrait avoir, `{PRESENT}` ou `{ABSENT}`."
        yield Diagnostic("PAQ-VALEUR", message, span, help, subject=given.path.text)
