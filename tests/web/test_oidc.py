"""Signing in at an identity provider: the true way in, and every false one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, override_settings
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.web.conftest import People, rolled_back
from tests.web.identity import CLIENT, PERSON, SECRET, TWO_FACTORS, Played, now, provider, public_pem
from tests.web.test_pages import browser, get, post

from recevable_web.actions import accounts
from recevable_web.pages import oidc
from recevable_web.records.models import Account, Session

CONFIGURED = {
    "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "NAME": "ProConnect", "SCOPE": "openid given_name usual_name email",
    "ACR": ["eidas2", TWO_FACTORS],
}  # fmt: skip


@pytest.fixture(scope="module")
def _played() -> Iterator[Played]:
    with provider() as played:
        yield played


@pytest.fixture
def played(_played: Played) -> Iterator[Played]:
    _played.reset()
    oidc.provider.cache_clear()
    with override_settings(OIDC={**CONFIGURED, "URL": _played.issuer}):
        yield _played


@pytest.fixture
def database(_environment: None, _sqlite: str) -> Iterator[str]:
    """These tests are about tokens: one database is enough."""
    with rolled_back(_sqlite):
        yield "sqlite"


def begun(client: Client, following: str = "") -> str:
    """Begin a sign-in: the address at the provider."""
    found = get(client, "/connexion/fournisseur" + (f"?next={following}" if following else ""))
    assert found.status_code == 302, found.content
    return str(found["Location"])


def back(client: Client, address: str) -> Any:
    parts = urlsplit(address)
    return get(client, f"{parts.path}?{parts.query}")


def signed_in(client: Client, played: Played) -> Any:
    return back(client, played.authorize(begun(client)))


def is_signed_in(client: Client) -> bool:
    return bool(get(client, "/mon-compte").status_code == 200)


def refused(answer: Any, client: Client) -> str:
    assert answer.status_code == 403
    assert not is_signed_in(client)
    page = str(answer.content.decode()).replace("&#x27;", "'")
    assert "La connexion n'a pas abouti" in page
    assert "Revenir à la connexion" in page
    return page


# --- the true way in --------------------------------------------------------------------------------------------------


def test_a_person_gets_an_account_without_any_right_then_finds_it_again(database: str, played: Played) -> None:
    client = browser()
    answer = signed_in(client, played)
    assert answer["Location"] == "/mon-compte"
    account = Account.objects.get()
    assert (account.issuer, account.subject) == (played.issuer, "sujet-1")
    assert (account.email, account.name) == ("ines.martin@agence.example", "Inès Martin")
    assert not account.has_usable_password()
    assert account.grants.count() == 0
    page = get(client, "/mon-compte").content.decode()
    assert "Vous n'avez aucun droit aujourd'hui" in page.replace("&#x27;", "'")
    assert "/dossiers/" not in get(client, "/").content.decode()
    signed_in(browser(), played)
    assert Account.objects.count() == 1


def test_the_session_gets_another_key_when_somebody_signs_in(database: str, played: Played) -> None:
    client = browser()
    address = begun(client)
    before = client.cookies["__Host-session"].value
    back(client, played.authorize(address))
    assert client.cookies["__Host-session"].value != before
    # the one before is worth nothing
    old = browser()
    old.cookies["__Host-session"] = before
    assert not is_signed_in(old)


def test_whoever_asked_for_a_page_gets_there(people: People, played: Played) -> None:
    from recevable_web.records.models import Role

    account = people("ines", Role.INSTRUCTOR)
    account.issuer, account.subject = played.issuer, "sujet-1"
    account.save()
    client = browser()
    assert get(client, "/registre")["Location"] == "/connexion?next=/registre"
    page = get(client, "/connexion?next=/registre").content.decode()
    assert 'href="/connexion/fournisseur?next=%2Fregistre"' in page
    assert back(client, played.authorize(begun(client, "/registre")))["Location"] == "/registre"


@pytest.mark.parametrize(
    "away",
    ["https://mechant.example/", "//mechant.example", "/\\mechant.example", "javascript:alert(1)", "http:///x",
     "\thttps://mechant.example", "https:mechant.example", "/%0d%0aSet-Cookie:a=b", "mechant"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(people: People, played: Played, away: str) -> None:
    from urllib.parse import quote

    from recevable_web.records.models import Role

    account = people("ines", Role.INSTRUCTOR)
    account.issuer, account.subject = played.issuer, "sujet-1"
    account.save()
    client = browser()
    there = back(client, played.authorize(begun(client, quote(away))))["Location"]
    assert there == "/" or (there.startswith("/%0d") and "\n" not in there)


def test_signing_out_goes_to_the_provider_too(database: str, played: Played) -> None:
    client = browser()
    signed_in(client, played)
    page = post(client, "/deconnexion").content.decode()
    there = page.split("url=")[1].split('"')[0].replace("&amp;", "&")
    assert there.startswith(f"{played.issuer}/fin?")
    given = parse_qs(urlsplit(there).query)
    assert jwt.decode(given["id_token_hint"][0], played.key).claims["sub"] == "sujet-1"
    assert given["post_logout_redirect_uri"] == ["https://guichet.example/connexion"]
    assert not is_signed_in(client)
    assert Session.objects.count() == 0


def test_a_name_that_changed_is_followed_but_never_somebody_else_s_address(people: People, played: Played) -> None:
    other = people("autre")
    signed_in(browser(), played)
    played.person = lambda person: person.update(usual_name="Durand", email=other.email)
    assert signed_in(browser(), played).status_code == 302
    account = Account.objects.get(subject="sujet-1")
    assert (account.name, account.email) == ("Inès Durand", "ines.martin@agence.example")


# --- who it is --------------------------------------------------------------------------------------------------------


def test_an_address_alone_never_opens_an_account(people: People, played: Played) -> None:
    from recevable_web.records.models import Role

    there = people("ines", Role.INSTRUCTOR)
    played.person = lambda person: person.update(email=there.email.upper())
    client = browser()
    assert "Un autre compte porte déjà votre adresse" in refused(signed_in(client, played), client)
    assert Account.objects.count() == 1


def test_the_same_subject_of_another_provider_is_another_person(people: People, played: Played) -> None:
    there = people("ines")
    there.issuer, there.subject = "https://autre.example", "sujet-1"
    there.save()
    signed_in(browser(), played)
    assert Account.objects.filter(subject="sujet-1").count() == 2


def test_a_closed_account_stays_closed(database: str, played: Played) -> None:
    client = browser()
    signed_in(client, played)
    Account.objects.update(is_active=False)
    assert not is_signed_in(client)
    again = browser()
    assert "Ce compte est fermé" in refused(signed_in(again, played), again)


@pytest.mark.parametrize(
    "change",
    [
        lambda person: person.update(sub="sujet-2"),
        lambda person: person.pop("sub"),
        lambda person: person.update(iss="https://mechant.example"),
        lambda person: person.pop("iss"),
        lambda person: person.update(aud="autre-service"),
        lambda person: person.pop("aud"),
        lambda person: person.update(email=["a@b.example"]),
        lambda person: person.pop("email"),
    ],
)
def test_the_user_information_is_about_the_same_person_for_us(
    database: str, played: Played, change: Callable[[dict[str, Any]], None]
) -> None:
    played.person = change
    client = browser()
    refused(signed_in(client, played), client)
    assert Account.objects.count() == 0


def test_the_user_information_is_signed(database: str, played: Played) -> None:
    played.signed_person = False
    client = browser()
    refused(signed_in(client, played), client)
    played.signed_person = True
    played.sign_person = lambda person: played.signed(person, played.stranger)
    refused(signed_in(client, played), client)
    played.sign_person = lambda person: jwt.encode({"alg": "none"}, person, None, algorithms=["none"])  # type: ignore[arg-type]
    refused(signed_in(client, played), client)


# --- false tokens -----------------------------------------------------------------------------------------------------


def _set(**claims: Any) -> Callable[[dict[str, Any]], None]:
    return lambda found: found.update(claims)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda found: found.pop(name)


FALSE = {
    "another issuer": _set(iss="https://mechant.example"),
    "an issuer with a slash": lambda found: found.update(iss=found["iss"] + "/"),
    "issuers in a list": lambda found: found.update(iss=[found["iss"]]),
    "no issuer": _without("iss"),
    "another audience": _set(aud="autre-service"),
    "another audience in a list": _set(aud=["autre-service"]),
    "an empty audience": _set(aud=[]),
    "no audience": _without("aud"),
    "two audiences, and no party": _set(aud=[CLIENT, "autre-service"]),
    "two audiences, and another party": _set(aud=[CLIENT, "autre-service"], azp="autre-service"),
    "another party": _set(azp="autre-service"),
    "expired": lambda found: found.update(exp=now() - 31),
    "no end": _without("exp"),
    "an end in words": _set(exp="demain"),
    "an end that is true": _set(exp=True),
    "not yet valid": lambda found: found.update(nbf=now() + 60),
    "issued tomorrow": lambda found: found.update(iat=now() + 86_400),
    "no day": _without("iat"),
    "another nonce": _set(nonce="autre"),
    "an empty nonce": _set(nonce=""),
    "no nonce": _without("nonce"),
    "nonces in a list": lambda found: found.update(nonce=[found["nonce"], "autre"]),
    "one factor": _set(acr="eidas1"),
    "an empty level": _set(acr=""),
    "no level": _without("acr"),
    "levels in a list": _set(acr=["eidas1", "eidas2"]),
    "no subject": _without("sub"),
    "an empty subject": _set(sub=""),
    "a subject that is none": _set(sub=12),
    "a subject without end": _set(sub="x" * 256),
}


@pytest.mark.parametrize("wrong", FALSE)
def test_a_false_token_opens_nothing(database: str, played: Played, wrong: str) -> None:
    played.claims = FALSE[wrong]
    client = browser()
    page = refused(signed_in(client, played), client)
    assert Account.objects.count() == 0
    assert ("deux facteurs" in page) == (wrong in ("one factor", "an empty level", "no level", "levels in a list"))


def test_two_audiences_are_for_us_when_the_party_is_ours(database: str, played: Played) -> None:
    played.claims = _set(aud=[CLIENT, "autre-service"], azp=CLIENT)
    client = browser()
    signed_in(client, played)
    assert is_signed_in(client)


def _forged(played: Played, how: str) -> Callable[[dict[str, Any]], str]:
    stranger = played.stranger

    def sign(claims: dict[str, Any]) -> str:
        if how == "none":
            return jwt.encode({"alg": "none"}, claims, None, algorithms=["none"])  # type: ignore[arg-type]
        if how == "none with a key":
            return jwt.encode({"alg": "none", "kid": "k1"}, claims, None, algorithms=["none"])  # type: ignore[arg-type]
        if how == "HS256 with the public key":
            return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, public_pem(played.key))
        if how == "HS256 with the secret of the service":
            from joserfc.jwk import OctKey

            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        if how == "another key of the same name":
            return played.signed(claims, stranger)
        if how == "a key that is not published":
            return played.signed(claims, stranger, kid="k2")
        if how == "its own key in the header":
            return played.signed(claims, stranger, jwk=stranger.as_dict(private=False))
        good = played.signed(claims)
        if how == "signature cut":
            return good[: good.rindex(".") + 1]
        if how == "content changed":
            head, _, tail = good.split(".")
            other = played.signed({**claims, "sub": "sujet-9"}).split(".")[1]
            return f"{head}.{other}.{tail}"
        return {"empty": "", "words": "pas.un.jeton", "bytes": "\x00é", "five parts": "a.b.c.d.e"}[how]

    return sign


@pytest.mark.parametrize(
    "how",
    ["none", "none with a key", "HS256 with the public key", "HS256 with the secret of the service",
     "another key of the same name", "a key that is not published", "its own key in the header", "signature cut",
     "content changed", "empty", "words", "bytes", "five parts"],
)  # fmt: skip
def test_a_forged_token_opens_nothing(database: str, played: Played, how: str) -> None:
    played.sign = _forged(played, how)
    client = browser()
    refused(signed_in(client, played), client)
    assert Account.objects.count() == 0


def test_a_new_key_of_the_provider_is_asked_for_once_a_minute(
    database: str, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    signed_in(client, played)
    new = played.stranger
    played.published = [played.key, RSAKey.import_key({**new.as_dict(private=True), "kid": "k2"})]
    played.sign = lambda claims: played.signed(claims, new, kid="k2")
    client = browser()
    # less than a minute after the last time: not yet known, and the provider is not asked at each attempt
    refused(signed_in(client, played), client)
    refused(signed_in(client, played), client)
    assert played.asked.count("/jwks") == 1
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 61)
    signed_in(client, played)
    assert is_signed_in(client)
    assert played.asked.count("/jwks") == 2


def test_a_key_that_the_provider_withdraws_signs_nobody_in_ten_minutes_later(
    database: str, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    signed_in(client, played)
    assert is_signed_in(client)
    stolen = played.key
    played.published = [RSAKey.import_key({**played.stranger.as_dict(private=True), "kid": "k2"})]
    played.sign = lambda claims: played.signed(claims, stolen)
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 601)
    client = browser()
    refused(signed_in(client, played), client)


@pytest.mark.parametrize(
    "claims", [{"exp": -20}, {"iat": 20}, {"nbf": 20}], ids=["just over", "issued ahead", "valid ahead"]
)
def test_clocks_that_differ_by_less_than_half_a_minute_sign_in(
    database: str, played: Played, claims: dict[str, int]
) -> None:
    played.claims = lambda found: found.update({name: now() + shift for name, shift in claims.items()})
    client = browser()
    signed_in(client, played)
    assert is_signed_in(client)


# --- the way back -----------------------------------------------------------------------------------------------------


def test_a_state_and_a_code_serve_once(database: str, played: Played) -> None:
    client = browser()
    address = played.authorize(begun(client))
    back(client, address)
    post(client, "/deconnexion")
    assert "déjà servi" in refused(back(client, address), client)
    # the code alone, in a sign-in of somebody else
    other = browser()
    mine = played.authorize(begun(other))
    code = parse_qs(urlsplit(address).query)["code"][0]
    stolen = mine.replace(parse_qs(urlsplit(mine).query)["code"][0], code)
    refused(back(other, stolen), other)


def test_a_code_of_another_browser_is_refused_by_its_challenge(database: str, played: Played) -> None:
    """Login CSRF: the attacker's code in the victim's sign-in."""
    attacker, victim = browser(), browser()
    code = parse_qs(urlsplit(played.authorize(begun(attacker))).query)["code"][0]
    state = parse_qs(urlsplit(begun(victim)).query)["state"][0]
    refused(get(victim, f"/connexion/retour?code={code}&state={state}"), victim)


@pytest.mark.parametrize("query", ["", "code=code-0", "state=x&code=code-0", "state=%C3%A9", "state="])
def test_a_way_back_that_was_not_begun_here_is_refused(database: str, played: Played, query: str) -> None:
    client = browser()
    refused(get(client, f"/connexion/retour?{query}"), client)
    played.authorize(begun(client))
    refused(get(client, f"/connexion/retour?{query}"), client)
    assert Account.objects.count() == 0


def test_a_sign_in_lasts_ten_minutes(database: str, played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser()
    address = played.authorize(begun(client))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 601)
    assert "expiré" in refused(back(client, address), client)


def test_an_answer_of_another_provider_is_refused(database: str, played: Played) -> None:
    client = browser()
    refused(back(client, played.authorize(begun(client)) + "&iss=https://mechant.example"), client)
    back(client, played.authorize(begun(client)) + f"&iss={played.issuer}")
    assert is_signed_in(client)


def test_a_refusal_of_the_provider_is_said_and_nothing_of_it_is_shown(database: str, played: Played) -> None:
    client = browser()
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    page = refused(
        get(client, f"/connexion/retour?state={state}&error=access_denied&error_description=<b>appelez le 0123</b>"),
        client,
    )
    assert "0123" not in page


def test_a_provider_that_does_not_answer_or_lies_about_its_name_is_said(database: str, played: Played) -> None:
    client = browser()
    played.announced = {"issuer": "https://mechant.example"}
    page = refused(get(client, "/connexion/fournisseur"), client)
    assert "ne répond pas" in page
    with override_settings(OIDC={**CONFIGURED, "URL": "http://127.0.0.1:9"}):
        assert "ne répond pas" in refused(get(client, "/connexion/fournisseur"), client)
    # it answers again: nothing was kept
    played.announced = {}
    signed_in(client, played)
    assert is_signed_in(client)


def test_the_account_of_a_person_is_made_once_when_she_comes_twice_at_once(database: str) -> None:
    first = accounts.recognised("https://p.example", "s", "a@b.example", "A")
    assert accounts.recognised("https://p.example", "s", "a@b.example", "A").pk == first.pk
    assert PERSON["email"].lower() != "a@b.example"
