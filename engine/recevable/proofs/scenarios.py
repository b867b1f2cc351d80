"""A dossier that a search found, as a scenario of the pack for a person to accept.

The scenario starts from a known dossier, and what it expects is what the engines decided: nobody has said that it is
right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from recevable.decision.model import Decision
from recevable.drafts.desk import LEFT
from recevable.pack.edit import quoted
from recevable.pack.model import RECOVERY
from recevable.programme import Programme
from recevable.proofs.prover import Base
from recevable.trials.expectations import expected, expected_recovery
from recevable.trials.proved import Example
from recevable.trials.scenarios import ABSENT

_HEAD: Final = (
    "# Décisions calculées par les moteurs : à relire, puis à accepter en ôtant « À DÉCIDER » de chaque titre.\n"
)


def name_of(programme: Programme) -> str:
    """The name of the file in which scenarios wait to be accepted."""
    return f"a-accepter-{programme.name}.yaml"


def file(found: Iterable[str]) -> str:
    """Scenarios as a file of the `scenarios` of a pack; empty without any."""
    written = [one for one in found if one]
    return f"{_HEAD}scenarios:\n\n" + "\n\n".join(written) + "\n" if written else ""


def scenario(programme: Programme, bases: Sequence[Base], example: Example, title: str, attended: str) -> str:
    """An example as a scenario that expects `attended`; empty without it, or without a known dossier to start from."""
    base = next((one for one in bases if one.name == example.near), None)
    dossier = programme.read(example.contents[0])
    changes = [] if base is None else list(_changes(base.dossier.data, dossier.data))
    if base is None or not changes or not attended:
        return ""
    said = re.sub(r"[{}]", "", title)
    lines = [
        f"  - titre: {quoted(f'{LEFT}{said}')}",
        f"    base: {base.name}",
        f'    au: "{example.day.isoformat()}"',
        "    changements:",
        *(f"      {path}: {value}" for path, value in changes),
        "    attendu:",
        f"      {attended}",
    ]
    return "\n".join(lines)


def attended(programme: Programme, decision: Decision, context: str, rule: str) -> str:
    """What a scenario expects of a decision about a request or recovery, about a rule of it; empty if nothing."""
    if context == RECOVERY and (listed := expected_recovery(decision, rule)):
        return f"{RECOVERY}: {listed}"
    named = [one for one in decision.requests if context in (RECOVERY, one.name)]
    if not named:
        return ""
    found = named[-1]
    amount = programme.manifest.requests[found.name].amount if found.verdict == "accepter" else ""
    return f"{found.label}: {expected(decision, found.label, amount)}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, str]]:
    """What makes a dossier of another, datum by datum, as a scenario writes it."""
    for name in dict.fromkeys((*before, *after)):
        path, one, other = f"{head}{name}", before.get(name), after.get(name)
        if name not in after:
            yield path, ABSENT
        elif isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _changes(one, other, f"{path}.")
        elif one != other:
            yield path, json.dumps(other, ensure_ascii=False)
