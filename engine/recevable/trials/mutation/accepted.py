"""`mutants.yaml`: the surviving mutants that a pack accepts, each with a reason.

One reason may cover several mutants.  A listed mutant that does not exist, or that is killed, is a fault.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.hints import did_you_mean
from recevable.pack.nodes import Mapping, Scalar
from recevable.pack.reader import Reader
from recevable.pack.source import FolderSource
from recevable.pack.yaml_strict import read_file
from recevable.trials.mutation.run import Fate, Tried

FILE: Final = "mutants.yaml"


class Accepted(Struct, frozen=True):
    """An accepted survivor and the reason."""

    id: Scalar
    reason: str


def read(folder: Path) -> dict[str, Accepted] | None:
    """The accepted survivors of a pack by id, in file order; None without the file.

    Raises DiagnosticError with every fault.
    """
    if not (folder / FILE).exists():
        return None
    _, node = read_file(FolderSource(folder), FILE)
    if not isinstance(node, Mapping):
        help = "Écrivez `mutants:` en tête du fichier, puis un mutant par tiret."
        raise DiagnosticError([Diagnostic("PAQ-BLOC", f"`{FILE}` doit contenir des clés", node.span, help)])
    diagnostics: list[Diagnostic] = []
    reader = Reader(node, diagnostics, f"`{FILE}`")
    found: dict[str, Accepted] = {}
    for item in reader.mappings("mutants", "un mutant"):
        identifiers, reason = item.words("mutant"), item.text("motif")
        item.finish()
        for identifier in identifiers:
            if identifier.text in found:
                message = f"le mutant `{identifier.text}` figure déjà ligne {found[identifier.text].id.span.line}"
                item.fault("PAQ-DOUBLON", message, identifier.span, "Gardez-le une seule fois, avec son motif.")
            else:
                found[identifier.text] = Accepted(identifier, reason)
    reader.finish()
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return found


def faults(accepted: Iterable[Accepted], known: Collection[str], tried: Iterable[Tried]) -> list[Diagnostic]:
    """The listed ids that are unknown or did not survive; mutants that were not tried are ignored."""
    fates = {one.mutant.id: one.fate for one in tried}
    found = []
    for line in accepted:
        name = line.id.text
        if name not in known:
            help = did_you_mean(name, known) or "Recopiez l'identifiant que donne `recevable mutate`."
            found.append(Diagnostic("MUT-INCONNU", f"mutant inconnu : `{name}`", line.id.span, help))
        elif fates.get(name, Fate.SURVIVED) is not Fate.SURVIVED:
            what = "est tué par un essai" if fates[name] is Fate.KILLED else "ne se compile pas"
            message = f"le mutant `{name}` {what} : il n'y a rien à expliquer"
            found.append(Diagnostic("MUT-TUE", message, line.id.span, "Retirez-le de la liste."))
    return found
