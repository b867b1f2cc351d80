"""Data that a dossier may omit: the exceptions to "removing a datum never improves an answer", with reasons.

`retraits.yaml` does not affect decisions: the trials remove each datum from the known dossiers, and only the data
listed here may improve the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.language.types import Kind, Type, walk
from recevable.language.unparse import path_text
from recevable.pack.hints import did_you_mean
from recevable.pack.model import Pack
from recevable.pack.nodes import Mapping, Scalar
from recevable.pack.reader import Reader
from recevable.pack.source import AnyPack, source_of
from recevable.pack.yaml_strict import read_file

REMOVALS: Final = "retraits.yaml"
# After the name of a list: any of its items.
ITEM: Final = "[]"


class Removal(Struct, frozen=True):
    """A datum (`paiements[].paye_le`), the requests and rules that may do without it, and the reason."""

    datum: Scalar
    requests: tuple[Scalar, ...]
    rules: tuple[Scalar, ...]
    reason: str


class Removals(Struct, frozen=True):
    """Data that an accepted request may omit, and obstacles to a request that nobody is required to report."""

    optional: tuple[Removal, ...] = ()
    against: tuple[Removal, ...] = ()


def verify(source: AnyPack, pack: Pack) -> list[Diagnostic]:
    """The faults of the `retraits.yaml` of a pack, reading faults included; the file is optional."""
    try:
        found = read(source)
    except DiagnosticError as error:
        return list(error.diagnostics)
    return [fault for removals in (found.optional, found.against) for fault in _compare(pack, removals)]


def read(pack: AnyPack) -> Removals:
    """Read the optional `retraits.yaml` of a pack; raises DiagnosticError with every fault."""
    source = source_of(pack)
    if not source.has(REMOVALS):
        return Removals()
    _, node = read_file(source, REMOVALS)
    if not isinstance(node, Mapping):
        help = "Écrivez `facultatives:` et `opposables:`, puis un élément par tiret."
        raise DiagnosticError([Diagnostic("PAQ-BLOC", f"`{REMOVALS}` doit contenir des clés", node.span, help)])
    diagnostics: list[Diagnostic] = []
    reader = Reader(node, diagnostics, f"`{REMOVALS}`")
    found = Removals(tuple(_items(reader, "facultatives")), tuple(_items(reader, "opposables")))
    reader.finish()
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return found


def _items(reader: Reader, key: str) -> Iterator[Removal]:
    for item in reader.mappings(key, "une donnée", required=False):
        datum, requests, rules = item.scalar("donnee"), item.words("demandes"), item.words("regles")
        reason = item.text("raison")
        item.finish()
        if datum is not None:
            yield Removal(datum, requests, rules, reason)


def _compare(pack: Pack, removals: Sequence[Removal]) -> Iterator[Diagnostic]:
    """Check that data, requests and rules exist and match; each fault is reported once."""
    seen: dict[tuple[str, str], Scalar] = {}
    for removal in removals:
        if not _is_datum(pack.facts, removal.datum.text):
            help = did_you_mean(removal.datum.text, [path_text(path) for path, _ in walk(pack.facts)])
            help = help or "Donnez le chemin d'une donnée du dossier ; `[]` suit le nom d'une liste."
            message = f"`{removal.datum.text}` n'est pas une donnée du schéma"
            yield Diagnostic("PAQ-CHAMP", message, removal.datum.span, help, subject=removal.datum.text)
        for word in removal.requests:
            first = seen.setdefault((removal.datum.text, word.text), removal.datum)
            if word.text not in pack.manifest.requests:
                known = pack.manifest.requests
                help = did_you_mean(word.text, known) or f"Demandes : {', '.join(f'`{name}`' for name in known)}."
                yield Diagnostic("PAQ-DEMANDE", f"demande inconnue : `{word.text}`", word.span, help)
            elif first is not removal.datum:
                message = f"`{removal.datum.text}` est déjà nommée pour `{word.text}` ({first.span})"
                yield Diagnostic("PAQ-DOUBLON", message, removal.datum.span, "Réunissez leurs `regles`.")
        for word in removal.rules:
            rule = pack.rules.get(word.text)
            if rule is None:
                help = did_you_mean(word.text, pack.rules) or "Donnez l'identifiant d'une règle du paquet."
                yield Diagnostic("TRA-REGLE", f"règle inconnue : `{word.text}`", word.span, help, subject=word.text)
            elif removal.requests and not any(
                request.text in rule.requests or request.text not in pack.manifest.requests
                for request in removal.requests
            ):
                message = f"la règle `{word.text}` ne concerne aucune de ces demandes"
                yield Diagnostic("TRA-REGLE", message, word.span, "Donnez une règle qui les concerne.")


def _is_datum(facts: Type, path: str) -> bool:
    current: Type | None = facts
    for part in path.split("."):
        name = part.removesuffix(ITEM)
        current = current.fields.get(name) if current is not None and current.kind is Kind.OBJECT else None
        if part.endswith(ITEM):
            current = current.item if current is not None and current.kind is Kind.LIST else None
        if current is None:
            return False
    return True
