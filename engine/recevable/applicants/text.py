"""The texts of `demandeurs.yaml` with the values of a day."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from recevable.decision.wording import day, words
from recevable.pack.nodes import Scalar
from recevable.programme import Programme

_NAMED: Final = re.compile(r"\{([^{}]*)\}")


def text_on(programme: Programme, text: Scalar | None, on: date) -> str:
    """A text with each `{parametre}` replaced by its value on a day, in words; empty for None."""

    def value(match: re.Match[str]) -> str:
        parameter = programme.pack.parameters[match[1]]
        found = parameter.at(on)
        if found is None or found.value is None:
            return f"[« {parameter.title} » : non connu au {day(on)}]"
        return words(found.value, parameter.type, programme.zone)

    return "" if text is None else _NAMED.sub(value, text.text)
