"""Hostile texts in every field of a dossier and in every parameter: nothing is markup, nothing breaks, none is SQL."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.web.addresses import ADDRESSES, Address
from tests.web.conftest import DAY, PROGRAMME, People, fixture, rolled_back
from tests.web.test_pages import browser
from tests.web.test_rights import made_by, place

import recevable
import recevable_web
from recevable_web.actions import dossiers
from recevable_web.records.models import Account, Dossier, Role

MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>"
HOSTILE = (MARKUP, "'; DROP TABLE records_act; --\x00", "é" * 6000, "99999999999999999999", "\u202e\u2028\r\nX: y")
# The one that breaks most when something is wrong; `.ci/run` tries them all.
TRIED = HOSTILE if os.environ.get("RECEVABLE_TEST_HOSTILE") == "all" else HOSTILE[:1]
# What would be markup if it were not escaped.
_LIVE = re.compile(r"<img src=x|<script>alert|onerror=alert\(1\)>", re.I)
_PAGES = Path(recevable_web.__file__).parent / "pages"


@pytest.fixture
def database(request: pytest.FixtureRequest, _environment: None) -> Iterator[str]:
    """PostgreSQL refuses more than SQLite does: texts too long, the character zero, numbers too large."""
    with rolled_back(request.getfixturevalue("_postgresql")):
        yield "postgresql"


@pytest.fixture
def objects(people: People) -> dict[str, Any]:
    return made_by(people)


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def everything(people: People) -> Account:
    return people("tout", *Role)


def parameters() -> list[str]:
    """Every parameter that a page reads, by its source."""
    found: set[str] = set()
    for path in _PAGES.rglob("*.py"):
        text = path.read_text()
        found |= set(re.findall(r"(?:GET|POST|form|FILES|asked)\.get(?:list)?\(\s*\"([\w-]+)\"", text))
        found |= set(re.findall(r"request\.POST\[\"([\w-]+)\"\]", text))
    assert {"motif", "reponse", "verdict", "programme", "onglet", "mots"} <= found, sorted(found)
    return sorted(found)


def asked(client: Any, there: str, method: str, given: dict[str, str]) -> Any:
    """An answer, after which the database is as it was."""
    point = transaction.savepoint()
    try:
        return getattr(client, method)(there, given, secure=True)
    finally:
        transaction.savepoint_rollback(point)
        transaction.set_rollback(False)


@pytest.mark.parametrize("hostile", TRIED, ids=lambda text: ascii(text)[:12])
def test_every_parameter_of_every_address_may_hold_anything(
    people: People,
    objects: dict[str, Any],
    hostile: str,
) -> None:
    client = browser(everything(people), raise_request_exception=False)
    names, wrong = parameters(), []
    for address in ADDRESSES:
        if address.name in ("deconnexion", "fournisseur"):
            continue
        there = place(address, objects)
        given = dict.fromkeys(names, hostile)
        # a choice that is good leads further than one that is not
        some = {**given, "role": "valideur", "programme": PROGRAMME, "debut": "2023-09-05", "fin": "", "vue": "1"}
        # a page that is only read takes no form, and the other way round
        for method, sent in (("post", given), ("post", some)) if address.form else (("get", given), ("post", some)):
            found = asked(client, there, method, sent)
            if found.status_code >= 500:
                wrong.append((address.name, method, found.status_code))
            elif not found.streaming and _LIVE.search(found.content.decode(errors="replace")):
                wrong.append((address.name, method, "markup"))
            for name, value in found.items():
                assert "\n" not in value, (address.name, name)
                assert "\r" not in value, (address.name, name)
    assert wrong == []


def test_every_part_of_an_address_may_hold_anything(people: People, objects: dict[str, Any]) -> None:
    client = browser(everything(people), raise_request_exception=False)
    from urllib.parse import quote

    wrong = []
    for address in ADDRESSES:
        for name, what in address.of.items():
            number = isinstance(objects[what], int)
            values = ("99999999999999999999", "0", "9223372036854775808") if number else (MARKUP, "\x00", "x" * 3000)
            for value in values:
                spoiled = _with(address, objects, name, value)
                found = asked(client, quote(spoiled, safe="/"), "post" if address.form else "get", {})
                if found.status_code not in (400, 404, 302, 422, 413):
                    wrong.append((address.name, value[:10], found.status_code))
    assert wrong == []


def _with(address: Address, known: dict[str, Any], name: str, value: str) -> str:
    """The address with another text in one of its places."""
    mark = 987_654_321 if isinstance(known[address.of[name]], int) else "marque"
    there = place(address, {**known, address.of[name]: mark})
    return there.replace(str(mark), value)


def leaves(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(found, dict):
        for name, value in found.items():
            yield from leaves(value, (*path, name))
    elif isinstance(found, list):
        for rank, value in enumerate(found):
            yield from leaves(value, (*path, rank))
    elif isinstance(found, str):
        yield path


def put(data: Any, path: tuple[Any, ...], value: str) -> Any:
    copied = json.loads(json.dumps(data))
    held = copied
    for step in path[:-1]:
        held = held[step]
    held[path[-1]] = value
    return copied


def test_every_free_field_of_a_dossier_is_shown_as_text(people: People, instructor: Account) -> None:
    programme = recevable.open_programme(PROGRAMME)
    data = json.loads(fixture("solde-cinq-defauts"))
    spoiled: list[tuple[Any, ...]] = []
    for path in leaves(data):
        if path[0] == "programme":
            continue
        tried = put(data, path, f"{MARKUP}{len(spoiled)}")
        try:
            programme.read(json.dumps(tried).encode(), "x")
        except recevable.InvalidDossier:
            # not free: a format, a choice
            continue
        data = tried
        spoiled.append(path)
    assert len(spoiled) >= 5, spoiled
    dossier = dossiers.receive(instructor, PROGRAMME, json.dumps(data).encode(), "hostile")
    client = browser(everything(people))
    shown = 0
    there = [f"/dossiers/{dossier.pk}{tail}" for tail in
             ("", "/versions", "/historique", "/notes", "/pieces", "/controles/solde")]  # fmt: skip
    for address in ["/", "/audit", "/registre", *there]:
        page = client.get(address, secure=True).content.decode()
        assert not _LIVE.search(page), address
        shown += page.count("&lt;script&gt;")
    # it was shown somewhere
    assert shown
    assert Dossier.objects.get(pk=dossier.pk).reference
