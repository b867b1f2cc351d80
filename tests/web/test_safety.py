"""Headers, limits, logs, reports of browsers, pages of errors: each attacked."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import override_settings
from tests.web.addresses import ADDRESSES
from tests.web.conftest import DAY, PROGRAMME, People, fixture, use
from tests.web.test_pages import browser, get, post, prepared, received
from tests.web.test_rights import made_by, named, place

from recevable_web.actions import limits
from recevable_web.pages.logs import JsonLines
from recevable_web.pages.middleware import LIMITED
from recevable_web.records.models import Account, Role, Usage


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def objects(people: People) -> dict[str, Any]:
    return made_by(people)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_what_is_counted_exists_and_what_costs_is_counted() -> None:
    names = {name for name, _ in named()}
    assert {name for _, name in LIMITED} <= names
    costly = [name for name in names if any(word in name for word in ("exporter", "importer", "recherch", "telecharg"))]
    assert costly
    assert [name for name in costly if name not in {one for _, one in LIMITED}] == []


def test_a_limit_is_counted_to_the_last_and_begins_again(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = limits.Limit("essai", 3, 60)
    monkeypatch.setattr(time, "time", lambda: 6_000_030.0)
    assert [limits.take(limit, "a") for _ in range(5)] == [0, 0, 0, 30, 30]
    assert limits.take(limit, "b") == 0
    assert limits.take(limit._replace(kind="autre"), "a") == 0
    monkeypatch.setattr(time, "time", lambda: 6_000_060.0)
    assert limits.take(limit, "a") == 0
    # a clock that goes back gives nothing more than a wait
    monkeypatch.setattr(time, "time", lambda: 6_000_030.0)
    assert limits.take(limit, "a") == 90 - 60 or limits.take(limit, "a") > 0
    assert Usage.objects.filter(kind="essai").count() == 2


@pytest.mark.usefixtures("_environment")
def test_uses_at_the_same_moment_do_not_go_past_the_limit_together(request: pytest.FixtureRequest) -> None:
    use(request.getfixturevalue("_postgresql"))
    limit = limits.Limit("ensemble", 10, 3600)

    def one(_: int) -> int:
        try:
            return limits.take(limit, "x")
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(40)))
    Usage.objects.all().delete()
    connections["default"].close()
    assert found.count(0) == 10


def test_too_many_searches_are_told_when_to_come_back(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITED, ("POST", "recherche"), limits.Limit("recherche", 2, 3600))
    client = browser(instructor)
    assert [post(client, "/recherche", mots="x").status_code for _ in range(3)] == [302, 302, 429]
    # reading what was found is not searching
    assert get(client, "/recherche").status_code == 200
    found = post(client, "/recherche", mots="x")
    assert 0 < int(found["Retry-After"]) <= 3600
    assert "Vous avez fait trop de demandes" in found.content.decode()
    with override_settings(LIMITS=False):
        assert post(client, "/recherche", mots="x").status_code == 302


def test_signing_in_is_counted_by_address_and_a_forged_one_is_not_believed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITED, ("GET", "retour"), limits.Limit("connexion", 1, 3600))

    def asked(seen: str) -> int:
        found = browser().get("/connexion/retour", secure=True, headers={"X-Forwarded-For": seen})
        return int(found.status_code)

    # without a proxy, the header is anybody's to write
    assert [asked("1.1.1.1"), asked("2.2.2.2")] == [403, 429]
    with override_settings(PROXIES=1):
        assert [asked("9.9.9.9, 3.3.3.3"), asked("8.8.8.8, 3.3.3.3"), asked("4.4.4.4")] == [403, 429, 403]
    assert not Usage.objects.filter(who__contains="3.3.3").exists()


# --- headers ----------------------------------------------------------------------------------------------------------


# Pages without an account, generated from the rules.
KEPT_BY_ALL: Final = ("demandeurs", "page_publique")


def test_every_answer_carries_the_same_protection(people: People, objects: dict[str, Any]) -> None:
    client = browser(people("tout", Role.INSTRUCTOR, Role.VALIDATOR, Role.ADMINISTRATOR, Role.AUDITOR))
    for address in ADDRESSES:
        if address.form:
            continue
        found = get(client, place(address, objects))
        for name, value in (
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            # what anybody may read is the same for all
            ("Cache-Control", "public, max-age=300" if address.name in KEPT_BY_ALL else "no-store"),
        ):  # fmt: skip
            assert found[name] == value, (address, name)
        # what came from elsewhere is under a stricter policy of its own
        apart = address.name in ("contenu", "image")
        assert ("sandbox" if apart else "report-uri /csp") in found["Content-Security-Policy"], address
        assert "unsafe" not in found["Content-Security-Policy"]
        assert "camera=()" in found["Permissions-Policy"]
        assert len(found["X-Request-Id"]) == 32


def test_the_cookies_of_a_real_service_are_its_own(instructor: Account) -> None:
    client = browser(instructor)
    get(client, "/mon-compte")
    for name in ("__Host-session", "__Host-csrf"):
        cookie = client.cookies[name]
        if name == "__Host-session":
            # `force_login` of the client of the tests set it; the answer says the rest
            answer = post(client, "/mon-compte/sessions", session="x")
            cookie = answer.cookies[name]
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
        assert cookie["samesite"] in ("Lax", "Strict")


# --- reports of browsers ----------------------------------------------------------------------------------------------


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the application writes in its log, as the service writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    names = ("", "django", "django.request", "django.security", "django.server", "recevable_web")
    kept = {name: logging.getLogger(name).level for name in names}
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        for name in names:
            logging.getLogger(name).setLevel(logging.DEBUG)
        yield written
    finally:
        root.removeHandler(handler)
        for name, level in kept.items():
            logging.getLogger(name).setLevel(level)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_what_a_browser_refused_is_written_without_its_addresses(database: str) -> None:
    report = {
        "csp-report": {
            "document-uri": "https://guichet.example/dossiers/1?q=Durand", "violated-directive": "script-src-elem",
            "blocked-uri": "https://mechant.example/x.js?iban=FR76", "script-sample": "alert('Durand')",
        }
    }  # fmt: skip
    with logged() as written:
        found = browser(enforce_csrf_checks=True).post(
            "/csp", json.dumps(report), content_type="application/csp-report", secure=True
        )
    assert found.status_code == 204
    (line,) = [one for one in lines(written) if one["source"].endswith("reports")]
    assert (line["directive"], line["bloque"]) == ("script-src-elem", "https")
    for secret in ("Durand", "mechant", "FR76", "alert"):
        assert secret not in written.getvalue()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("text/plain", "{}", 415), ("application/csp-report", "{", 400), ("application/csp-report", "[" * 9000, 400),
     ("application/csp-report", "[]", 204), ("application/csp-report", '"x"', 204),
     ("application/csp-report", '{"csp-report": [1]}', 204),
     ("application/reports+json", '[{"body": {"effectiveDirective": "x\\nfaux", "blockedURL": "http://["}}]', 204),
     ("application/csp-report", '{"a": "' + "x" * 20_000 + '"}', 400)],
)  # fmt: skip
def test_a_report_that_is_none_does_nothing(database: str, kind: str, body: str, status: int) -> None:
    with logged() as written:
        assert browser().post("/csp", body, content_type=kind, secure=True).status_code == status
    assert "faux" not in written.getvalue()


# --- logs -------------------------------------------------------------------------------------------------------------

# Names, identifiers and accounts of the dossiers of the tests.
_PERSONAL = (
    "raison_sociale",
    "siret",
    "siren",
    "iban",
    "bic",
    "nom",
    "prenom",
    "nom_complet",
    "courriel",
    "email",
    "telephone",
)


def personal(found: Any) -> Iterator[str]:
    """The values of a dossier that name somebody."""
    if isinstance(found, dict):
        for name, value in found.items():
            if isinstance(value, str) and len(value) > 5 and name in _PERSONAL:
                yield value
            yield from personal(value)
    elif isinstance(found, list):
        for value in found:
            yield from personal(value)


@pytest.mark.thorough
def test_nothing_that_names_anybody_is_in_the_log(people: People, objects: dict[str, Any]) -> None:
    """The whole walk of the site, the way wrong requests are logged, and a fault whose text names somebody."""
    dossier = json.loads(fixture("solde-cinq-defauts"))
    secrets = {*personal(dossier), "solde-cinq-defauts", "essai.example", "Ines", "Tout", "Secret-Durand"}
    assert len(secrets) > 8, secrets
    client = browser(
        people("tout", Role.INSTRUCTOR, Role.VALIDATOR, Role.ADMINISTRATOR, Role.AUDITOR), raise_request_exception=False
    )
    with logged() as written:
        for address in ADDRESSES:
            if address.name != "deconnexion":
                there = place(address, objects)
                for secret in sorted(secrets)[:3]:
                    post(client, there, q=secret, motif=secret, reference=secret, adresse=secret, commentaire=secret)
                    get(client, f"{there}?q={secret}&nom={secret}&next={secret}")
        for secret in secrets:
            get(client, f"/{secret}")
            get(client, f"/dossiers/{secret}")
            client.get("/", secure=True, headers={"Host": f"{secret}.example", "User-Agent": secret, "Referer": secret})
            client.generic(secret.upper().replace(" ", "")[:10], "/", secure=True)
        upload = SimpleUploadedFile("Secret-Durand.json", fixture("solde-cinq-defauts"), "application/json")
        client.post("/importer", {"programme": PROGRAMME, "fichiers": [upload, upload]}, secure=True)
    text = written.getvalue()
    assert len(lines(written)) > 100
    assert [secret for secret in secrets if secret.lower() in text.lower()] == []


def test_a_fault_is_written_without_its_words_and_found_by_its_number(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = received(instructor)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("IBAN FR7630006000011234567890189 de Durand")

    monkeypatch.setattr("recevable_web.pages.dossier.opened", broken)
    client = browser(instructor, raise_request_exception=False)
    with logged() as written:
        found = get(client, f"/dossiers/{dossier.pk}")
    page = found.content.decode()
    assert found.status_code == 500
    assert "FR76" not in page + written.getvalue()
    assert "Durand" not in page + written.getvalue()
    (line,) = [one for one in lines(written) if one["source"] == "django.request"]
    assert line["exception"] == "RuntimeError"
    assert any("broken" in one for one in line["pile"])
    assert line["requete"] == found["X-Request-Id"]
    assert line["requete"] in page


@pytest.mark.parametrize("attack", ['a\r\n{"niveau": "INFO"}', "\x1b[31mrouge", "\u2028ligne", "a\x00b", "é\n"])
def test_nothing_forges_a_line_of_the_log(database: str, attack: str) -> None:
    from urllib.parse import quote

    client = browser()
    with logged() as written:
        get(client, f"/connexion?next={quote(attack)}")
        get(client, f"/{quote(attack)}")
        client.get("/connexion", secure=True, headers={"User-Agent": attack.replace("\n", " ").replace("\r", " ")})
        logging.getLogger("ailleurs").warning("dit : %s", attack)
        logging.getLogger("ailleurs").warning(f"dit : {attack}")
        logging.getLogger("recevable_web.x").warning("dit", extra={"facts": {"quoi": attack}})
    for line in written.getvalue().split("\n")[:-1]:
        assert set(json.loads(line)) >= {"instant", "niveau", "source", "ou"}
    assert "\x1b" not in written.getvalue()
    assert written.getvalue().isascii()


def test_the_service_logs_as_the_tests_do() -> None:
    from recevable_web import settings

    given: Any = settings.LOGGING
    assert given["formatters"]["json"]["()"] == "recevable_web.pages.logs.JsonLines"
    assert given["handlers"]["console"]["formatter"] == "json"


# --- pages of errors --------------------------------------------------------------------------------------------------


def test_each_error_says_what_to_do_in_french(instructor: Account) -> None:
    draft = prepared(instructor)
    client = browser(instructor)
    many = {f"champ-{rank}": "x" for rank in range(1001)}
    found: dict[int, Any] = {
        404: get(client, "/rien"),
        405: get(client, f"/projets/{draft.pk}/signer"),
        401: post(browser(), f"/projets/{draft.pk}/signer"),
        403: post(browser(instructor, enforce_csrf_checks=True), "/deconnexion"),
        413: post(client, "/importer", **many),
        400: client.get("/", secure=True, headers={"Host": "ailleurs.example"}),
    }
    for status, answer in found.items():
        page = answer.content.decode().replace("&#x27;", "'")
        assert answer.status_code == status, status
        assert '<html lang="fr"' in page
        assert "<h1>" in page
        assert any(word in page for word in ("recommencez", "Réessayez", "déplacée", "servez-vous", "Envoyez moins")), (
            status
        )
    assert found[405]["Allow"] == "POST"


def test_the_page_of_a_fault_needs_no_database(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import RequestFactory

    from recevable_web.pages import errors

    def none(*_: Any, **__: Any) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", none)
    request = RequestFactory().get("/")
    request.user = instructor
    assert errors.panne(request).status_code == 500
