"""`recevable doc`: where it writes, what it refuses, and that it never leaves half a site."""

from __future__ import annotations

import builtins
import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recevable.cli import exits
from recevable.handbook import site

Command = Callable[..., Any]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_one_page(_: object, title: str, work: Path, output: Path, scripts: object) -> None:
    """In the place of Sphinx, where what it writes does not matter."""
    (output / "index.html").write_text("une page", "utf-8")


def test_a_site_is_written_and_written_again(recevable: Command, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = recevable("doc", pack, "--au", "2026-11-26", "--sans-historique")
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    assert outcome.out == "site : 32 pages, 12 règles. Ouvrez site/index.html.\n"
    assert "26 novembre 2026" in Path("site/index.html").read_text("utf-8")
    assert "Historique" not in Path("site/regles/FACTURE.html").read_text("utf-8")
    monkeypatch.setattr(site, "build", write_one_page)
    assert recevable("doc", pack, "--sans-historique").code == exits.ACCEPTED
    # nothing of the site before is left, and nothing beside it
    assert Path("site/index.html").read_text("utf-8") == "une page"
    assert not Path("site/regles").exists()
    assert sorted(path.name for path in Path().iterdir()) == ["site"]


@pytest.fixture
def published(recevable: Command, pack: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Publish a site of these pages."""

    def publish(**pages: str) -> Any:
        def write(_: object, title: str, work: Path, output: Path, scripts: object) -> None:
            for name, text in pages.items():
                path = output / name.replace("__", "/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")

        monkeypatch.setattr(site, "build", write)
        return recevable("doc", pack, "--sans-historique")

    return publish


def test_what_a_person_put_in_the_site_stays(published: Callable[..., Any]) -> None:
    assert published(index="un", regles__A="a", regles__B="b", annexes="b").code == exits.ACCEPTED
    Path("site/CNAME").write_text("moi", "utf-8")
    Path("site/.git/objects").mkdir(parents=True)
    Path("site/.git/HEAD").write_text("ref", "utf-8")
    Path("site/regles/notes").write_text("mes notes", "utf-8")
    assert published(index="deux", annexes__C="c").code == exits.ACCEPTED
    found = {p.relative_to("site").as_posix(): p.read_text("utf-8") for p in Path("site").rglob("*") if p.is_file()}
    assert found.pop(".recevable-doc")
    assert found == {"CNAME": "moi", ".git/HEAD": "ref", "regles/notes": "mes notes", "index": "deux", "annexes/C": "c"}
    assert [path.name for path in Path().iterdir()] == ["site"]


def test_a_page_that_a_person_changed_is_never_written_over(published: Callable[..., Any]) -> None:
    published(index="un", regle="a")
    Path("site/regle").write_text("corrigé à la main", "utf-8")
    outcome = published(index="deux", regle="b")
    assert outcome.code == exits.USAGE
    assert "dans `site`, `regle` : d'une autre main, ou changé depuis. Rien n'est remplacé" in outcome.err
    assert (Path("site/index").read_text("utf-8"), Path("site/regle").read_text("utf-8")) == ("un", "corrigé à la main")
    Path("site/regle").unlink()
    assert published(index="deux", regle="b").code == exits.ACCEPTED


def test_a_page_that_a_person_changed_stays_when_it_is_no_longer_written(published: Callable[..., Any]) -> None:
    published(index="un", regle="a")
    Path("site/regle").write_text("corrigé à la main", "utf-8")
    assert published(index="deux").code == exits.ACCEPTED
    assert Path("site/regle").read_text("utf-8") == "corrigé à la main"


def test_a_file_of_a_person_that_has_the_name_of_a_new_page_is_left(published: Callable[..., Any]) -> None:
    published(index="un")
    Path("site/regle").write_text("à moi", "utf-8")
    outcome = published(index="deux", regle="b")
    assert (outcome.code, "`regle`" in outcome.err) == (exits.USAGE, True)
    assert (Path("site/index").read_text("utf-8"), Path("site/regle").read_text("utf-8")) == ("un", "à moi")


def test_nothing_is_written_or_removed_through_a_link(published: Callable[..., Any]) -> None:
    published(index="un", regles__A="a")
    shutil.move("site/regles", "ailleurs")
    Path("site/regles").symlink_to(Path("ailleurs").absolute())
    assert published(index="deux", regles__A="b").code == exits.USAGE
    assert published(index="deux").code == exits.ACCEPTED
    assert Path("ailleurs/A").read_text("utf-8") == "a"


def test_a_list_that_names_what_is_elsewhere_removes_nothing(published: Callable[..., Any]) -> None:
    published(index="un")
    Path("a-moi").write_text("à moi", "utf-8")
    digest = hashlib.sha256(Path("a-moi").read_bytes()).hexdigest()
    with Path("site/.recevable-doc").open("a", encoding="utf-8") as stream:
        stream.write(f"{digest}  ../a-moi\n{digest}  {Path('a-moi').absolute()}\n")
    assert published(index="deux").code == exits.ACCEPTED
    assert Path("a-moi").exists()


def test_what_stops_it_halfway_leaves_a_folder_that_it_still_knows(
    published: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(a="un", b="un", ancien="un")
    replaced = Path.replace

    def stop(path: Path, target: Path) -> Path:
        if path.name == "b":
            raise OSError(errno.EIO, "essai")
        return replaced(path, target)

    monkeypatch.setattr(Path, "replace", stop)
    assert published(a="deux", b="deux").code == exits.USAGE
    monkeypatch.setattr(Path, "replace", replaced)
    assert published(a="trois", b="trois").code == exits.ACCEPTED
    assert sorted(path.name for path in Path("site").iterdir()) == [".recevable-doc", "a", "b"]


def test_a_folder_of_somebody_else_is_left_alone(recevable: Command, pack: Path) -> None:
    Path("site").mkdir()
    Path("site/these.txt").write_text("à moi")
    outcome = recevable("doc", pack)
    assert outcome.code == exits.USAGE
    assert "--output : `site` n'est ni nouveau, ni vide, ni un site écrit par cette commande." in outcome.err
    assert [path.name for path in Path("site").iterdir()] == ["these.txt"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_a_link_is_left_alone(recevable: Command, pack: Path, kind: str) -> None:
    if kind == "file":
        Path("site").write_text("à moi")
    else:
        Path("ailleurs").mkdir()
        Path("site").symlink_to("ailleurs")
    assert recevable("doc", pack).code == exits.USAGE
    assert Path("site").is_symlink() is (kind == "link")


def test_what_stops_the_build_leaves_the_site_before(
    recevable: Command, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "build", write_one_page)
    assert recevable("doc", pack, "--sans-historique").code == exits.ACCEPTED
    before = Path("site/index.html").read_bytes()

    def fail(*_: object) -> None:
        raise site.BuildError("index.rst: WARNING: un essai")

    monkeypatch.setattr(site, "build", fail)
    outcome = recevable("doc", pack, "--sans-historique")
    assert outcome.code == exits.INTERNAL
    assert "Sphinx refuse une page du site. Rien n'est écrit.\nindex.rst: WARNING: un essai" in outcome.err
    assert Path("site/index.html").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["site"]


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (errno.EACCES, exits.USAGE, "--output : `site` ne peut pas être écrit.\n"),
        (errno.ENOSPC, exits.INTERNAL, "il n'y a plus de place pour écrire la sortie.\n"),
    ],
)
def test_what_cannot_be_written_is_told_in_french(
    recevable: Command, pack: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int, said: str
) -> None:
    def refused(_: object, title: str, work: Path, output: Path, scripts: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(site, "build", refused)
    outcome = recevable("doc", pack, "--sans-historique")
    assert outcome.code == code
    assert outcome.err.startswith(f"recevable : {said}")
    assert list(Path().iterdir()) == []


def test_rules_that_are_wrong_have_no_site(recevable: Command, pack: Path) -> None:
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    path = folder / "regles" / "prime.yaml"
    before, found, after = path.read_text("utf-8").partition("beneficiaire.majeur = vrai")
    assert found
    path.write_text(f"{before}beneficiaire.majer = vrai{after}", "utf-8")
    line = before.count("\n") + 1
    outcome = recevable("doc")
    assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
    assert f"rules/prime-velo/regles/prime.yaml:{line}:16: erreur" in outcome.err
    assert not Path("site").exists()


def test_several_packs_ask_for_a_choice(recevable: Command, pack: Path) -> None:
    shutil.copytree(pack, "rules/un")
    shutil.copytree(pack, "rules/deux")
    outcome = recevable("doc", "rules")
    assert outcome.code == exits.USAGE
    assert "choisissez entre `rules/deux`, `rules/un`." in outcome.err


def test_without_sphinx_the_extra_is_named(recevable: Command, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **keywords: Any) -> Any:
        if name == "recevable.handbook.site":
            raise ModuleNotFoundError("No module named 'sphinx'", name="sphinx")
        return real(name, *args, **keywords)

    monkeypatch.setattr(builtins, "__import__", missing)
    outcome = recevable("doc", pack)
    assert outcome.code == exits.USAGE
    assert "il manque `sphinx` : installez recevable avec son option `doc`." in outcome.err
