"""The elements of the lists for each of which there is a request, each identified by its key.

A key is a text or an integer that every element has and no other element of its list shares: a request is named by it
in the decision, in the recorded appraisals and in what is paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recevable.dossier.refusals import Refusal
from recevable.language.characters import shows

# Characters of a key, which names a request wherever one is kept.
LONGEST: Final = 60


def key_of(element: Mapping[str, Any], member: str) -> str:
    """The key of an element as a text; empty when it has none."""
    value = element.get(member)
    return "" if value is None else " ".join(str(value).split())


def refusals(data: Any, keys: Mapping[str, str]) -> Iterator[Refusal]:
    """The elements without a key of their own; `keys` gives the member that is the key, by list."""
    for place, member in keys.items():
        first: dict[str, int] = {}
        elements, path = data, tuple(place.split("."))
        for part in path:
            elements = elements.get(part) if isinstance(elements, Mapping) else None
        for rank, element in enumerate(elements or ()):
            key = key_of(element, member)
            if len(key) > LONGEST:
                help = f"Une clé a au plus {LONGEST} caractères."
                yield Refusal((*path, rank, member), f"`{member}` a {len(key)} caractères", help)
            elif not shows(key):
                help = f"Chaque élément de `{place}` a un `{member}`, qui le nomme."
                yield Refusal((*path, rank), f"`{member}` manque", help)
            elif first.setdefault(key, rank) != rank:
                message = f"« {key} » est déjà le `{member}` de l'élément {first[key]}"
                help = f"Donnez à chaque élément de `{place}` un `{member}` différent, ou retirez le doublon."
                yield Refusal((*path, rank, member), message, help)
