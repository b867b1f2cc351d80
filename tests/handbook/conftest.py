"""The site of a small pack, built once: the second programme, with an inventory, a house default and hostile texts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from recevable.handbook.site import build
from recevable.handbook.sources import scripts, sources
from recevable.handbook.survey import Survey, survey
from recevable.programme import open_programme

SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"
DAY = date(2026, 11, 26)
ADDRESS = "https://exemple.fr/deliberation?id=1_2"
# Everything that markup could take for its own, and what could act in a page.
HOSTILE = r"*a* **b** `c` :doc:`d` |e| f_ <script>alert(1)</script> & \n .. raw:: html {{ g }} h"


class Page(HTMLParser):
    """What a page shows, where it leads, what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what leads or loads."""
        self.tags.append(tag)
        found = dict(attrs)
        self.anchors.update(value for name, value in attrs if name in ("id", "name") and value)
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        elif tag in ("script", "img", "iframe", "source", "video") and found.get("src"):
            self.loaded.append(found["src"] or "")
        elif tag == "link" and found.get("href") and found.get("rel") not in ("next", "prev", "search", "index"):
            self.loaded.append(found["href"] or "")

    def handle_data(self, data: str) -> None:
        """The text."""
        self.words += data


Pages = dict[str, Page]
Built = Callable[[str], Page]


def edited(folder: Path) -> Path:
    """The small pack with an inventory, a value that is not in the text, and texts that would like to be markup."""
    target = Path(shutil.copytree(SMALL, folder / "rules" / "prime-velo"))

    def edit(name: str, old: str, new: str) -> None:
        text = (target / name).read_text("utf-8")
        assert text.count(old) == 1, old
        (target / name).write_text(text.replace(old, new), "utf-8")

    edit("regles/prime.yaml", "titre: Bénéficiaire majeur", f"titre: '{HOSTILE}'")
    edit("regles/prime.yaml", '"Le bénéficiaire n\'est pas majeur."', "'" + HOSTILE.replace("{{ g }}", "") + "'")
    edit(
        "regles/prime.yaml",
        "    si_faux: {consequence: rejeter",
        "    exigences: [REQ-1]\n    si_faux: {consequence: rejeter",
    )
    edit(
        "parametres.yaml",
        "    titre: Plafond de la prime\n",
        "    titre: Plafond de la prime\n    defaut_maison: true\n",
    )
    edit("regles/prime.yaml", "quand: velo.electrique = faux", 'quand: resultat("MAJORITE") = "satisfait"')
    edit(
        "regles/prime.yaml",
        "    deduction: foyer_modeste\n",
        "    deduction: foyer_modeste\n    defaut_maison: Le texte ne dit pas de quelle année.\n",
    )
    given = '{velo.prix: "1000.00", prime.deposee_le: "2026-11-20T10:00:00+01:00"}'
    told = f'adresse: "{ADDRESS}", consultee_le: "2026-01-05"'
    edit("programme.yaml", "art. 5, art. 6, art. 7]}", f"art. 5, art. 6, art. 7], {told}}}")
    example = f'    exemples: [{{avec: {given}, au: "2026-11-26", valeur: "250.00"}}]\n'
    edit("regles/montants.yaml", "    nom: prime_de_base\n", f"    nom: prime_de_base\n{example}")
    path = target / "regles" / "prime.yaml"
    head = "# yaml-language-server: $schema=x.json\n# vim: sw=2\n# Ce que vaut la prime.\n"
    path.write_text(f"{head}{path.read_text('utf-8')}", "utf-8")
    (target / "exigences.yaml").write_text(
        "exigences:\n"
        f"  - {{id: REQ-1, section: Article 1, resume: '{HOSTILE}', traitement: regle}}\n"
        "  - {id: REQ-2, section: Article 2, resume: Une définition., traitement: definition, motif: Un mot.}\n",
        "utf-8",
    )
    return target


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edited(tmp_path_factory.mktemp("paquet"))


@pytest.fixture(scope="session")
def surveyed(pack: Path) -> Survey:
    return survey(open_programme(pack, prepared=False), DAY, with_history=True)


@pytest.fixture(scope="session")
def site(surveyed: Survey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site; Sphinx found nothing to say, else BuildError is raised."""
    work, output = tmp_path_factory.mktemp("travail"), tmp_path_factory.mktemp("site")
    build(sources(surveyed), surveyed.pack.manifest.title, work, output, scripts(surveyed))
    return output


@pytest.fixture(scope="session")
def pages(site: Path) -> Pages:
    """Every page by its name from the root of the site."""
    return {p.relative_to(site).as_posix(): Page(p.read_text("utf-8")) for p in sorted(site.rglob("*.html"))}
