"""Signing in at an identity provider by OpenID Connect, as ProConnect speaks it: code, PKCE, signed user information.

Authlib speaks the protocol and joserfc reads the tokens.  What is checked is written here, because libraries leave it
out or let the token decide: who signed (keys of the provider, asymmetric algorithms of ours only), issuer, audience,
dates, nonce, and that two factors were used.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from functools import lru_cache
from hmac import compare_digest
from typing import Any, Final

import requests
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from recevable_web.actions import accounts, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import public

_LOG = logging.getLogger(__name__)
# Where the session keeps a sign-in that has begun, and the token that the provider wants back when it ends.
_PENDING: Final = "oidc"
HINT: Final = "oidc_hint"
# Seconds: how long a sign-in may take, how far two clocks may differ, how long the provider may take to answer, and how
# often its keys are asked for again when a token names one that we do not know, and when none does.
_LASTS, _LEEWAY, _TIMEOUT, _AGAIN, _KEPT = 600, 30, 10, 60, 600
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")


class SignInFailed(Exception):
    """A sign-in that did not succeed: `code` for the log, the message in French for the person."""

    def __init__(self, code: str, message: str = "La réponse du fournisseur d'identité n'est pas recevable.") -> None:
        super().__init__(code)
        self.code, self.message = code, message


class Provider:
    """What is known of an identity provider: its addresses and its keys, asked for once."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.metadata: dict[str, Any] = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if self.metadata.get("issuer") != issuer:
            raise SignInFailed("emetteur-annonce", _UNREACHABLE)
        self._keys: KeySet | None = None
        self._asked = 0.0

    def keys(self, again: bool = False) -> KeySet:
        """The keys that sign the tokens; asked for again at most once a minute, and never kept for more than ten.

        One that the provider withdraws, because it was stolen for instance, signs nobody in after that.
        """
        age = time.monotonic() - self._asked
        if self._keys is None or age > (_AGAIN if again else _KEPT):
            self._asked = time.monotonic()
            self._keys = KeySet.import_key_set(_get(self.metadata["jwks_uri"]))
        return self._keys

    def client(self, redirect_uri: str) -> Any:
        """A client of the provider, with PKCE."""
        offered = self.metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return OAuth2Session(
            settings.OIDC["CLIENT_ID"],
            settings.OIDC["CLIENT_SECRET"],
            token_endpoint_auth_method=method,
            scope=settings.OIDC["SCOPE"],
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT,
        )


_UNREACHABLE: Final = "Le fournisseur d'identité ne répond pas. Réessayez dans quelques minutes."


@lru_cache(maxsize=1)
def provider(issuer: str) -> Provider:
    """The provider of the settings; asked again when it did not answer."""
    return Provider(issuer)


def _get(url: str) -> Any:
    try:
        answer = requests.get(url, timeout=_TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        return answer.json()
    except (requests.RequestException, ValueError):
        raise SignInFailed("injoignable", _UNREACHABLE) from None


def configured() -> bool:
    """Whether the settings name a provider."""
    return bool(settings.OIDC["URL"])


def target(request: HttpRequest, wanted: str) -> str:
    """Where to go after signing in: a page of ours, the first one for anything else."""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else reverse("file")


@public
@require_safe
def fournisseur(request: HttpRequest) -> HttpResponseBase:
    """Go and sign in at the provider."""
    if not configured():
        return redirect("connexion")
    try:
        known = provider(settings.OIDC["URL"])
        pending = {
            "state": secrets.token_urlsafe(32),
            "nonce": secrets.token_urlsafe(32),
            "verifier": secrets.token_urlsafe(64),
            "suite": target(request, request.GET.get("next", "")),
            "at": time.time(),
        }
        factors = {"id_token": {"acr": {"essential": True, "values": settings.OIDC["ACR"]}}}
        url, _ = known.client(_callback(request)).create_authorization_url(
            known.metadata["authorization_endpoint"],
            state=pending["state"],
            nonce=pending["nonce"],
            code_verifier=pending["verifier"],
            acr_values=" ".join(settings.OIDC["ACR"]),
            claims=json.dumps(factors),
        )
    except SignInFailed as failed:
        return _failed(request, failed)
    request.session[_PENDING] = pending
    return redirect(url)


@public
@require_safe
def retour(request: HttpRequest) -> HttpResponseBase:
    """Come back from the provider: what it vouches for is verified, then the account is opened."""
    pending = request.session.pop(_PENDING, None)
    if request.user.is_authenticated and pending is None:
        return redirect("file")
    try:
        (subject, email, name), token = _vouched(request, pending)
        account = accounts.recognised(str(settings.OIDC["URL"]), subject, email, name)
    except SignInFailed as failed:
        return _failed(request, failed)
    except Refused as refused:
        return _failed(request, SignInFailed(refused.code, refused.message))
    request.session.flush()
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    request.session[HINT] = token
    if not rights.grants(account).exists():
        messages.info(request, "Vous n'avez encore aucun droit : un administrateur doit vous en donner.")
        return redirect("mon-compte")
    return redirect(pending["suite"])


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("retour"))


