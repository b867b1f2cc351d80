"""Every file of a pack says which schema it is written by, and an editor that follows it finds nothing wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import recevable
from recevable.pack.nodes import to_data
from recevable.pack.yaml_strict import read_alone

ROOT = Path(recevable.__file__).parents[2]
PACKS = (
    *sorted(p.parent for p in (ROOT / "rules").glob("*/programme.yaml")),
    ROOT / "tests/second_programme/prime-velo",
)
FILES = {p.relative_to(ROOT).as_posix(): p for pack in PACKS for p in sorted(pack.rglob("*.yaml"))}
MODELINE = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.MULTILINE)
SETTINGS: dict[str, Any] = json.loads((ROOT / ".vscode" / "settings.json").read_bytes())


def kind(path: Path) -> str:
    """The schema of a file, by its name in its pack."""
    pack = next(folder for folder in path.parents if (folder / "programme.yaml").is_file())
    parts = path.relative_to(pack).parts
    if parts == ("courriers", "communs.yaml"):
        return "courriers-communs.schema.json"
    return f"{parts[0] if len(parts) > 1 else path.stem}.schema.json"


@pytest.mark.parametrize("name", FILES)
def test_a_modeline_leads_to_the_schema_of_its_file_which_it_fits(name: str) -> None:
    path = FILES[name]
    written = MODELINE.findall(path.read_text("utf-8"))
    assert len(written) == 1
    schema = (path.parent / written[0]).resolve()
    assert schema == ROOT / "schemas" / kind(path)
    data = to_data(read_alone(path, path.name)[1])
    validator = jsonschema_rs.Draft202012Validator(json.loads(schema.read_bytes()))
    assert [str(error) for error in validator.iter_errors(data)] == []


def test_the_settings_of_vs_code_give_each_file_of_a_shipped_pack_the_schema_of_its_modeline() -> None:
    globs = {pattern: schema for schema, pattern in SETTINGS["yaml.schemas"].items()}
    for path in (p for p in FILES.values() if p.is_relative_to(ROOT / "rules")):
        found = [ROOT / schema for pattern, schema in globs.items() if path in ROOT.glob(pattern.removeprefix("**/"))]
        assert found == [ROOT / "schemas" / kind(path)], path


def test_the_settings_of_vs_code_name_schemas_that_exist() -> None:
    assert [s for s in SETTINGS["yaml.schemas"] if not (ROOT / s).is_file()] == []
