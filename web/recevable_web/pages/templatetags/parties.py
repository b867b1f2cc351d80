"""`{% partie "cadre_pied" %}`: a part of a page that is rendered once for the same values (`pages/parts.py`).

`{% url %}` is Django's, which finds the same address for the same name and the same numbers each time: it is kept.
"""

from __future__ import annotations

from django import template
from django.template import Context, base, defaulttags
from django.utils.safestring import SafeString

from recevable_web.pages.parts import address, part

register = template.Library()
register.simple_tag(part, name="partie")


class _Address(defaulttags.URLNode):
    def render(self, context: Context) -> SafeString:
        """The address, escaped as a template does it."""
        return address(self.view_name.resolve(context), *(one.resolve(context) for one in self.args))


@register.tag
def url(parser: base.Parser, token: base.Token) -> defaulttags.URLNode:
    """`{% url "dossier" dossier.pk %}`."""
    found = defaulttags.url(parser, token)
    if found.kwargs or found.asvar:
        return found
    return _Address(found.view_name, found.args, found.kwargs, None)
