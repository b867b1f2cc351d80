"""An identity provider of the tests' own: a small HTTP server that says what it is told to, true or false."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT: Final = "guichet"
SECRET: Final = "secret-du-guichet"
TWO_FACTORS: Final = "https://proconnect.gouv.fr/assurance/self-asserted-2fa"
PERSON: Final = {
    "email": "Ines.Martin@agence.example",
    "given_name": "Inès",
    "usual_name": "Martin",
}


def now() -> int:
    """Seconds since 1970, as in a token."""
    return int(datetime.now(UTC).timestamp())


class Played:
    """What the provider answers: a truthful sign-in, changed by each test.

    `claims` and `person` are changed before they are signed; `sign` replaces the signature itself.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"}, private=True)
        self.stranger = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
        self.issuer = ""
        self.given = 0
        self.reset()

    def reset(self) -> None:
        self.subject = "sujet-1"
        self.claims: Callable[[dict[str, Any]], None] = lambda claims: None
        self.person: Callable[[dict[str, Any]], None] = lambda person: None
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.sign_person: Callable[[dict[str, Any]], str] | None = None
        self.signed_person = True
        self.published = [self.key]
        self.announced: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None, **header: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": "k1", **header}, claims, key or self.key)

    def authorize(self, address: str) -> str:
        """What a person who signs in does: the address to come back to, with a code that serves once."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"]
        assert TWO_FACTORS in json.loads(asked["claims"])["id_token"]["acr"]["values"]
        self.given += 1
        code = f"code-{self.given}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {wanted}" or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        issued = now()
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": issued, "exp": issued + 60,
            "nonce": asked["nonce"], "acr": TWO_FACTORS,
        }  # fmt: skip
        self.claims(claims)
        return 200, {"access_token": "acces", "token_type": "Bearer", "id_token": self.sign(claims)}

    def userinfo(self) -> tuple[str, str]:
        person = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, **PERSON}
        self.person(person)
        if not self.signed_person:
            return "application/json", json.dumps(person)
        return "application/jwt; charset=utf-8", (self.sign_person or self.signed)(person)


def public_pem(key: RSAKey) -> OctKey:
    """The public key taken for a secret, as the attack on HS256 does."""
    return OctKey.import_key(key.as_pem(private=False))


@contextmanager
def provider() -> Iterator[Played]:
    """A provider that listens on the loopback."""
    played = Played()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def answer(self, status: int, content: Any, kind: str = "application/json") -> None:
            body = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            address = urlsplit(self.path).path
            played.asked.append(address)
            if address == "/.well-known/openid-configuration":
                names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "fin"}
                found = {f"{name}_endpoint": f"{played.issuer}/{there}" for name, there in names.items()}
                self.answer(
                    200, {"issuer": played.issuer, "jwks_uri": f"{played.issuer}/jwks", **found, **played.announced}
                )
            elif address == "/jwks":
                self.answer(200, {"keys": [key.as_dict(private=False) for key in played.published]})
            elif address == "/userinfo" and self.headers["Authorization"] == "Bearer acces":
                kind, content = played.userinfo()
                self.answer(200, content, kind)
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(content).items()}
            self.answer(*played.exchange(form, self.headers.get("Authorization", "")))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
