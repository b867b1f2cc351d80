"""What the engine answers to the dossiers of a rule's examples, to choose among: read without a server or a script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from recevable.decision.calculation import sentence
from recevable.decision.model import Datum, Finding
from recevable.decision.wording import day as day_words
from recevable.decision.wording import initial, words
from recevable.handbook.drawings.svg import element, relative, text
from recevable.handbook.pages import common
from recevable.handbook.survey import Played, Survey
from recevable.language.calendar import parse_date, parse_instant
from recevable.language.check import parse_decimal
from recevable.language.tree import EACH, ELEMENT, FIELD
from recevable.language.types import Kind, Type, lookup
from recevable.pack.kinds import kind_of
from recevable.pack.model import APPRAISALS, Result, Rule
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence, to_data

RESULTS: Final = {
    Result.SATISFIED: "satisfait",
    Result.FAILED: "non satisfait",
    Result.MISSING: "donnée manquante",
    Result.NOT_APPLICABLE: "sans objet",
    Result.TO_APPRAISE: "à apprécier",
}
_TRUTH: Final = {True: "vrai", False: "faux", None: "inconnu"}
# The facts that the choice itself names; the others are shown once it is made.
_NAMED: Final = 3


def replies(survey: Survey, rule: Rule) -> str:
    """The examples of a rule as HTML, each to be opened: the dossier, the answer and its steps."""
    played = survey.examples.get(rule.id, ())
    return "\n".join(_Reply(survey, rule, one).html() for one in played)


class _Reply:
    def __init__(self, survey: Survey, rule: Rule, played: Played) -> None:
        self.survey, self.rule, self.played = survey, rule, played
        node = rule.examples[played.result.rank - 1]
        assert isinstance(node, Mapping)
        self.node = node

    def html(self) -> str:
        answer = self.result(self.played.result.got)
        if not self.played.result.passed:
            answer += f" {_mark('echec', 'attendu :')} {self.result(self.played.result.expected)}"
        choice = element("summary", f"{answer} {self.named()}")
        # the line breaks keep words apart, for the index of the search too
        rows = (f"<dt>{text(head)}</dt>\n<dd>{body}</dd>" for head, body in self.parts() if body)
        parts = element("dl", "\n".join(rows))
        return element("details", f"{choice}\n{parts}", class_="essai", name=f"essai-{self.rule.id}")

    def named(self) -> str:
        """The facts in a few words, without links: they are what is chosen."""
        found = [text(one) for one in self.short()]
        more = f" ; et {len(found) - _NAMED} de plus" if len(found) > _NAMED else ""
        return " ; ".join(found[:_NAMED]) + text(more)

    def short(self) -> Iterator[str]:
        given = self.node.entries.get("avec")
        for path, fact in given.entries.items() if isinstance(given, Mapping) else ():
            title, type_ = self.about(path)
            yield f"{title} : {self.value(fact, type_)}"
        yield from self.circumstances()

    def circumstances(self) -> Iterator[str]:
        for key, form in (("au", "le {}"), ("demande", "pour : {}")):
            found = self.node.entries.get(key)
            if isinstance(found, Scalar):
                answer = _day(found.text) if key == "au" else common.request_title(self.survey, found.text)
                yield form.format(answer)

    def parts(self) -> Iterator[tuple[str, str]]:
        reply = self.played.reply
        yield "Le dossier", self.facts()
        for finding in reply.findings:
            yield from self.finding(finding)
        if reply.findings or not reply.steps:
            lines = (self.evaluation(*one) for one in self.evaluations())
            yield "Pas à pas", element("ol", "\n".join(f"<li>{one}</li>" for one in lines))
        calculation = [text(words) for words in map(sentence, reply.steps) if words]
        yield "Calcul", _list(calculation) if calculation else ""

    def finding(self, finding: Finding) -> Iterator[tuple[str, str]]:
        effect = ""
        if finding.consequence is not None:
            effect = _mark(f"effet-{finding.consequence}", common.CONSEQUENCES[finding.consequence])
        yield kind_of(self.rule).words.effect, effect
        yield "Message", text(finding.message.replace(EACH, ELEMENT))
        yield "Réparation", text(finding.repair)

    # --- the dossier --------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        given = self.node.entries.get("avec")
        pairs = given.entries.items() if isinstance(given, Mapping) else ()
        found = [self.fact(path, fact) for path, fact in pairs]
        found += [element("em", text(one[:1].upper() + one[1:])) for one in self.circumstances()]
        return _list(found) if found else element("em", "Rien n'est renseigné")

    def about(self, path: str) -> tuple[str, Type | None]:
        """The title and the type of what an example gives."""
        pack, root, variable = self.survey.pack, *(self.rule.element or ("", ""))
        if variable and f"{path}.".startswith(f"{variable}."):
            path = root + path.removeprefix(variable)
        names = self.survey.compiled.names
        if path in names:
            return self.survey.phrases.title(names[path][0], path), names[path][1]
        asked = path.split(".")
        if asked[0] == APPRAISALS and len(asked) == 2 and asked[1] in pack.rules:
            return f"Réponse à « {pack.rules[asked[1]].title} »", None
        type_ = lookup(pack.facts, path)
        return self.survey.phrases.title(FIELD, path) if type_ is not None else path, type_

    def fact(self, path: str, node: Node) -> str:
        title, type_ = self.about(path)
        shown = text(title)
        asked = path.split(".")
        if asked[0] == APPRAISALS and len(asked) == 2 and asked[1] in self.survey.pack.rules:
            target = relative(common.rule_page(self.rule.id), common.rule_page(asked[1]))
            shown = element("a", shown, class_="reference internal", href=target)
        if type_ is not None and isinstance(node, Mapping) and node.entries and type_.fields:
            return f"{shown} : {_list(self.fact(f'{path}.{key}', part) for key, part in node.entries.items())}"
        inner = type_.item if type_ is not None else None
        if isinstance(node, Sequence) and node.items and inner is not None and inner.fields:
            return f"{shown} : {_list(text(self.value(item, inner)) for item in node.items)}"
        return f"{shown} : {element('strong', text(self.value(node, type_)))}"

    def value(self, node: Node, type_: Type | None) -> str:
        """A fact in words."""
        if isinstance(node, Scalar):
            return self.scalar(node, type_)
        if isinstance(node, Sequence):
            inner = type_.item if type_ is not None else None
            return ", ".join(self.value(item, inner) for item in node.items) or "aucun"
        if type_ is None and "reponse" in node.entries:
            return str(to_data(node.entries["reponse"]))
        fields = type_.fields if type_ is not None else {}
        parts = []
        for key, part in node.entries.items():
            inner = fields.get(key)
            title = inner.title if inner is not None and inner.title else key
            parts.append(f"{initial(title)} {self.value(part, inner)}")
        return ", ".join(parts) or "présent, sans détail"

    def scalar(self, node: Scalar, type_: Type | None) -> str:
        read: Any = to_data(node)
        if isinstance(read, bool):
            return "oui" if read else "non"
        if type_ is None:
            return str(read)
        zone = self.survey.pack.manifest.zone
        try:
            if type_.kind is Kind.INSTANT:
                read = parse_instant(node.text, zone)
            elif type_.kind is Kind.DATE:
                read = parse_date(node.text)
            elif type_.kind in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER, Kind.INTEGER):
                read = parse_decimal(node.text)
            elif type_.kind is not Kind.TEXT:
                return node.text
            return words(read, type_, zone)
        except ValueError:
            return node.text

    # --- the answer ---------------------------------------------------------------------------------------------------

    def result(self, value: str) -> str:
        """A result as an example writes it; values of numbers and deductions are in words."""
        if self.rule.defined is not None and value not in (Result.MISSING, Result.NOT_APPLICABLE):
            if value in ("true", "false"):
                return element("strong", "oui" if value == "true" else "non")
            try:
                return element("strong", text(self.survey.phrases.value(parse_decimal(value), self.rule.defined.type)))
            except ValueError:
                return element("strong", text(value))
        found = []
        for word in value.split():
            result, _, cause = word.partition(":")
            known = result in list(Result)
            style = f"resultat-{result.replace('_', '-')}" if known else "circonstance"
            shown = _mark(style, RESULTS[Result(result)] if known else result)
            found.append(shown + (f' <code class="docutils literal">{text(cause)}</code>' if cause else ""))
        return " ".join(found)

    def evaluations(self) -> Iterable[tuple[str, str, tuple[str, ...]]]:
        """Each expression that was evaluated, once: in words, its value, and what it read."""
        found: dict[tuple[str, str, tuple[str, ...]], None] = {}
        for one in self.played.reply.evaluations:
            words = self.survey.phrases.bare(one.expr)
            # what is read and no more says itself
            data = tuple(self.datum(datum) for datum in one.data if one.expr.args)
            truth = one.expr.type.kind is Kind.BOOLEAN
            value = _TRUTH[one.value] if truth else self.survey.phrases.value(one.value, one.expr.type)
            found[words, value, data] = None
        return found

    def evaluation(self, words: str, value: str, data: tuple[str, ...]) -> str:
        read = f"<br>{element('small', ' ; '.join(map(text, data)))}" if data else ""
        return f"{text(words)} → {element('strong', text(value))} {read}"

    def datum(self, datum: Datum) -> str:
        names, parameters = self.survey.compiled.names, self.survey.pack.parameters
        title = datum.title or datum.name
        if datum.name in names:
            title = self.survey.phrases.title(names[datum.name][0], datum.name)
        elif datum.name in parameters:
            title = parameters[datum.name].title
        return f"{title} : {self.survey.phrases.value(datum.value, datum.type)}"


def _mark(style: str, content: str) -> str:
    return element("span", text(content), class_=f"signe {style}")


def _list(items: Iterable[str]) -> str:
    return element("ul", "\n".join(f"<li>{item}</li>" for item in items), class_="simple")


def _day(typed: str) -> str:
    """A day of the pack in words; unchanged when it is not a day."""
    try:
        return day_words(parse_date(typed))
    except ValueError:
        return typed
