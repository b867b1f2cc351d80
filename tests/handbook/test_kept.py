"""What a person puts in the folder of a site stays there."""

from pathlib import Path

import pytest

from recevable.handbook.publish import NotOurs, publish


def _site(text: str, *names: str) -> object:
    def write(_: Path, output: Path) -> None:
        for name in names:
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(text)

    return write


def _publish(target: Path, text: str, *names: str) -> None:
    publish(target, _site(text, *names))  # type: ignore[arg-type]


def test_what_a_person_added_is_kept_and_what_was_produced_is_replaced(tmp_path: Path) -> None:
    site = tmp_path / "site"
    _publish(site, "un", "index.html", "regles/a.html", "regles/b.html")
    (site / "CNAME").write_text("moi")
    (site / ".git" / "refs" / "tags").mkdir(parents=True)
    (site / ".git" / "HEAD").write_text("ref")
    (site / "regles" / "note.txt").write_text("moi")
    (site / "lien").symlink_to("CNAME")
    _publish(site, "deux", "index.html", "regles/a.html")
    assert (site / "index.html").read_text() == (site / "regles" / "a.html").read_text() == "deux"
    assert not (site / "regles" / "b.html").exists()
    assert (site / "CNAME").read_text() == (site / "regles" / "note.txt").read_text() == "moi"
    assert (site / ".git" / "HEAD").read_text() == "ref"
    assert (site / ".git" / "refs" / "tags").is_dir()
    assert (site / "lien").is_symlink()


@pytest.mark.parametrize("gone", [True, False])
def test_a_page_that_a_person_changed_is_never_lost(tmp_path: Path, gone: bool) -> None:
    site = tmp_path / "site"
    _publish(site, "un", "index.html", "a.html")
    (site / "a.html").write_text("changé")
    if gone:
        _publish(site, "deux", "index.html")
    else:
        with pytest.raises(NotOurs):
            _publish(site, "deux", "index.html", "a.html")
        assert (site / "index.html").read_text() == "un"
    assert (site / "a.html").read_text() == "changé"
