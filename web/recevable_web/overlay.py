"""The applicant's payload and the agency's facts over it: separated by who supplies each field, and put together.

A list is supplied as a whole.  A field without a supplier is the applicant's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import recevable

APPLICANT: Final = "demandeur"

Json = dict[str, Any]


def split(fields: Iterable[recevable.Field], data: Mapping[str, Any]) -> tuple[Json, Json]:
    """The applicant's part of a dossier, and the agency's; together they are the dossier (`compose`)."""
    payload: Json = {}
    overlay: Json = {}
    known = {one.path.rpartition(".")[2]: one for one in fields}
    for name, value in data.items():
        field = known.get(name)
        applicant = field is None or not field.supplied_by or APPLICANT in field.supplied_by
        if field is not None and field.fields and isinstance(value, Mapping):
            mine, theirs = split(field.fields, value)
            # an object that is there and empty says something: a piece that was joined
            if mine or (applicant and not theirs) or (applicant and field.kind == "objet"):
                payload[name] = mine
            if theirs or (not applicant and not mine):
                overlay[name] = theirs
        elif applicant:
            payload[name] = value
        else:
            overlay[name] = value
    return payload, overlay


def compose(payload: Mapping[str, Any], overlay: Mapping[str, Any]) -> Json:
    """The dossier: the payload with the agency's facts.  Where both say something, the applicant's word stays apart.

    Raises ValueError when the overlay would change what the applicant supplied: it only ever adds.
    """
    found: Json = dict(payload)
    for name, value in overlay.items():
        if name not in found:
            found[name] = value
        elif isinstance(found[name], Mapping) and isinstance(value, Mapping):
            found[name] = compose(found[name], value)
        elif found[name] != value:
            raise ValueError(name)
    return found
