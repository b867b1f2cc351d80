"""A corpus of varied dossiers, generated from the fixtures: every line differs, the same seed gives the same lines.

Each dossier starts from a fixture, gets another SIREN and other figures, and often one to four accidents: a field
that is missing, a flag turned over, an instant moved, a word changed for another of its list.  All of them fit the
schema.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]


def corpus(fixtures: Path, schema: Mapping[str, Any], count: int, seed: int = 1) -> Iterator[bytes]:
    """`count` dossiers, each as one line of JSON without its end."""
    rng = random.Random(seed)
    bases = [orjson.loads(path.read_bytes()) for path in sorted(fixtures.glob("*.json"))]
    mutator = _Mutator(schema, rng)
    for rank in range(count):
        dossier = orjson.loads(orjson.dumps(bases[rank % len(bases)]))
        dossier["reference"] = f"BANC-{rank:06d}"
        mutator.renumber(dossier)
        for _ in range(rng.choice((0, 0, 1, 1, 2, 4))):
            mutator.accident(dossier)
        yield orjson.dumps(dossier)


class _Mutator:
    def __init__(self, schema: Mapping[str, Any], rng: random.Random) -> None:
        self.schema, self.rng = schema, rng

    def renumber(self, dossier: Json) -> None:
        """Another applicant, other mailboxes."""
        siret = _siret(self.rng)
        old = dossier.get("operateur", {}).get("siret")
        if old is not None:
            _substitute(dossier, old, siret)
        boxes = dossier.get("ans", {}).get("annuaire", {})
        for name, top in (("applicatives", 900), ("organisationnelles", 3_000), ("personnelles", 40_000)):
            if name in boxes and self.rng.random() < 0.7:
                boxes[name] = self.rng.randrange(top)

    def accident(self, dossier: Json) -> None:
        """One change somewhere below the first level, of a kind that its schema allows."""
        leaves = list(_leaves(dossier, self.schema, self.schema))
        if not leaves:
            return
        owner, key, node = self.rng.choice(leaves)
        value = owner[key]
        choices = node.get("enum")
        if self.rng.random() < 0.35 or (
            not choices and node.get("format") not in ("instant", "date") and not isinstance(value, bool)
        ):
            del owner[key]
        elif choices:
            owner[key] = self.rng.choice(choices)
        elif isinstance(value, bool):
            owner[key] = not value
        else:
            owner[key] = _moved(value, self.rng)


def _leaves(
    node: Json, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int = 0
) -> Iterator[tuple[Json, str, Mapping[str, Any]]]:
    properties = _resolve(schema, root).get("properties", {})
    for key, value in node.items():
        child = _resolve(properties.get(key, {}), root)
        if isinstance(value, dict):
            yield from _leaves(value, child, root, depth + 1)
        elif depth and child and not isinstance(value, list):
            yield node, key, child


def _resolve(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        target: Any = root
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def _moved(text: str, rng: random.Random) -> str:
    """An instant or a date some seconds to some months away."""
    gap = timedelta(seconds=rng.choice((1, -1, 3_600, -86_400, 86_400 * 30, -86_400 * 90, 86_400 * 700)))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if "T" not in text:
        return (moment + gap).date().isoformat()
    # a naive instant may land in a change of the clocks, which the engine refuses to guess: give it an offset
    return (moment + gap).isoformat() + ("" if moment.tzinfo else "Z")


def _substitute(node: Any, old: str, new: str) -> None:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if value == old:
            node[key] = new
        elif isinstance(value, dict | list):
            _substitute(value, old, new)


def _siret(rng: random.Random) -> str:
    siren = _with_luhn(f"{rng.randrange(10**7, 10**8):08d}")
    return _with_luhn(siren + f"{rng.randrange(1, 100):04d}")


def _with_luhn(digits: str) -> str:
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - rank % 2)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)
