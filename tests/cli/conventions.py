"""`crm` run in a vault of its own without a new process, and what must hold of every refusal.

A test module asks for it with `pytest_plugins = ["conventions"]` and uses the fixture `crm`.
"""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ended import Ended

from crmcli.cli import boundary
from crmcli.cli import editor as cli_editor

NOW = "2024-05-10T09:30+08:00"
WANG = "records/2024/05/C20240510001.yaml"
ZHANG = "records/2024/05/C20240510002.yaml"
CUSTOMERS = {
    WANG: """\
id: C20240510001
uid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: individual
name: 王芳
phone: "+8613800138000"
region: 北京市/朝阳区
id_number: 11010519491231002X
source: store
owner: li.na
status: active
tags:
  - vip
external:
  shop: "00004"
interactions:
  - id: I7K2M9QXA
    at: "2024-05-10T09:30+08:00"
    channel: call
    summary: 询问新品
transactions:
  - id: S7K2M9QXA
    date: "2024-05-10"
    product: 会员卡
    quantity: "2"
    price: "199.00"
    amount: "398.00"
    currency: CNY
""",
    ZHANG: """\
id: C20240510002
uid: 5Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: individual
name: 张伟
phone: "+8613900139000"
region: 上海市/浦东新区
id_number: "310115198001010016"
source: referral
status: lead
""",
}


@dataclass(frozen=True)
class Refusal:
    """A refusal in words, and as the `error` of the JSON envelope."""

    words: str
    error: dict[str, Any]


class Crm:
    """`crm` in one vault: `crm("show", "王芳")` runs it; `crm.refused(…)` also proves what a refusal must keep."""

    def __init__(self, folder: Path, run: Callable[..., Ended]) -> None:
        self.folder = folder
        self._run = run

    def __call__(self, *words: str, stdin: bytes = b"") -> Ended:
        """Run; whatever is said can't act on a terminal and is no mistake of ours."""
        return self._run(*words, stdin=stdin).fair(words)

    def stopped_by(self, *words: str, exit: int = 2, stdin: bytes = b"") -> str:
        """What a person reads when a command stops with `exit`; stdout is empty and nothing has changed."""
        before = self.state()
        told = self(*words, stdin=stdin)
        assert (told.exit, told.out) == (exit, ""), told
        assert told.err.startswith("error: "), told
        assert self.state() == before, f"{words} changed something"
        return told.err

    def refused(self, *words: str, exit: int = 2, stdin: bytes = b"") -> Refusal:
        """The same in words and in JSON, where stdout holds the envelope and nothing else is said."""
        told = self.stopped_by(*words, exit=exit, stdin=stdin)
        listed = self("--format", "json", *words, stdin=stdin)
        assert (listed.exit, listed.err) == (exit, ""), listed
        envelope = json.loads(listed.out)
        assert (envelope["version"], envelope["ok"], envelope["error"]["exit"]) == (1, False, exit)
        return Refusal(told, envelope["error"])

    def state(self) -> dict[str, str | bytes]:
        """Everything that must not change: every file and link of the work tree, HEAD, the index."""
        found: dict[str, str | bytes] = {"git": self.git("status", "--porcelain=v2", "--branch", "-uall")}
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if path.is_symlink():
                found[name] = str(path.readlink())
            elif path.is_file() and not name.startswith(".git/"):
                found[name] = path.read_bytes()
        return found

    def git(self, *words: str) -> str:
        """What a person's own git says."""
        return subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def put(self, path: str, content: str | bytes) -> str:
        """Write a file as an editor does, beside the product."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def change(self, path: str, old: str, new: str | bytes) -> None:
        """Replace one piece of text in a file."""
        content = (self.folder / path).read_bytes()
        assert content.count(old.encode()) == 1, f"{old!r} is not once in {path}"
        self.put(path, content.replace(old.encode(), new if isinstance(new, bytes) else new.encode()))

    def keep(self) -> None:
        """Commit whatever stands there with git alone, unsigned."""
        self.git("add", "-A")
        self.git("commit", "-q", "--no-gpg-sign", "-m", "by hand")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with two customers, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = T\n\temail = t@example.invalid\n[init]\n\tdefaultBranch = main\n")
    (folder / "hooks").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "HOME": str(folder),
            "GIT_CONFIG_GLOBAL": str(config),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TEMPLATE_DIR": str(folder / "hooks"),
            "CRM_NOW": NOW,
            "CRM_LANG": "en",
        }.items():
            patch.setenv(name, value)
        assert boundary.main(["init", str(folder / "vault"), "--unsealed", "--quiet"]) == 0
        made = Crm(folder / "vault", lambda: Ended(0, "", ""))
        for path, text in CUSTOMERS.items():
            made.put(path, text)
        assert boundary.main(["commit", "--vault", str(made.folder), "--quiet"]) == 0
        assert made.git("status", "--porcelain") == ""
    return made.folder


@pytest.fixture
def crm(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Crm]:
    """`crm` in a fresh copy of the template vault, in English, on 2024-05-10, with nobody at the terminal."""
    folder = tmp_path / "vault"
    shutil.copytree(template, folder, symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CRM_NOW", NOW)
    monkeypatch.setenv("CRM_LANG", "en")

    def run(*words: str, stdin: bytes = b"") -> Ended:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = boundary.main(list(words))
        return Ended(code, *capsys.readouterr())

    return Crm(folder, run)


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """`editor(content)`: from now on $EDITOR leaves exactly these bytes, whatever it was given."""

    def use(content: bytes) -> None:
        left = tmp_path / "left by the editor"
        left.write_bytes(content)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f"cp {shlex.quote(str(left))}")

    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(cli_editor, "MEMORY", memory)
    return use


def kept_apart(said: str) -> str:
    """What was said without the last line, which tells where the person's text is kept, after a look that it is."""
    words, told, path = said.rpartition("Your text is kept in ")
    assert told
    assert Path(path.strip().removesuffix(".")).stat().st_mode & 0o777 == 0o600
    return words.rstrip(" ").removesuffix("hint:")


def root() -> bool:
    """Whether the system refuses us nothing."""
    return os.geteuid() == 0
