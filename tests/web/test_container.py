"""The container file: what linters of container files ask, and its steps, played where there is no engine.

The steps install from the network: they are played when RECEVABLE_TEST_IMAGE is set, as `.ci/run` does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Final

import pytest
from tests.bounds import HANG
from tests.web.test_deployment import SERVICE

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "web" / "Containerfile"
# What a final stage has no use for.
TOOLS: Final = ("build-essential", "gcc", "python3-dev", "git", "curl", "wget", "pip install")
Step = tuple[str, str]


def stages() -> list[list[Step]]:
    """The instructions of each stage: name and arguments, lines that go on put together."""
    text = re.sub(r"^#.*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[Step]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, re.sub(r"\s+", " ", rest)))
    return found


def of(stage: list[Step], name: str) -> list[str]:
    return [rest for one, rest in stage if one == name]


def test_the_bases_are_slim_and_have_a_version() -> None:
    bases = [rest.split()[0] for stage in stages() for rest in of(stage, "FROM")]
    assert len(bases) == 2
    assert all(re.fullmatch(r"docker\.io/library/debian:[a-z]+-slim", base) for base in bases)


def test_packages_are_installed_in_one_layer_without_what_is_recommended() -> None:
    lines = [rest for stage in stages() for rest in of(stage, "RUN") if "apt-get" in rest]
    assert lines
    for line in lines:
        assert line.startswith("apt-get update && apt-get install --yes --no-install-recommends ")
        assert line.endswith(" && rm -rf /var/lib/apt/lists/*")


def test_what_pip_installs_is_named_to_the_digest() -> None:
    for line in (rest for stage in stages() for rest in of(stage, "RUN") if "pip install" in rest):
        assert "--no-cache-dir" in line
        assert "--require-hashes" in line or "--no-deps" in line


def test_the_final_stage_is_nobody_s_and_has_no_tool_to_build() -> None:
    final = stages()[-1]
    (user,) = of(final, "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert final.index(("USER", user)) < [one for one, _ in final].index("CMD")
    words = " ".join(rest for name, rest in final if name == "RUN")
    assert [tool for tool in TOOLS if tool in words] == []
    for name, rest in final:
        assert name not in ("ADD", "VOLUME", "MAINTAINER"), name
        if name in ("CMD", "ENTRYPOINT"):
            assert isinstance(json.loads(rest), list)


def test_no_secret_stands_in_it() -> None:
    words = " ".join(rest for stage in stages() for name, rest in stage if name in ("ENV", "ARG", "RUN"))
    assert re.findall(r"SECRET|PASSWORD|TOKEN|DATABASE_URL|DEMO", words) == []


def test_what_it_copies_is_there_and_is_sent_to_the_engine() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for rest in of(stages()[0], "COPY") for name in rest.split()[:-1]}
    assert copied == sent
    assert [name for name in sorted(copied) if not (ROOT / name).exists()] == []


def test_what_it_starts_exists() -> None:
    import importlib.util

    (command,) = of(stages()[-1], "CMD")
    program, _, config, application = json.loads(command)
    assert shutil.which(program, path=str(Path(sys.executable).parent))
    assert importlib.util.find_spec(config.removeprefix("python:")) is not None
    assert application == "recevable_web.wsgi:application"


def test_the_guide_names_commands_and_settings_that_exist() -> None:
    from django.core.management import get_commands

    text = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("deploiement.md", "registre.md"))
    commands = set(re.findall(r"recevable-web ([a-z_]+)", text))
    assert {"migrate", "worker", "tete", "verifier", "sauvegarder"} <= commands
    assert commands <= set(get_commands())
    code = "".join(
        (ROOT / "web" / "recevable_web" / name).read_text("utf-8") for name in ("settings.py", "gunicorn.py")
    )
    settings = set(re.findall(r"RECEVABLE_WEB_([A-Z_]*[A-Z])", text))
    assert len(settings) >= 6
    assert [name for name in sorted(settings) if f'{name}"' not in code] == []


@pytest.mark.skipif("RECEVABLE_TEST_IMAGE" not in os.environ, reason="RECEVABLE_TEST_IMAGE=oui installs everything")
def test_its_steps_make_a_service_that_answers_its_probe(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    target, source = tmp_path / "recevable", tmp_path / "source"
    build, final = stages()
    for rest in of(build, "COPY"):
        *names, place = rest.split()
        for name in names:
            where = source / place / (name if place.endswith("/") else "")
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                where.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, where)
    for rest in of(build, "RUN"):
        if "apt-get" not in rest:
            line = rest.replace("/opt/recevable", str(target)).replace("python3 -m venv", f"{sys.executable} -m venv")
            subprocess.run(["sh", "-euc", line], cwd=source, check=True, capture_output=True)
    shutil.rmtree(source)
    env = {"PATH": f"{target}/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
    for part in of(final, "ENV"):
        for setting in part.split():
            name, _, value = setting.partition("=")
            if name != "PATH":
                env[name] = value
    given = {**SERVICE, "BIND": "127.0.0.1:18437", "DATABASE_URL": request.getfixturevalue("_postgresql")}
    env |= {f"RECEVABLE_WEB_{name}": value for name, value in given.items()}
    assert subprocess.run(["python", "-c", "import hypothesis"], env=env, check=False).returncode != 0
    subprocess.run(["recevable-web", "migrate"], env=env, cwd=tmp_path, check=True, capture_output=True)
    probe = next(rest for rest in of(final, "HEALTHCHECK")).partition("CMD ")[2].replace(":8000/", ":18437/")
    with subprocess.Popen(json.loads(of(final, "CMD")[0]), env=env, cwd=tmp_path, stderr=subprocess.PIPE) as server:
        assert server.stderr is not None
        assert any(b"Listening at" in line for line in server.stderr)
        try:
            subprocess.run(json.loads(probe), env=env, check=True)
            asked = urllib.request.Request(
                "http://127.0.0.1:18437/pret", headers={"Host": "guichet.example", "X-Forwarded-Proto": "https"}
            )
            with urllib.request.urlopen(asked) as answer:
                assert answer.read().decode().splitlines()[0] == "base : ok"
        finally:
            server.terminate()
            server.communicate(timeout=HANG)
    assert server.returncode == 0
