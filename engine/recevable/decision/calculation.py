"""One calculation step on one line: `58.33 × 3` in JSON, `58,33 × 3` in text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from recevable.decision.model import AmountStep
from recevable.decision.steps import AGE, DAYS, MONTHS, OVER_LIST, ROUNDING, SUM, WORKING_DAYS
from recevable.decision.wording import count, day, duration, number
from recevable.language.calendar import Duration
from recevable.language.operations import COMPLETE
from recevable.language.tree import AT, IN_GRID, IN_SCALE

Write = Callable[[Any], str]

_SYMBOLS: Final = {"+": " + ", "-": " - ", "*": " × ", "/": " ÷ "}
_WORDS: Final = {SUM: "somme", "minimum": "le plus petit", "maximum": "le plus grand", "moyenne": "moyenne"}
_UNITS: Final = {"0.01": "au centime", "1": "à l'euro"}
_DIRECTIONS: Final = {
    "demi_superieur": "le plus proche",
    "demi_pair": "le plus proche, un demi allant au chiffre pair",
    "inferieur": "inférieur",
    "superieur": "supérieur",
}


def formula(step: AmountStep, write: Write) -> str:
    """The operation and its operands, in a form close to the rule language; `write` formats each value."""
    if step.operation == ROUNDING:
        value, unit, direction = step.operands
        return f"{write(value)} arrondi à {unit} ({direction})"
    if step.operation == AT:
        title, at = step.operands
        return f"{title} au {write(at)}"
    if step.operation in (IN_GRID, IN_SCALE):
        title, *keys = step.operands
        return f"{title}({' ; '.join(write(key) for key in (keys if step.operation == IN_GRID else keys[:1]))})"
    operands = [write(operand) for operand in step.operands]
    if step.operation in _SYMBOLS:
        return _SYMBOLS[step.operation].join(operands)
    if step.operation == "oppose":
        return f"-({operands[0]})"
    if step.operation in OVER_LIST and len(operands) < step.elements:
        return f"{step.operation}({step.elements} éléments)"
    return f"{step.operation}({' ; '.join(operands)})"


def sentence(step: AmountStep) -> str:
    """`58,33 × 3 = 174,99`, in French notation; an empty string for a rounding or a sum that changes nothing."""
    if step.operation == ROUNDING:
        value, unit, direction = step.operands
        if value == step.value:
            return ""
        return (
            f"arrondi {_UNITS.get(unit, f'à {number(Decimal(unit))}')} {_DIRECTIONS[direction]} = {number(step.value)}"
        )
    if step.operation in (IN_GRID, IN_SCALE):
        return f"{_table(step)} = {_operand(step.value)}"
    operands = [_operand(operand) for operand in step.operands]
    if step.operation == AT:
        return f"{operands[0]} au {operands[1]} = {_operand(step.value)}"
    if step.operation in WORKING_DAYS:
        kind = "ouvrés" if step.operation == "jours_ouvres" else "ouvrables"
        text = f"nombre de jours {kind} du {operands[0]} au {operands[1]} ({operands[2]})"
    elif step.operation in (DAYS, MONTHS, AGE):
        text = _time(step.operation, operands)
    elif step.operation in ("min", "max"):
        text = f"le plus {'petit' if step.operation == 'min' else 'grand'} de {_listed(operands)}"
    elif step.operation in OVER_LIST and step.elements == 1:
        return ""
    elif step.operation in OVER_LIST:
        text = _over_list(step, operands)
    elif step.operation == "oppose":
        text = f"l'opposé de {operands[0]}"
    else:
        text = _SYMBOLS[step.operation].replace("-", "−").join(operands)
    return f"{text} = {number(step.value)}"


def _operand(value: Any) -> str:
    if isinstance(value, Duration):
        return duration(value)
    if isinstance(value, date):
        return day(value)
    return value if isinstance(value, str) else number(value)


def _table(step: AmountStep) -> str:
    """What a table was read for; the limits of a slice where a scale has one value for each."""
    title, *keys = step.operands
    if step.operation == IN_GRID:
        return f"{title} pour {' et '.join(map(_operand, step.called or keys))}"
    base, *limits = keys
    if not limits:
        return f"{title} appliqué à {_operand(base)}"
    low, *high = map(_operand, limits)
    within = f"tranche de {low} à {high[0]}" if high else f"tranche au-delà de {low}"
    return f"{title} pour {_operand(base)} ({within})"


def _time(operation: str, operands: list[str]) -> str:
    first, last, *which = operands
    if operation == AGE:
        return f"âge au {last} de qui est né le {first}"
    if operation == DAYS:
        return f"nombre de jours du {first} au {last}"
    return f"nombre de mois {'complets' if which == [COMPLETE] else 'commencés'} du {first} au {last}"


def _over_list(step: AmountStep, operands: list[str]) -> str:
    if not step.elements:
        return "somme d'une liste vide"
    of = count(step.elements, "élément", "éléments") if len(operands) < step.elements else _listed(operands)
    return f"{_WORDS[step.operation]} de {of}"


def _listed(operands: list[str]) -> str:
    *others, last = operands
    return f"{', '.join(others)} et {last}" if others else last
