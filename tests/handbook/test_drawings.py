"""The drawings: nothing written over something else, nothing told of what is not drawn."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from msgspec.structs import replace

from recevable.handbook.drawings.steps import steps
from recevable.handbook.drawings.timeline import Band, Mark, covers, timeline
from recevable.handbook.sources import sources
from recevable.handbook.survey import Survey

DAY = date(2026, 11, 26)
OPEN = Band("Une <b>demande</b>", date(2026, 1, 1), date(2026, 6, 30), "demande")


def dates_of(drawn: str) -> list[tuple[float, float, str]]:
    """The place and the text of each date below the axis."""
    found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="mois">([^<]*)<', drawn)
    return [(float(x), float(y), text) for x, y, text in found]


def values(survey: Survey, *starts: date) -> Any:
    """A parameter of the pack with a value from each of these days."""
    parameter = survey.pack.parameters["plafond"]
    (value, *_) = parameter.values
    return replace(parameter, values=tuple(replace(value, start=start) for start in starts))


def test_dates_that_are_close_stand_on_lines_of_their_own(surveyed: Survey) -> None:
    near = values(surveyed, date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1), date(2026, 1, 1))
    found = dates_of(steps(near, DAY, str))
    assert [text for *_, text in found] == ["1er janvier 2020", "1er février 2020", "1er mars 2020", "1er janvier 2026"]
    first, second, third, last = (y for _, y, _ in found)
    assert first < second < third
    assert last == first
    assert float(re.findall(r'height="([\d.]+)"', steps(near, DAY, str))[0]) > third


def test_dates_that_are_far_apart_share_a_line(surveyed: Survey) -> None:
    far = values(surveyed, date(2020, 1, 1), date(2023, 1, 1))
    assert len({y for _, y, _ in dates_of(steps(far, DAY, str))}) == 1


def test_a_parameter_with_one_value_is_not_drawn(surveyed: Survey) -> None:
    assert steps(values(surveyed, date(2020, 1, 1)), DAY, str) == ""


def test_the_line_of_the_day_is_drawn_when_the_calendar_reaches_it() -> None:
    mark = Mark(1, date(2026, 3, 1), "Une date", "date-1", house=False)
    for day, within in ((date(2026, 3, 1), True), (DAY, False)):
        assert covers([OPEN], [mark], day) is within
        assert ('class="jour"' in timeline([OPEN], [mark], day)) is within
        # outside the drawing it is hidden, until the reader chooses a day that is inside
        assert ('class="jour absent"' in timeline([OPEN], [mark], day)) is not within


def test_a_text_of_the_pack_is_only_text_in_a_drawing() -> None:
    assert "&lt;b&gt;demande&lt;/b&gt;" in timeline([OPEN], [], DAY)
    assert "<b>" not in timeline([OPEN], [], DAY)


def test_a_calendar_without_a_date_is_not_drawn() -> None:
    assert timeline([Band("Toujours", None, None, "demande")], [], DAY) == ""
    assert not covers([], [], DAY)


def test_the_page_tells_of_the_line_of_the_day_only_when_it_is_drawn(surveyed: Survey) -> None:
    for day in (date(2024, 6, 1), date(2090, 1, 1)):
        told = dict(sources(replace(surveyed, day=day)))["calendrier"]
        assert ("trait vertical" in told) is ('class="jour"' in told)
