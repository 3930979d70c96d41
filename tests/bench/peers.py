"""Other programs loaded with the same customers, as far as their form allows. Each is optional: what can't be had says why.

jsoncrm  one JSON file of records: name, company, e-mail, phone (no entries, no Chinese index)
khard    one vCard each
papis    one folder with an info.yaml each; its own index, built before the measuring
rg       the vault's files themselves, when it is installed
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from places import Bench
from processes import Broken, Command, Maker, run

PACKAGES = ("jsoncrm", "khard", "papis")


@dataclass(frozen=True)
class Peer:
    """A program ready to be measured: what it is started with where, and how it searches for a text."""

    name: str
    words: list[str]
    folder: Path
    env: Mapping[str, str]
    searching: tuple[str, ...]
    version: tuple[str, ...] = ("--version",)

    def search(self, text: str) -> Maker:
        """Its search for a text."""
        return lambda turn: Command([*self.words, *self.searching, text], self.folder, self.env, fine=(0, 1))

    def start(self) -> Maker:
        """It starts, says its version and ends."""
        return lambda turn: Command([*self.words, *self.version], self.folder, self.env)


def install(folder: Path) -> Path:
    """An environment with the peers that PyPI has; what fails to install is simply not there."""
    binaries = folder / "bin"
    if not binaries.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        for package in PACKAGES:
            words = [str(binaries / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
            subprocess.run(words, check=False, capture_output=True)
    return binaries


def load(bench: Bench, binaries: Path, people: Callable[[], Iterator[dict[str, str]]]) -> tuple[list[Peer], list[str]]:
    """The peers that run, loaded with these people; and why the others don't."""
    ready: list[Peer] = []
    missing: list[str] = []
    for prepare in (_jsoncrm, _khard, _papis, _rg):
        try:
            peer = prepare(bench, binaries, people())
            run(peer.search("no such customer")(0))  # builds what it builds once
            ready.append(peer)
        except (Broken, OSError) as cause:
            missing.append(f"{prepare.__name__[1:]}: {str(cause).strip()[:200]}")
    return ready, missing


def _folder(bench: Bench, name: str) -> Path:
    folder = bench.scratch / "peers" / name
    folder.mkdir(parents=True)
    return folder


def _command(binaries: Path, name: str) -> list[str]:
    if not (binaries / name).exists():
        raise OSError("not to be had from PyPI here")
    return [str(binaries / name)]


def _jsoncrm(bench: Bench, binaries: Path, people: Iterator[dict[str, str]]) -> Peer:
    words, folder = _command(binaries, "jsoncrm"), _folder(bench, "jsoncrm")
    with (folder / "leads.json").open("w", encoding="utf-8") as stream:
        for place, one in enumerate(people):
            named = {**one, "name": one.get("name", one.get("company"))}
            stream.write(("," if place else "[") + "\n" + json.dumps(named, ensure_ascii=False, indent=2))
        stream.write("\n]\n")
    return Peer("jsoncrm", words, folder, bench.env, ("search",), ("--help",))


def _khard(bench: Bench, binaries: Path, people: Iterator[dict[str, str]]) -> Peer:
    words, folder = _command(binaries, "khard"), _folder(bench, "khard")
    for one in people:
        name = one.get("name") or one["company"]
        card = f"BEGIN:VCARD\nVERSION:3.0\nUID:{one['id']}\nFN:{name}\nN:{name};;;;\nTEL;TYPE=cell:{one['phone']}\n"
        (folder / f"{one['id']}.vcf").write_text(f"{card}EMAIL:{one['email']}\nEND:VCARD\n", encoding="utf-8")
    config = bench.scratch / "peers" / "khard.conf"
    config.write_text(f"[addressbooks]\n[[bench]]\npath = {folder}\n", encoding="utf-8")
    return Peer("khard", [*words, "-c", str(config)], folder, bench.env, ("list",))


def _papis(bench: Bench, binaries: Path, people: Iterator[dict[str, str]]) -> Peer:
    words, folder = _command(binaries, "papis"), _folder(bench, "papis")
    for one in people:
        (folder / one["id"]).mkdir()
        name = one.get("name") or one["company"]
        lines = {"ref": one["id"], "papis_id": one["id"], "title": name, "author": one["email"], "doi": one["phone"]}
        text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
        (folder / one["id"] / "info.yaml").write_text(text, encoding="utf-8")
    config = bench.scratch / "peers" / "papis.conf"
    config.write_text(f"[settings]\ndefault-library = bench\n\n[bench]\ndir = {folder}\n", encoding="utf-8")
    return Peer("papis", [*words, "-c", str(config)], folder, bench.env, ("list",))


def _rg(bench: Bench, binaries: Path, people: Iterator[dict[str, str]]) -> Peer:
    found = shutil.which("rg")
    if found is None:
        raise OSError("not installed")
    return Peer("rg", [found], bench.plain / "records", bench.env, ("--files-with-matches", "--fixed-strings"))
