"""`{% partie "cadre_pied" %}`: a part of a page that is rendered once for the same values (`pages/parts.py`)."""

from __future__ import annotations

from django import template

from recevable_web.pages.parts import part

register = template.Library()
register.simple_tag(part, name="partie")
