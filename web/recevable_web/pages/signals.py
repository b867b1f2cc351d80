"""What happens each time somebody signs in, whatever the way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from recevable_web.actions import accounts
from recevable_web.records.models import Account
from recevable_web.records.sessions import SessionStore


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Account, **_: Any) -> None:
    """The hours of the session begin; sessions that are over are forgotten."""
    if isinstance(request.session, SessionStore):
        request.session.begin()
    SessionStore.clear_expired()
    accounts.tell(user, "connexion", "Connexion.")
