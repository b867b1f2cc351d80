"""Signing in, accounts and rights."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Screen, at

SCREENS: Final = (
    Screen(
        names=("connexion",),
        title="Connexion",
        role=None,
        full=at("connexion"),
        empty=at("connexion"),
        error="the form is made of buttons: no wrong answer can be given",
    ),
)
OTHERS: Final[Others] = {"deconnexion": "a form of every page"}
