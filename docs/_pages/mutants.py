"""The page on the mutants that no trial can notice: what each pack of `rules/` says of them, held against its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from _pages.markdown import code, fill, table
from recevable.inference.verified import verified
from recevable.language.diagnostics import DiagnosticError
from recevable.outputs.mutation import changed, together
from recevable.trials.mutation import accepted
from recevable.trials.mutation.accepted import Accepted
from recevable.trials.mutation.model import Mutant
from recevable.trials.mutation.mutants import mutants

_RULES: Final = Path(__file__).parents[2] / "rules"


def page() -> str:
    """The text of `mutants.md`; raises DiagnosticError when a pack lists a mutant that its rules do not have.

    That each of them survives is for `recevable mutate` to say, which takes a minute.
    """
    folders = sorted(path.parent for path in _RULES.glob(f"*/{accepted.FILE}"))
    return fill("mutants.md", {"survivants": "\n\n".join(map(_pack, folders))}, {})


def _pack(folder: Path) -> str:
    compiled, lines = verified(folder), accepted.read(folder) or {}
    known = {mutant.id: mutant for mutant in mutants(compiled)}
    faults = accepted.faults(lines.values(), known, ())
    if faults:
        raise DiagnosticError(faults)
    rows = table(("Règle", "Changement", "Pourquoi rien ne le remarque"), _rows(lines, known))
    return f"## {compiled.pack.manifest.title}\n\n{rows}"


def _rows(lines: Mapping[str, Accepted], known: Mapping[str, Mutant]) -> Iterator[tuple[str, str, str]]:
    """One row per rule and reason."""
    found: dict[tuple[str, str], list[Mutant]] = {}
    for name, line in lines.items():
        found.setdefault((known[name].subject, line.reason), []).append(known[name])
    for (subject, reason), changes in found.items():
        yield code(subject), _changes(changes), reason


def _changes(changes: Iterable[Mutant]) -> str:
    return "<br>".join(f"{code(group[0].change.key)} : {changed(group)}" for group in together(changes))
