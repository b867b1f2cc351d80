"""The markup of the pages: whatever a text holds, docutils gives it back as text."""

from __future__ import annotations

import re

import docutils.core
import docutils.nodes
from docutils.parsers.rst import roles
from hypothesis import given
from hypothesis import strategies as st
from sphinx.util.docutils import docutils_namespace

from recevable.handbook import rst
from recevable.report.layout import visible

MARKUP = st.sampled_from("*`|_:<>\\.-=~^+[]{}()!\"' \n\t#§«»é0a")
TEXTS = st.text(st.one_of(MARKUP, st.characters(codec="utf-8")), max_size=40)


def read(markup: str) -> docutils.nodes.document:
    """Markup as docutils reads it; a warning is a fault."""
    settings = {"report_level": 2, "halt_level": 2, "raw_enabled": False, "file_insertion_enabled": False}
    with docutils_namespace():
        roles.register_generic_role("litteral", docutils.nodes.literal)
        found = docutils.core.publish_doctree(markup, settings_overrides=settings)
    for node in list(found.findall(docutils.nodes.system_message)):
        # docutils notes that the language of the page has no name of its own for a role
        if node["level"] < 2:
            node.parent.remove(node)
    return found


def shown(text: str) -> str:
    """A text as a page shows it: on one line, with nothing that acts."""
    return visible(re.sub(r"[ \t\r\n\f\v]+", " ", text), "\u00a0\u202f").strip()


def loosened(text: str) -> str:
    """A text whatever the width of its spaces."""
    return text.replace("\u00a0", " ")


@given(TEXTS)
def test_an_escaped_text_comes_back_as_it_was(text: str) -> None:
    if rst.escape(text):
        assert loosened(read(f"avant {rst.escape(text)} après").astext()) == loosened(f"avant {shown(text)} après")


def test_a_sign_of_punctuation_stays_with_its_word() -> None:
    assert read(rst.escape("« Avance » (AF §3) : oui ; non")).astext() == (
        "«\u00a0Avance\u00a0» (AF\u00a0§3)\u00a0: oui\u00a0; non"
    )
    assert read(rst.code("a : b ; c")).astext() == "a : b ; c"


@given(TEXTS)
def test_bold_and_code_hold_any_text_against_any_neighbour(text: str) -> None:
    for markup in (rst.strong(text), rst.code(text)):
        if markup:
            assert loosened(read(f"a{markup}b").astext()) == loosened(f"a{shown(text)}b")


@given(TEXTS)
def test_a_title_and_a_table_hold_any_text(text: str) -> None:
    found = read(rst.document([rst.title(text), rst.table(("A", "B"), [(rst.escape(text), rst.code(text))])]))
    assert list(found.findall(docutils.nodes.system_message)) == []
    assert len(list(found.findall(docutils.nodes.entry))) == 4


@given(TEXTS, st.integers(0, 9))
def test_an_excerpt_holds_any_lines(text: str, first: int) -> None:
    block = rst.excerpt(text, first).replace(".. code-block::", ".. code::").replace("   :force:\n", "")
    block = block.replace("   :linenos:\n", "").replace(f"   :lineno-start: {first}\n", "")
    if text.strip():
        assert read(block)
