"""What may be given again: only what was made from the same values, as they are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from recevable.decision.alike import alike

DISTINCT: tuple[Any, ...] = (
    None,
    True,
    False,
    1,
    0,
    Decimal(1),
    Decimal("1.0"),
    Decimal(0),
    Decimal("-0"),
    "1",
    "",
    date(2023, 1, 1),
    datetime(2023, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(("one", "other"), list(combinations(DISTINCT, 2)))
def test_values_that_are_not_written_alike_have_different_keys(one: object, other: object) -> None:
    assert alike([one]) != alike([other])
    assert alike([other, one]) != alike([one, other])


@pytest.mark.parametrize("value", [Decimal("12.50"), datetime(2023, 1, 1, tzinfo=UTC)])
def test_the_same_values_share_a_key(value: Decimal | datetime) -> None:
    again = Decimal(str(value)) if isinstance(value, Decimal) else value.replace()
    assert alike([value]) == alike([again]) is not None


@pytest.mark.parametrize("value", [[1], {"a": 1}, (1,), datetime(2023, 1, 1, tzinfo=timezone(timedelta(hours=2)))])
def test_what_cannot_be_told_apart_has_no_key(value: object) -> None:
    assert alike([1, value]) is None
