"""What a start leaves out: patterns compiled on first use, and two libraries without what they never use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from recevable.lazy import pattern


def test_a_pattern_is_compiled_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile

    def counted(source: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(source)
        return real(source, flags)

    monkeypatch.setattr(re, "compile", counted)
    found = pattern(r"(\d+)-x", re.IGNORECASE)
    assert compiled == []
    assert found.sub(r"<\1>", "12-X et 3-x") == "<12> et <3>"
    assert found.fullmatch("12-X") is not None
    assert found.search(b"1".decode()) is None
    assert set(compiled) == {r"(\d+)-x"}
    assert pattern(rb"a+").fullmatch(b"aa") is not None


def test_a_wrong_pattern_is_refused_on_use() -> None:
    with pytest.raises(re.error):
        pattern("(").match("")


def _said(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_validator_is_imported_without_the_mail_of_python_which_whoever_asks_for_it_still_gets() -> None:
    code = """
import sys
from recevable.lazy import import_lean
import_lean()
assert "jsonschema_rs" in sys.modules and "email.utils" not in sys.modules and "socket" not in sys.modules
import email
assert not hasattr(email, "utils")
from email.utils import formataddr
import jsonschema_rs
assert jsonschema_rs.is_valid({"format": "email"}, "a@b.fr")
print(formataddr(("A", "a@b.fr")))
"""
    assert _said(code) == "A <a@b.fr>"


def test_msgspec_is_imported_without_the_types_of_others_which_whoever_asks_for_them_still_gets() -> None:
    code = """
import sys
from recevable.lazy import import_lean
import_lean()
assert "msgspec" in sys.modules and "typing_extensions" not in sys.modules
import msgspec
from typing import NotRequired, TypedDict
Told = TypedDict("Told", {"a": int, "b": NotRequired[int]})
assert msgspec.json.decode(b'{"a": 1}', type=Told) == {"a": 1}
import typing_extensions
print(typing_extensions.TypedDict.__module__)
"""
    assert _said(code) == "typing_extensions"


def test_the_mail_of_python_that_was_imported_before_stays() -> None:
    code = """
import sys, email.utils
from recevable.lazy import import_lean
import_lean()
assert sys.modules["email.utils"] is email.utils
print("jsonschema_rs" in sys.modules)
"""
    assert _said(code) == "False"


def test_a_validator_that_asks_more_of_the_mail_of_python_is_imported_as_usual(tmp_path: Path) -> None:
    (tmp_path / "jsonschema_rs.py").write_text("from email.utils import formataddr, parsedate_to_datetime\n")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from recevable.lazy import import_lean
import_lean()
assert "jsonschema_rs" not in sys.modules and "email.utils" not in sys.modules
import jsonschema_rs
print(jsonschema_rs.formataddr(("A", "a@b.fr")))
"""
    assert _said(code) == "A <a@b.fr>"
