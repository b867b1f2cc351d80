"""Numbers and dates as French people write them."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

_THIN = "\u202f"  # narrow no-break space: between thousands
_NO_BREAK = "\u00a0"


def number(value: int) -> str:
    """1234567 as `1 234 567`, with narrow no-break spaces."""
    return f"{value:,}".replace(",", _THIN).replace("-", "\u2212")


def signed(value: int) -> str:
    """With its sign, zero excepted."""
    return f"+{number(value)}" if value > 0 else number(value)


def decimal(value: Decimal, places: int = 1) -> str:
    """Rounded to `places`, with a comma."""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    whole, _, fraction = f"{abs(rounded):,f}".partition(".")
    text = whole.replace(",", _THIN) + (f",{fraction}" if fraction else "")
    return f"\u2212{text}" if rounded < 0 else text


def percent(ratio: Decimal, places: int = 1) -> str:
    """A change given as a ratio (0.083) as a signed percentage (`+8,3 %`)."""
    text = decimal(ratio * 100, places)
    sign = "" if text.startswith("\u2212") or not text.strip("0,") else "+"
    return f"{sign}{text}{_NO_BREAK}%"


def moment(instant: datetime) -> str:
    """`30/06/2025 à 04:15`, in the zone of the instant."""
    return instant.strftime("%d/%m/%Y à %H:%M")


def plural(value: int, one: str, several: str) -> str:
    """`1 ligne`, `2 lignes`: the number with the right form of the noun."""
    return f"{number(value)} {several if abs(value) > 1 else one}"
