"""The file that a fault is shown in is one that an editor can open."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from recevable.editor.faults import faulty_files
from recevable.pack.source import FolderSource

SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"


def test_a_slip_of_a_schema_beside_the_pack_is_shown_in_its_own_file(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(SMALL, tmp_path / "rules" / "prime-velo"))
    schema = tmp_path / "schemas" / "dossier.schema.json"
    schema.parent.mkdir()
    (pack / "dossier.schema.json").rename(schema)
    text = schema.read_text("utf-8").replace('"title"', '"titel"', 1)
    schema.write_text(text, "utf-8")
    (found,) = faulty_files(FolderSource(pack), date(2026, 11, 26), lambda name: (pack / name).read_text("utf-8"))
    assert (found.name, found.text) == ("../../schemas/dossier.schema.json", text)
    (fault,) = found.faults
    assert text[fault.start :].startswith('"titel"')
