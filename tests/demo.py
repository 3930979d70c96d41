"""The demo: a fresh sealed vault, 2,357 real customers and their 6,919 purchases, and a day's work on them.

Runs every command as a person would and prints it before its output. Leaves the vault in .demo/ to play with, and its keys
in .demo/home: nobody's own are touched.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PLACE = ROOT / ".demo"
BOLD, PLAIN = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")

BY_HAND = 'f=$(git ls-files records | tail -n 1); sed "s/^owner: li.na/owner: wang.tao/" $f > ../f && cp ../f $f'
STORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "A new vault in a repository of its own, in US dollars as the data; to rehearse in, so its clock may be turned.",
        ("git init -q vault", "crm init vault --currency USD --lang en --rehearsal"),
    ),
    (
        "Real input: the customers of an online CD shop and what they bought.",
        (
            "head -n 3 customers.csv purchases.csv",
            "crm import customers.csv --key external.shop --incomplete",
            "crm import purchases.csv --as transactions --key external.shop",
        ),
    ),
    (
        "Numbers that can be checked: 2,357 customers; 1,152 of them came back.",
        (
            "crm search --count",
            "crm search 'orders:>=2' --format ids --limit 0 | wc -l",
            "crm list --format csv --columns number,spend | awk -F, 'NR>1 {s+=$2} END {printf \"%.2f\\n\", s}'",
            "crm search 'orders:>=10 last_purchase:[1998-06-01 TO 1998-06-30]' --sort -spend --limit 5",
        ),
    ),
    (
        "A day's work: a customer walks in (synthetic), buys, is called back.",
        (
            "crm add --kind individual --name 王示例 --phone 13800138000 --region 北京/朝阳 --source store --owner li.na",
            "crm sale add 王示例 --product 精装唱片 --quantity 2 --price 19.90",
            "crm interaction add 王示例 --channel call --summary 询问古典音乐新品 --next-step 上门送样 --next-on 2026-12-01",
            "crm update 王示例 --set tier=gold --add-tag vip --reason review",
        ),
    ),
    (
        "Found again, in Chinese; and one page about her.",
        (
            "crm search '古典音乐 region:北京'",
            "crm search 'phone:138*' --format json",
            "crm show 13800138000 --lang zh",
        ),
    ),
    (
        "What git has of her: tokens in place of what is personal. Her name is in no version of any file.",
        (
            'head -n 14 "$(git ls-files records | tail -n 1)"',
            "git grep 王示例 $(git rev-list --all) || echo nothing",
        ),
    ),
    (
        "What changed, as git has it and as those read it who hold the keys. One changed value is one changed line.",
        (
            "crm update 王示例 --set phone=13900139000 --reason correction",
            "git show --format=%s --unified=0 HEAD",
            "crm history 王示例 -p | head -n 5",
            "crm blame 王示例 | head -n 9",
            BY_HAND,
            "crm diff 王示例",
            "git restore records",
        ),
    ),
    (
        "Who changed what. A slip is taken back, and every word of it stays in the history.",
        (
            "crm update 王示例 --set owner=nobody --reason correction",
            "crm undo",
            "crm history 王示例",
            "git show --format=%B HEAD~1",
            "git status --short",
        ),
    ),
    (
        "Classes by rule: who moves and why, then written in one commit.",
        (
            "crm classify --explain 王示例",
            "crm classify --apply --format ids | wc -l",
            "crm classify --apply",
            "crm search 'classes.abc:a' --count",
        ),
    ),
    (
        "What the period brought, with its formulas; what is to be done in the next days.",
        (
            "crm report analysis --from 1997-01-01 --to 1998-06-30 --top 3 | head -n 40",
            "crm today --owner li.na --days 30",
        ),
    ),
    (
        "The end of a file: cooperation ends, two years pass (the clock is turned), the file is destroyed under the policy.",
        (
            "crm archive 王示例 --reason ended --why contract-ended",
            "crm update 王示例 --set owner=li.na",
            "CRM_NOW=2029-01-15T09:00+08:00 crm purge plan",
            "cat records/plans/2029-01-15.yaml",
            "CRM_NOW=2029-01-15T10:00+08:00 crm purge approve 2029-01-15",
            "CRM_NOW=2029-01-16T09:00+08:00 crm purge run --yes",
            "CRM_NOW=2029-01-16T09:05+08:00 crm purge run --yes",
            "crm purge list",
            "cat records/purged/*/*/*/*.yaml",
            "git log --oneline -4",
        ),
    ),
    (
        "Somebody asks to be forgotten. Before: every version of the file can be read.",
        (
            "crm add --kind individual --name 李示例 --phone 13700137000 --region 上海/徐汇 --source store",
            "crm update 李示例 --set remarks=不再接收短信 --reason correction",
            "crm search 李示例 --format ids > ../number",
            "crm history $(cat ../number) -p",
        ),
    ),
    (
        "Her key is destroyed, no commit changes. After: the same versions stand there, and nobody can read them.",
        (
            "git rev-parse HEAD > ../before",
            "crm purge $(cat ../number) --request --yes",
            "git merge-base --is-ancestor $(cat ../before) HEAD && git fsck --no-progress && echo the history is as it was",
            "crm history $(cat ../number) -p",
            "git grep -h ENC $(cat ../before) -- records | tail -n 2",
            "crm purge verify $(cat ../number)",
            "crm audit",
        ),
    ),
    ("All of this runs from cron, too.", ("crm cron",)),
)


def main() -> int:
    """Run the story; 1 when a command failed."""
    begun = time.monotonic()
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    subprocess.run([sys.executable, str(ROOT / "tests" / "cdnow.py"), str(PLACE)], check=True)
    env = _surroundings()
    for title, commands in STORY:
        print(f"\n{BOLD}# {title}{PLAIN}", flush=True)
        for command in commands:
            if _run(command, env):
                return 1
    print(f"\n{BOLD}# Done in {time.monotonic() - begun:.0f} seconds.{PLAIN}")
    print("The vault is in .demo/vault, its keys are in .demo/home: HOME=$PWD/.demo/home crm --vault .demo/vault list")
    return 0


def _surroundings() -> dict[str, str]:
    """A home of the demo's own, so that nobody's settings are touched."""
    home = PLACE / "home"
    home.mkdir()
    settings = "[user]\n\tname = Demo\n\temail = demo@example.com\n[init]\n\tdefaultBranch = main\n"
    (home / ".gitconfig").write_text(settings, encoding="utf-8")
    binaries = str(Path(sys.executable).parent)
    xdg = {"XDG_CONFIG_HOME": str(home / ".config"), "XDG_DATA_HOME": str(home / ".local" / "share")}
    own = {**xdg, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CRM_", "GIT_", "XDG_"))}
    return {**kept, **own, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "CRM_LANG": "en"}


# A refused change is part of the story.
REFUSED = {"crm update 王示例 --set owner=li.na": 5}


def _run(command: str, env: dict[str, str]) -> int:
    folder = PLACE / "vault" if (PLACE / "vault" / "schemas").exists() else PLACE
    said = command.replace("customers.csv", "../customers.csv").replace("purchases.csv", "../purchases.csv")
    print(f"\n{BOLD}$ {said if folder.name == 'vault' else command}{PLAIN}", flush=True)
    line = said if folder.name == "vault" else command
    ended = subprocess.run(["sh", "-c", line], cwd=folder, env=env, check=False).returncode
    return int(ended != REFUSED.get(command, 0))


if __name__ == "__main__":
    sys.exit(main())
