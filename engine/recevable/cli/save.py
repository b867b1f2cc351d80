"""`recevable enregistrer`: save a pack, its schema and its known dossiers in git, checked and described in words."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from recevable import files, git
from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import ACCEPTED, INVALID_RULES, NOT_ACCEPTED, usage
from recevable.cli.packs import pack_folders
from recevable.cli.versions import earlier
from recevable.decision.wording import count
from recevable.dossier.limits import MAX_BYTES
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.lint.run import lint
from recevable.outputs.impact import text as impact_text
from recevable.outputs.impact.words import headline
from recevable.outputs.run import line_of, relocated, seen_from_here
from recevable.printed import say, visible
from recevable.programme import Programme, open_programme
from recevable.report import diagnostics as diagnostics_text
from recevable.report.layout import Page
from recevable.trials.impact.compare import Comparison, Stopped, compared
from recevable.trials.impact.model import ChangeKind, DaySource, Impact
from recevable.trials.known import EXPECTED, known_dossiers
from recevable.trials.suite import Origin, Trial, collect, run

# The longest first line of a message.
_SUBJECT: Final = 72
_NAMED: Final = 3
_LISTED: Final = 10
# What an unsettled merge leaves in a file.
_MARKS: Final = (b"<<<<<<< ", b">>>>>>> ")
_DONE: Final = {ChangeKind.ADDED: "Ajouter", ChangeKind.REMOVED: "Retirer", ChangeKind.CHANGED: "Modifier"}


@click.command(cls=FrenchCommand, name="enregistrer")
@click.argument("pack", required=False, metavar="[PAQUET]")
@click.option("--message", "-m", "title", default="", metavar="TEXTE", help="Le titre ; par défaut, ce qui a changé.")
@click.option(
    "--auteur", "author", default="", metavar="'NOM <COURRIEL>'", help="Qui enregistre, si git ne le sait pas."
)
@click.option("--brouillon", "draft", is_flag=True, help="Enregistrer bien que des essais échouent ; le titre le dit.")
@click.option("--creer", "created", is_flag=True, help="Créer un dépôt git quand il n'y en a pas.")
@click.option("--essai", "dry", is_flag=True, help="Tout contrôler et montrer, sans rien enregistrer.")
def save(pack: str | None, title: str, author: str, draft: bool, created: bool, dry: bool) -> int:
    """Enregistrer un paquet de règles : contrôlé, essayé, avec ce qui change en toutes lettres.

    Le paquet, son schéma de dossiers et ses dossiers connus sont enregistrés ensemble dans git, sur la branche ouverte
    de cette machine. Rien d'autre ne l'est, et rien n'est effacé.

    Codes de sortie : 0 enregistré, ou rien à enregistrer ; 1 des essais échouent ; 2 usage, ou dépôt qui ne s'y prête
    pas ; 3 règles invalides.
    """
    folders = pack_folders([pack] if pack else ())
    if len(folders) != 1:
        among = ", ".join(f"`{seen_from_here(folder)}`" for folder in folders)
        raise usage(f"un paquet s'enregistre à la fois : choisissez entre {among}.")
    try:
        return _Saving(folders[0], title.strip(), author, draft=draft, dry=dry).all(created)
    except subprocess.TimeoutExpired:
        raise usage(f"git n'a pas répondu en {git.TIMEOUT} secondes : rien n'est enregistré.") from None
    except git.NotSavedError as error:
        why = visible(str(error)) or "sans dire pourquoi"
        raise usage(
            f"git a refusé d'enregistrer ({why}). Vos fichiers n'ont pas changé : relancez la commande."
        ) from None


class _Change(Struct, frozen=True):
    """A file that differs from the last one saved; `content` is None when it is gone."""

    name: str
    content: bytes | None
    new: bool


class _Saving:
    """The steps of saving one pack."""

    def __init__(self, folder: Path, title: str, author: str, *, draft: bool, dry: bool) -> None:
        self.folder, self.title, self.author, self.draft, self.dry = folder, title, author, draft, dry
        self.shown: Page = page(sys.stdout)

    def all(self, created: bool) -> int:
        """Check, show and save; returns the exit code.  Raises click.UsageError, git.NotSavedError."""
        root = self._root(created)
        if git.unsettled(root):
            raise usage(
                "une fusion est en cours dans ce dépôt git : quelqu'un doit d'abord choisir entre deux versions d'un "
                "fichier. Demandez à qui s'occupe du dépôt ; vos fichiers sont gardés tels quels."
            )
        if not git.branch(root):
            raise usage("le dépôt git n'a aucune branche ouverte : ce qui y serait enregistré se perdrait.")
        who = self._person(root)
        faults = relocated(lint(self.folder), self.folder)
        errors = [one for one in faults if one.severity is Severity.ERROR]
        if errors:
            self._tell(errors)
            say("Rien n'est enregistré : corrigez d'abord ces fautes. Vos fichiers sont gardés tels quels.")
            return INVALID_RULES
        programme = open_programme(self.folder, prepared=False)
        changes = list(self._changes(root, programme))
        if not changes:
            say(f"{visible(seen_from_here(self.folder))} : rien n'a changé depuis le dernier enregistrement.")
            return ACCEPTED
        unreadable: list[Diagnostic] = []
        trials = collect(programme, unreadable)
        failed = [trial for trial in trials if not run(trial, programme.decider).passed]
        if (failed or unreadable) and not self.draft:
            self._refuse(trials, failed, unreadable)
            return NOT_ACCEPTED
        impact = self._impact(programme, trials)
        failing = len(failed) + len(unreadable)
        lines = list(self._summary(changes, impact, programme.zone, len(trials), failing, len(faults)))
        title = self._subject(_title(seen_from_here(self.folder), impact, changes), failing)
        say("\n".join([title, "", *lines]))
        if self.dry:
            say("\nRien n'est enregistré (--essai).")
            return ACCEPTED
        if not self.title and _interactive():
            typed = input(
                "\nEntrée pour enregistrer sous ce titre, sinon un autre titre (Ctrl-C : renoncer) > "
            ).strip()
            title = self._subject(typed or title, 0) if typed else title
        message = "\n".join([title, "", *lines, ""])
        stored = {one.name: None if one.content is None else git.stored(root, one.content) for one in changes}
        made = git.commit(root, stored, message, who)
        what = count(len(changes), "fichier enregistré", "fichiers enregistrés")
        say(f"\n{what} sur la branche {visible(git.branch(root))} ({made[:10]}). Pour le partager : git push.")
        return ACCEPTED

    # --- the repository -----------------------------------------------------------------------------------------------

    def _root(self, created: bool) -> Path:
        if shutil.which("git") is None:
            raise usage("la commande git n'est pas installée : rien ne peut être enregistré.")
        root = git.top(self.folder)
        if root is not None:
            return root
        whole = self.folder.resolve()
        place = whole.parent.parent if whole.parent.name == "rules" else whole
        shown = visible(seen_from_here(place))
        if not created and not (
            _interactive() and _agreed(f"`{shown}` n'est pas dans un dépôt git. En créer un ici ?")
        ):
            raise usage(
                f"`{shown}` n'est pas dans un dépôt git, rien n'est enregistré. Ajoutez --creer pour en faire un."
            )
        git.create(place)
        say(f"Dépôt git créé dans {shown}.")
        root = git.top(self.folder)
        if root is None:
            raise git.NotSavedError("le dépôt créé ne peut pas être lu")
        return root

    def _person(self, root: Path) -> git.Person:
        if self.author:
            name, _, email = self.author.partition("<")
            if not name.strip() or "@" not in email or not email.rstrip().endswith(">"):
                raise usage("--auteur : écrivez 'Prénom Nom <courriel>'.")
            return git.Person(name.strip(), email.rstrip()[:-1].strip())
        who = git.person(root)
        if who is None:
            raise usage("git ne sait pas qui enregistre : ajoutez --auteur 'Prénom Nom <courriel>'.")
        return who

    def _changes(self, root: Path, programme: Programme) -> Iterator[_Change]:
        """The files of the pack that differ from the last commit.  Raises click.UsageError."""
        paths = [_inside(root, one) for one in self._folders(programme)]
        known = git.recorded(root, paths)
        for name in sorted({*git.present(root, paths), *known}):
            path = root / name
            if not path.exists() and not path.is_symlink():
                if name in known:
                    yield _Change(name, None, new=False)
                continue
            if path.is_symlink() or not path.is_file():
                raise usage(f"`{visible(name)}` n'est pas un fichier ordinaire : sortez-le du paquet, ou remplacez-le.")
            content = _read(path, root)
            if any(line.startswith(_MARKS) for line in content.splitlines()):
                raise usage(f"`{visible(name)}` contient deux versions à départager (« <<<<<<< ») : gardez-en une.")
            if name not in known or git.stored(root, content) != known[name][1]:
                yield _Change(name, content, new=name not in known)

    def _folders(self, programme: Programme) -> Iterator[Path]:
        """The folders that belong together: the pack, its schema, its known dossiers."""
        yield self.folder
        schema = programme.pack.schema_file
        if schema is not None and not schema.resolve().is_relative_to(self.folder.resolve()):
            yield schema.parent if schema.parent.name == self.folder.resolve().name else schema
        dossiers = known_dossiers(programme)
        if dossiers is not None:
            yield dossiers

    # --- what is said -------------------------------------------------------------------------------------------------

    def _tell(self, faults: Sequence[Diagnostic]) -> None:
        say(diagnostics_text.render(faults, self.shown, line_of), nl=False)

    def _refuse(self, trials: Sequence[Trial], failed: Sequence[Trial], unreadable: Sequence[Diagnostic]) -> None:
        self._tell(relocated(unreadable, self.folder))
        for trial in failed[:_NAMED]:
            say(f"échoué  {visible(trial.name)}")
        if len(failed) > _NAMED:
            say(f"… et {len(failed) - _NAMED} de plus")
        say(
            f"Rien n'est enregistré : {count(len(failed), 'essai échoue', 'essais échouent')} sur {len(trials)}"
            f"{f', {len(unreadable)} illisibles' if unreadable else ''}. `recevable test --revoir` les met à jour ;\n"
            "--brouillon enregistre quand même, et le titre le dit. Vos fichiers sont gardés tels quels."
        )

    def _impact(self, programme: Programme, trials: Sequence[Trial]) -> Impact | None:
        """What the change does to the known dossiers; None without an earlier pack of the same programme."""
        before = earlier(self.folder)
        if before is None or before.name != programme.name:
            return None
        comparison = Comparison(compared(before), compared(programme))
        for trial in trials:
            if trial.origin is Origin.DOSSIER and trial.day is not None:
                path = Path(trial.span.file.removesuffix(EXPECTED) + ".json")
                try:
                    content = files.read(path, MAX_BYTES, path.parent)
                    comparison.add(content, trial.day, path.name, source=DaySource.EXPECTED)
                except (Stopped, DiagnosticError):
                    # reported by the trial of this dossier
                    continue
        return comparison.impact()

    def _subject(self, proposed: str, failing: int) -> str:
        """The first line of the message."""
        title = f"{'Brouillon : ' if failing else ''}{' '.join((self.title or proposed).split())}"
        return visible(title if len(title) <= _SUBJECT else f"{title[: _SUBJECT - 1].rstrip()}…")

    def _summary(
        self,
        changes: Sequence[_Change],
        impact: Impact | None,
        zone: tzinfo,
        trials: int,
        failing: int,
        warnings: int,
    ) -> Iterator[str]:
        """What changed in words, the effect on known dossiers, the trials, the files."""
        plain = Page()
        if impact is not None:
            changed = list(impact_text.changes(impact, zone, plain))[2:]
            yield from (line.rstrip() for line in changed)
            if changed:
                yield ""
            yield from plain.paragraph(f"Effet sur les dossiers connus : {headline(impact)}", "", "  ")
        passed = count(trials - failing, "essai réussi", "essais réussis")
        yield f"Essais : {passed}{f', {failing} en échec' if failing else ''}."
        if warnings:
            yield f"Contrôle : {count(warnings, 'avertissement', 'avertissements')}."
        for what, found in (
            ("Nouveaux fichiers", [one.name for one in changes if one.new]),
            ("Fichiers modifiés", [one.name for one in changes if not one.new and one.content is not None]),
            ("Fichiers supprimés", [one.name for one in changes if one.content is None]),
        ):
            if found:
                more = f" et {len(found) - _LISTED} autres" if len(found) > _LISTED else ""
                yield from plain.paragraph(f"{what} : {', '.join(found[:_LISTED])}{more}", "", "  ")


def _title(pack: str, impact: Impact | None, changes: Sequence[_Change]) -> str:
    """What changed, in a few words."""
    if impact is None:
        return f"Enregistrer le paquet {pack}"
    parts = [part for part in impact.changes.parts if part.effective] or list(impact.changes.parts)
    by_kind: dict[str, list[str]] = {}
    for part in parts:
        by_kind.setdefault(_DONE[part.kind], []).append(part.origin.name)
    lines = [
        f"{verb} {', '.join(names[:_NAMED])}{f' et {len(names) - _NAMED} autres' if len(names) > _NAMED else ''}"
        for verb, names in by_kind.items()
    ]
    if lines:
        return " ; ".join(lines)
    if impact.changes.programme:
        return "Modifier programme.yaml"
    return f"Mettre à jour {', '.join(Path(one.name).name for one in changes[:_NAMED])}"


def _inside(root: Path, path: Path) -> str:
    """A path from the root of the repository.  Raises click.UsageError when it is elsewhere."""
    whole = path.resolve()
    if not whole.is_relative_to(root.resolve()):
        raise usage(f"`{visible(seen_from_here(path))}` n'est pas dans le même dépôt git que le paquet.")
    return whole.relative_to(root.resolve()).as_posix()


def _read(path: Path, root: Path) -> bytes:
    try:
        return files.read(path, MAX_BYTES, root)
    except OSError as error:
        raise usage(f"`{visible(seen_from_here(path))}` {files.reason(error)}.") from None


def _interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _agreed(question: str) -> bool:
    while True:
        typed = input(f"{question} [o]ui, [n]on > ").strip().casefold()[:1]
        if typed in ("o", "n"):
            return typed == "o"
