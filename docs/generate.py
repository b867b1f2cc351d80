"""Write the pages of the documentation that are derived from the code.

`python docs/generate.py` writes them beside this file; with a folder as argument, into that folder; with names of pages
after it, those only.  A page that would not change is left alone.  A new page is a module of `_pages` and its line in
`PAGES`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from _pages import controles, guide, langage, mutants, vocabulaire

_GUIDES: Final = (
    "modifier-une-regle.md", "changer-une-valeur.md", "ajouter-une-piece.md", "ajouter-une-appreciation.md",
    "ajouter-un-montant.md", "ajouter-un-indu.md", "ajouter-un-type-de-bal.md", "abroger-une-regle.md",
    "prevoir-une-transition.md", "rendre-une-piece-facultative.md", "ouvrir-un-programme.md",
    "instruire-un-dossier.md", "integration-continue.md",
)  # fmt: skip
PAGES: Final[dict[str, Callable[[], str]]] = {
    "langage.md": langage.page,
    "mutants.md": mutants.page,
    vocabulaire.PAGE: vocabulaire.page,
    **controles.pages(),
    **{name: partial(guide.page, name) for name in _GUIDES},
}
_NOTICE: Final = "<!-- Page produite par docs/generate.py : ne la modifiez pas à la main. -->\n\n"


def main(folder: Path, names: Sequence[str]) -> None:
    """Write the pages, and say what was done."""
    # a guide waits for the commands that it runs
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = [*pool.map(lambda name: _NOTICE + PAGES[name](), names)]
    for name, text in zip(names, texts, strict=True):
        path = folder / name
        same = path.is_file() and path.read_bytes() == text.encode()
        if not same:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        print(f"{name} : {'inchangée' if same else 'écrite'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent, sys.argv[2:] or list(PAGES))
