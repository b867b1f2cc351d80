"""Pictures of the guide: small enough to be read on a page and kept in the history of the project."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image
from tests.e2e.watched import Watched

SIZE: Final = {"width": 1280, "height": 800}
MOST_BYTES: Final = 120_000


def take(watched: Watched, name: str, folder: str, heading: str = "") -> None:
    """Write the picture of the page into a folder, from one of its headings or as it stands; nothing without a folder.

    A heading that is not there is a failure, folder or not.
    """
    watched.page.set_viewport_size({"width": SIZE["width"], "height": SIZE["height"]})
    if heading:
        watched.page.get_by_role("heading", name=heading).first.evaluate("one => one.scrollIntoView()")
    if not folder:
        return
    taken = Image.open(io.BytesIO(watched.page.screenshot())).convert("RGB")
    Path(folder).mkdir(parents=True, exist_ok=True)
    taken.quantize(48, dither=Image.Dither.NONE).save(Path(folder) / f"{name}.png", optimize=True)