def _vouched(request: HttpRequest, pending: dict[str, Any] | None) -> tuple[tuple[str, str, str], str]:
    """What the provider vouches for (subject, address, name), and the token that says so."""
    if pending is None or not 0 <= time.time() - pending["at"] <= _LASTS:
        raise SignInFailed("etat-absent", "Cette connexion a expiré ou a déjà servi. Recommencez.")
    given = request.GET
    if not compare_digest(given.get("state", "").encode(), pending["state"].encode()):
        raise SignInFailed("etat", "Cette connexion n'a pas été commencée ici. Recommencez.")
    if "error" in given:
        denied = given["error"] == "access_denied"
        raise SignInFailed(
            "refus" if denied else "erreur",
            "Vous n'avez pas été connecté par le fournisseur d'identité. Recommencez, ou adressez-vous à lui.",
        )
    known = provider(settings.OIDC["URL"])
    # RFC 9207: the answer of another provider is not for us
    if given.get("iss", known.issuer) != known.issuer:
        raise SignInFailed("emetteur-reponse")
    try:
        with known.client(_callback(request)) as client:
            tokens = client.fetch_token(
                known.metadata["token_endpoint"], code=given.get("code", ""), code_verifier=pending["verifier"]
            )
            claims = verified(known, tokens.get("id_token"), nonce=pending["nonce"])
            answer = client.get(known.metadata["userinfo_endpoint"], headers={"Accept": "application/jwt"})
            answer.raise_for_status()
    except SignInFailed:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it answered, nobody is signed in
        raise SignInFailed(f"echange-{type(error).__name__}") from None
    if answer.headers.get("Content-Type", "").partition(";")[0].strip() != "application/jwt":
        raise SignInFailed("identite-non-signee")
    person = _read(known, answer.text)
    _check(
        person,
        iss={"essential": True, "value": known.issuer},
        aud=_audience(),
        sub={"essential": True, "value": claims["sub"]},
    )
    name = f"{person.get('given_name') or ''} {person.get('usual_name') or person.get('family_name') or ''}".strip()
    email = person.get("email") or ""
    if not isinstance(email, str):
        raise SignInFailed("identite")
    return (claims["sub"], email, name or str(person.get("name") or "")), tokens["id_token"]


def _audience() -> dict[str, Any]:
    return {"essential": True, "value": settings.OIDC["CLIENT_ID"]}


def verified(known: Provider, token: object, *, nonce: str) -> dict[str, Any]:
    """The claims of an identity token; SignInFailed when anything in it is not what was asked for."""
    if not isinstance(token, str):
        raise SignInFailed("jeton-absent")
    claims = _read(known, token)
    _check(
        claims,
        iss={"essential": True, "value": known.issuer},
        aud=_audience(),
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != settings.OIDC["CLIENT_ID"]:
        raise SignInFailed("azp")
    if "azp" in claims and claims["azp"] != settings.OIDC["CLIENT_ID"]:
        raise SignInFailed("azp")
    if not isinstance(claims["nonce"], str) or len(claims["sub"]) > 255:
        raise SignInFailed("jeton")
    if not isinstance(claims.get("acr"), str) or claims["acr"] not in settings.OIDC["ACR"]:
        raise SignInFailed(
            "facteurs",
            "Votre connexion n'a pas utilisé deux facteurs. Activez la double authentification chez votre fournisseur "
            "d'identité, puis recommencez.",
        )
    return claims


def _read(known: Provider, token: str) -> dict[str, Any]:
    """The claims of a token that the provider signed, with one of its keys of the moment."""
    for again in (False, True):
        try:
            return jwt.decode(token, known.keys(again), algorithms=_ALGORITHMS).claims
        except JoseError as error:
            failed = SignInFailed(f"signature-{error.error}")
        except (ValueError, KeyError, TypeError, AttributeError):
            failed = SignInFailed("jeton-illisible")
    raise failed


def _check(claims: dict[str, Any], **wanted: Any) -> None:
    try:
        jwt.JWTClaimsRegistry(leeway=_LEEWAY, **wanted).validate(claims)
    except JoseError as error:
        raise SignInFailed(f"jeton-{error.error}-{getattr(error, 'claim', '')}") from None


def _failed(request: HttpRequest, failed: SignInFailed) -> HttpResponse:
    _LOG.warning("sign-in failed", extra={"facts": {"code": failed.code}})
    return render(request, "guichet/connexion_refusee.html", {"message": failed.message}, status=403)


def leaving(token: str, back: str) -> str:
    """The address that signs a person out at the provider too; empty when it has none."""
    try:
        known = provider(settings.OIDC["URL"])
    except SignInFailed:
        return ""
    end = known.metadata.get("end_session_endpoint")
    if not end:
        return ""
    given = {"id_token_hint": token, "post_logout_redirect_uri": back, "state": secrets.token_urlsafe(16)}
    return str(requests.Request("GET", end, params=given).prepare().url)


urlpatterns = [
    path("connexion/fournisseur", fournisseur, name="fournisseur"),
    path("connexion/retour", retour, name="retour"),
]
