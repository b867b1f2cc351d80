"""`make bench`: what policy staff wait for, on the shipped pack and on one of a thousand rules.

The floor is reading the same YAML files with libyaml, each measured in a process of its own.  The bars of the project
are seconds for a person at a desk: they are printed with what was measured, and hold or not on the machine at hand.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from recevable import data
from recevable.inference.verified import verified

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "rules" / "af-ope-mss"
FIXTURES = ROOT / "fixtures" / "af-ope-mss"
RULES = 1_000
ROUNDS = 5
# Seconds, for lint.
BARS = {"livré": 1.0, "de mille règles": 5.0}
READ = "import sys, yaml\nfor name in sys.argv[1:]: yaml.load(open(name, encoding='utf-8'), yaml.CBaseLoader)"


def main() -> int:
    """Run everything; exit code 1 when a bar of the project is passed."""
    missed = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        shutil.copytree(data.shipped("schemas"), root / "schemas")
        large = thousand(root / "rules" / "grand")
        for title, folder in (("livré", PACK), ("de mille règles", large)):
            rules = len(verified(folder).pack.rules)
            files = sorted(map(str, folder.rglob("*.yaml")))
            commands = {
                "lire le YAML": [sys.executable, "-c", READ, *files],
                "lint": recevable("lint", "--fail-level", "jamais", "--format", "json", str(folder)),
            }
            if folder == PACK:
                commands["test"] = recevable("test", str(folder))
                commands["impact"] = recevable("impact", str(folder), str(folder), str(FIXTURES))
            found = alternately(list(commands.values()))
            floor = statistics.median(found[0])
            print(f"\nPaquet {title} : {rules} règles, {len(files)} fichiers")
            for what, times in zip(commands, found, strict=True):
                middle = statistics.median(times)
                print(f"  {what:<14} {middle:6.2f} s   {middle / floor:5.1f} fois la lecture du YAML")
            if statistics.median(found[1]) > BARS[title]:
                missed.append(f"lint du paquet {title} en plus de {BARS[title]:g} s")
    print("\nBarres : " + ("toutes tenues" if not missed else " ; ".join(missed)))
    return 1 if missed else 0


def recevable(*words: str) -> list[str]:
    """The command, in a process of its own."""
    return [sys.executable, "-m", "recevable", *words]


def thousand(folder: Path) -> Path:
    """The shipped pack with its rules again and again under other names, until there are a thousand."""
    shutil.copytree(PACK, folder)
    for beside in ("scenarios", "tolerances.yaml", "mutants.yaml", "pieges.yaml"):
        path = folder / beside
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    rules = verified(PACK).pack.rules
    names = {name for rule in rules.values() if (name := rule.defines)}
    word = re.compile("|".join(rf"(?<![\w.-]){re.escape(w)}(?![\w-])" for w in sorted([*rules, *names], key=len)[::-1]))
    for copy in range(2, RULES // len(rules) + 2):
        for path in sorted((PACK / "regles").glob("*.yaml")):

            def renamed(match: re.Match[str], copy: int = copy) -> str:
                return f"{match[0]}-{copy}" if match[0] in rules else f"{match[0]}_{copy}"

            text = word.sub(renamed, path.read_text("utf-8"))
            (folder / "regles" / f"{path.stem}_{copy}.yaml").write_text(text, "utf-8")
    return folder


def alternately(commands: list[list[str]]) -> list[list[float]]:
    """Seconds of each run of each command, one after another so that the machine's moods are shared."""
    found: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for times, command in zip(found, commands, strict=True):
            start = time.perf_counter()
            done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False)
            times.append(time.perf_counter() - start)
            assert done.returncode == 0, done.stderr.decode()
    return found


if __name__ == "__main__":
    raise SystemExit(main())
