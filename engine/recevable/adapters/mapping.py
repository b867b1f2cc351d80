"""`import.yaml`: what the answers of a portal mean for a programme, read strictly, each key at its place.

A block per format; in it, `champs` and `annotations` (questions of the form), `dossier` (what the portal itself knows),
`constantes`, and `ignores`, the questions that are left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from recevable.adapters.contract import Adapter
from recevable.dossier.fields import ELEMENT, Field
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.pack.hints import did_you_mean, nearest
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import Scalar
from recevable.pack.reader import Reader
from recevable.pack.source import PackSource
from recevable.pack.yaml_strict import read_file

IMPORT: Final = "import.yaml"
PERCENT: Final = "pourcent"
FRACTION: Final = "fraction"
# What an unticked box means: no, or nothing.
NO: Final = "non"
NOTHING: Final = "absent"
BOOLEANS: Final = {"oui": True, "non": False}
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


class Entry(Struct, frozen=True):
    """A question, or a datum of the portal, and where its answer goes.

    `label` or `id` names it; `field` is where it goes, `rows` the questions of a repeated block (`field` is then a
    list).  `values` translates answers; `unit` says how a rate is typed, `unticked` what an unticked box means.
    `piece`: whether the answer is a file, whose presence is what the dossier says.
    """

    place: Span
    label: str
    id: str
    field: Field
    piece: bool = False
    values: Mapping[str, str] = {}
    unit: str = ""
    unticked: str = ""
    rows: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.label or self.id


class Constant(Struct, frozen=True):
    """A datum that every dossier of this portal has, where its object is there, as a dossier writes it."""

    field: Field
    value: str | bool


class ImportMapping(Struct, frozen=True):
    """What the exports of a format mean for a programme."""

    forms: frozenset[int]
    states: frozenset[str]
    answers: tuple[Entry, ...]
    annotations: tuple[Entry, ...]
    data: tuple[Entry, ...]
    constants: tuple[Constant, ...]
    ignored: frozenset[str]
    place: Span

    def targets(self) -> Iterator[Field]:
        """Every field that something fills."""
        for one in (*self.answers, *self.annotations, *self.data):
            yield from _targets(one)
        for constant in self.constants:
            yield constant.field


def _targets(entry: Entry) -> Iterator[Field]:
    yield entry.field
    for row in entry.rows:
        yield from _targets(row)


def read(
    source: PackSource, adapters: Mapping[str, Adapter], fields: Iterable[Field], documents: frozenset[str]
) -> dict[str, ImportMapping]:
    """The mappings of a pack, by format; raises DiagnosticError with every fault.  The file is optional."""
    if not source.has(IMPORT):
        return {}
    _, node = read_file(source, IMPORT)
    if not isinstance(node, YamlMapping):
        help = f"Écrivez une clé par format : {', '.join(f'`{name}:`' for name in adapters)}."
        raise DiagnosticError([Diagnostic("PAQ-BLOC", f"`{IMPORT}` doit contenir des clés", node.span, help)])
    diagnostics: list[Diagnostic] = []
    known = {one.path: one for first in fields for one in first.walk()}
    reader = Reader(node, diagnostics, f"`{IMPORT}`")
    found = {}
    for name, adapter in adapters.items():
        block = reader.mapping(name, required=False)
        if block is not None:
            found[name] = _Block(block, adapter, known, documents, diagnostics).read()
    reader.finish()
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return found


class _Block:
    def __init__(
        self,
        reader: Reader,
        adapter: Adapter,
        known: Mapping[str, Field],
        documents: frozenset[str],
        diagnostics: list[Diagnostic],
    ) -> None:
        self.reader, self.adapter, self.known, self.documents = reader, adapter, known, documents
        self.diagnostics = diagnostics

    def read(self) -> ImportMapping:
        reader = self.reader
        forms = frozenset(self.numbers(reader.words("demarches", required=False)))
        states = frozenset(self.states(reader.words("etats")))
        answers = tuple(self.entries(reader, "champs", ""))
        annotations = tuple(self.entries(reader, "annotations", ""))
        data = tuple(self.data(reader))
        constants = tuple(self.constants(reader))
        ignored = tuple(reader.words("ignores", required=False))
        reader.finish()
        self.repeated([*answers, *annotations])
        mapped = {one.label for one in (*answers, *annotations) if one.label}
        for word in ignored:
            if word.text in mapped:
                message = f"« {word.text} » est à la fois repris et ignoré"
                self.fault("PAQ-DOUBLON", message, word.span, "Gardez l'un des deux.")
        labels = frozenset(word.text for word in ignored)
        return ImportMapping(forms, states, answers, annotations, data, constants, labels, reader.node.span)

    def fault(self, code: str, message: str, span: Span, help: str) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help))

    def numbers(self, words: Iterable[Scalar]) -> Iterator[int]:
        for word in words:
            if _NUMBER.fullmatch(word.text):
                yield int(word.text)
            else:
                self.fault(
                    "PAQ-VALEUR",
                    f"`{word.text}` n'est pas le numéro d'une démarche",
                    word.span,
                    "Écrivez ses chiffres.",
                )

    def states(self, words: Iterable[Scalar]) -> Iterator[str]:
        for word in words:
            if word.text in self.adapter.STATES:
                yield word.text
            else:
                help = did_you_mean(word.text, self.adapter.STATES) or f"États : {', '.join(self.adapter.STATES)}."
                self.fault("PAQ-VALEUR", f"`{word.text}` n'est pas l'état d'un dossier", word.span, help)

    def entries(self, reader: Reader, key: str, above: str) -> Iterator[Entry]:
        for item in reader.mappings(key, "une question", required=False):
            entry = self.entry(item, above)
            item.finish()
            if entry is not None:
                yield entry

    def entry(self, item: Reader, above: str) -> Entry | None:
        label, id_ = item.scalar("champ", required=False), item.scalar("id", required=False)
        misspelt = any(nearest(key, ["champ"]) for key in item.node.keys)
        if label is None and id_ is None and not misspelt:
            self.fault(
                "PAQ-CLE-MANQUANTE", "il manque la clé `champ` dans une question", item.node.span, "Ajoutez `champ: …`."
            )
        ways = [key for key in ("vers", "piece", "liste") if item.has(key)]
        if len(ways) != 1:
            message = "une question va dans un champ (`vers`), une pièce (`piece`) ou une liste (`liste`)"
            self.fault("PAQ-CLE-MANQUANTE", message, item.node.span, "Écrivez une de ces trois clés.")
            return None
        (way,) = ways
        target = item.scalar(way)
        if target is None:
            return None
        rows: tuple[Entry, ...] = ()
        field = self.field(target, above)
        if way == "liste":
            # read even when the list is unknown, so that its keys are not reported as unknown
            rows = tuple(self.entries(item, "champs", target.text + ELEMENT + "." if field is not None else above))
            if field is not None and (field.element is None or not field.element.fields):
                self.fault(
                    "PAQ-CHAMP", f"`{target.text}` n'est pas une liste d'objets", target.span, "Donnez une liste."
                )
                field = None
            elif not rows:
                self.fault("PAQ-LISTE", "un bloc répétable a des `champs`", item.node.span, "Ajoutez `champs:`.")
        elif way == "piece" and field is not None and field.path not in self.documents:
            help = did_you_mean(target.text, self.documents) or "Donnez la place d'une pièce que les règles demandent."
            self.fault("PAQ-CHAMP", f"`{target.text}` n'est pas une pièce du programme", target.span, help)
            field = None
        elif way == "vers" and field is not None and not _is_value(field):
            self.fault(
                "PAQ-CHAMP",
                f"`{target.text}` n'est pas un renseignement",
                target.span,
                "Donnez un champ qui a une valeur.",
            )
            field = None
        unit, unticked, values = self.options(item, way, field, target)
        if field is None:
            return None
        place = label or id_ or target
        return Entry(
            place.span,
            label.text if label else "",
            id_.text if id_ else "",
            field,
            way == "piece",
            values,
            unit,
            unticked,
            rows,
        )

    def options(self, item: Reader, way: str, field: Field | None, target: Scalar) -> tuple[str, str, dict[str, str]]:
        """`unite`, `decochee` and `valeurs`, where they mean something."""
        unit = item.choice("unite", (PERCENT, FRACTION), required=False)
        unticked = item.choice("decochee", (NO, NOTHING), required=False)
        values = self.values(item, field)
        if way == "vers" and field is not None:
            leaf = field.element or field
            if unit and leaf.kind != "taux":
                self.fault("PAQ-CLE-INCONNUE", "`unite` ne se dit que d'un taux", target.span, "Supprimez `unite`.")
            if unticked and leaf.kind != "booleen":
                message = "`decochee` ne se dit que d'un champ vrai ou faux"
                self.fault("PAQ-CLE-INCONNUE", message, target.span, "Supprimez `decochee`.")
        elif (unit or unticked or values) and way != "vers":
            message = "`unite`, `decochee` et `valeurs` ne se disent que d'un renseignement (`vers`)"
            self.fault("PAQ-CLE-INCONNUE", message, target.span, "Supprimez-les.")
        return unit, unticked, values

    def values(self, item: Reader, field: Field | None) -> dict[str, str]:
        block = item.mapping("valeurs", required=False)
        found: dict[str, str] = {}
        leaf = (field.element or field) if field is not None else None
        allowed = (
            tuple(BOOLEANS)
            if leaf is not None and leaf.kind == "booleen"
            else tuple(map(str, leaf.choices))
            if leaf
            else ()
        )
        for answer, key in block.node.keys.items() if block else ():
            meaning = block.scalar(answer) if block else None
            if meaning is None:
                continue
            if leaf is not None and not allowed:
                help = "Supprimez `valeurs` : ce champ n'a pas de liste de valeurs."
                self.fault(
                    "PAQ-CLE-INCONNUE", "`valeurs` ne se dit que d'une énumération ou d'un vrai ou faux", key.span, help
                )
                break
            if leaf is not None and meaning.text not in allowed:
                help = did_you_mean(meaning.text, allowed) or f"Valeurs : {', '.join(f'`{one}`' for one in allowed)}."
                self.fault("PAQ-VALEUR", f"`{meaning.text}` n'est pas une valeur de `{leaf.path}`", meaning.span, help)
            found[answer] = meaning.text
        if block is not None:
            block.finish()
        return found

    def data(self, reader: Reader) -> Iterator[Entry]:
        for item in reader.mappings("dossier", "une donnée du dossier", required=False):
            datum, target = item.scalar("donnee"), item.scalar("vers")
            if datum is not None and datum.text not in self.adapter.DATA:
                help = did_you_mean(datum.text, self.adapter.DATA) or f"Données : {', '.join(self.adapter.DATA)}."
                self.fault("PAQ-VALEUR", f"`{datum.text}` n'est pas une donnée de ce format", datum.span, help)
                datum = None
            field = self.field(target, "") if target is not None else None
            values = self.values(item, field)
            item.finish()
            if field is not None and target is not None and not _is_value(field):
                self.fault("PAQ-CHAMP", f"`{target.text}` n'est pas un renseignement", target.span, "Donnez un champ.")
            elif datum is not None and field is not None:
                yield Entry(datum.span, datum.text, "", field, values=values)

    def constants(self, reader: Reader) -> Iterator[Constant]:
        for item in reader.mappings("constantes", "une constante", required=False):
            target, value = item.scalar("vers"), item.scalar("valeur")
            item.finish()
            field = self.field(target, "") if target is not None else None
            if field is None or value is None or target is None:
                continue
            allowed = tuple(BOOLEANS) if field.kind == "booleen" else tuple(map(str, field.choices))
            if not allowed or ELEMENT in field.path:
                message = f"`{target.text}` n'est ni une énumération ni un vrai ou faux"
                self.fault("PAQ-CHAMP", message, target.span, "Une constante est l'une des valeurs d'une liste.")
            elif value.text not in allowed:
                help = did_you_mean(value.text, allowed) or f"Valeurs : {', '.join(f'`{one}`' for one in allowed)}."
                self.fault("PAQ-VALEUR", f"`{value.text}` n'est pas une valeur de `{field.path}`", value.span, help)
            else:
                yield Constant(field, BOOLEANS[value.text] if field.kind == "booleen" else value.text)

    def field(self, target: Scalar, above: str) -> Field | None:
        """The field at a path, below a list when `above` names one (`paiements[].`)."""
        found = self.known.get(above + target.text)
        outside = not above and ELEMENT in target.text
        if found is not None and not outside:
            return found
        near = [one.removeprefix(above) for one in self.known if one.startswith(above)]
        help = did_you_mean(target.text, near) or "Donnez le chemin d'un champ du schéma."
        if outside:
            help = "Un élément d'une liste se remplit par un bloc `liste:`."
        self.fault("PAQ-CHAMP", f"`{target.text}` n'est pas un champ du schéma", target.span, help)
        return None

    def repeated(self, entries: Iterable[Entry]) -> None:
        """The same question mapped twice the same way is a slip; one question may fill several fields."""
        seen: dict[tuple[str, str, str], Entry] = {}
        for one in entries:
            first = seen.setdefault((one.label, one.id, one.field.path), one)
            if first is not one:
                message = f"« {one.name} » va déjà dans `{one.field.path}` ({first.place})"
                self.fault("PAQ-DOUBLON", message, one.place, "Supprimez l'une des deux lignes.")
            self.repeated(one.rows)


def _is_value(field: Field) -> bool:
    """Whether a field is a value, or a list of values."""
    leaf = field.element or field
    return not leaf.fields and leaf.kind not in ("objet", "liste")
