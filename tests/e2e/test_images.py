"""The screens that docs/guichet.md shows: each is opened, has the title that the guide gives it, and its picture.

`make e2e ARGS='--images docs/images/guichet'` makes the pictures anew, once acts have been signed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.e2e.conftest import SignedIn
from tests.e2e.pictures import MOST_BYTES, SIZE, take
from tests.e2e.screens.table import Reach, at, dossier, follow
from tests.e2e.test_whole_life import LIFE
from tests.e2e.watched import Watched

ROOT: Final = Path(__file__).parents[2]


class Picture(NamedTuple):
    """A picture: its file, the heading of level 1 of its screen, who opens it, and how."""

    name: str
    title: str
    role: str | None
    reach: Reach


PICTURES: Final = (
    Picture("connexion", "Connexion", None, at("connexion")),
    Picture("file", "Dossiers", "instructeur", at("")),
    Picture("dossier", "solde-sans-documentation", "instructeur", dossier("solde-sans-documentation")),
    Picture("question", "", "instructeur",
            dossier("appreciation-regroupement-a-demander", then=follow("Voir ce que chaque réponse décide"))),
    Picture("importer", "Importer des dossiers", "instructeur", at("importer")),
    Picture("registre", "Registre des actes", "auditeur", at("registre?verifier")),
    Picture("conservation", "Conservation et purge", "administrateur", at("registre/conservation")),
)  # fmt: skip


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_a_screen_of_the_guide_is_as_it_says(
    picture: Picture, signed_in: SignedIn, window: Callable[..., Watched], request: pytest.FixtureRequest
) -> None:
    found = window() if picture.role is None else signed_in(picture.role)
    found.page.set_viewport_size({"width": SIZE["width"], "height": SIZE["height"]})
    picture.reach(found)
    expect(found.page.get_by_role("heading", level=1)).to_contain_text(picture.title)
    take(found, picture.name, request.config.getoption("--images"))


def test_the_guide_shows_these_pictures_and_no_others() -> None:
    guide = (ROOT / "docs" / "guichet.md").read_text("utf-8")
    folder = ROOT / "docs" / "images" / "guichet"
    there = {path.stem: path for path in folder.glob("*")}
    assert set(there) == {*(one.name for one in PICTURES), *LIFE}
    for name, path in there.items():
        assert f"](images/guichet/{name}.png)" in guide
        assert path.stat().st_size <= MOST_BYTES
        with Image.open(path) as image:
            assert (image.format, image.size) == ("PNG", (SIZE["width"], SIZE["height"]))
