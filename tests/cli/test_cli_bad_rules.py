"""A house rule that does not hold is refused by every verb, with file and line; nothing is read or written under it."""

import pytest

pytest_plugins = ["conventions"]

CODES, COMPLETE = "schemas/codes.yaml", "schemas/completeness.yaml"
CUSTOM, VAULT = "schemas/custom-fields.yaml", "schemas/vault.yaml"
VERBS = [
    ("list",),
    ("search", "vip"),
    ("check",),
    ("show", "王芳"),
    ("add", "--kind", "individual", "--name", "李四", "--incomplete"),
    ("update", "王芳", "--set", "tier=gold"),
    ("edit", "王芳"),
    ("sale", "add", "王芳", "--product", "茶", "--amount", "1"),
    ("interaction", "list", "王芳"),
    ("import", "nobody.csv"),
    ("history",),
    ("undo",),
    ("commit",),
]
KEY = "a letter, then up to 39 letters, digits, hyphens or underscores"
LIST = "a list, every line of it beginning with `- `"
TYPES = "line, text, date, amount, integer, phone, email, flag, code"

# name, file, old, new, the text whose line is named, field, message, expected, hint
FLAWS = [
    ("a bracket left open", CODES, "lists:", "lists: [", "lists: [", None,
     "A list or table in brackets is not well formed.", None, "Put a comma between its parts, and close it."),
    ("a list twice", CODES, "  status:\n", "  kind:\n", "\n  kind:\n    lead", "lists.kind",
     "kind is here twice; the first is on line 7.", None, "Keep one of them."),
    ("a label missing", CODES, "      en: WeChat\n", "", "    wechat:\n", "lists.source.wechat.en",
     "en is missing.", None, None),
    ("a code that can be none", CODES, "    wechat:\n", "    We Chat:\n", "    We Chat:", "lists.source.We Chat",
     "“We Chat” is not a usable key.", KEY, None),
    ("a fixed list changed", CODES, "    lead:\n", "    led:\n", "\n  status:", "lists.status",
     "The list status is fixed.", "lead, active, ended, churned, archived", None),
    ("a list misspelt", CODES, "  reason:\n", "  reasons:\n", "\n  reasons:", "lists.reasons",
     "No field uses the list reasons.", None, "Did you mean reason?"),
    ("an unknown field", COMPLETE, "    - phone\n    - region\n    - source\n  enterprise", "    - phnoe\n  enterprise",
     "phnoe", "required.individual[2]", "Unknown field phnoe.", None, "Did you mean phone?"),
    ("an unknown kind", COMPLETE, "required:\n  individual:", "required:\n  person:", "  person:", "required.person",
     "Not one of the allowed words.", "individual, enterprise", None),
    ("a text for a list", COMPLETE, "later:\n  individual:\n    - id_number", "later:\n  individual: id_number",
     "  individual: id_number", "later.individual",
     "The structure is wrong here.", LIST, None),
    ("an unknown type", CUSTOM, "type: line", "type: blob", "type: blob", "fields.member_card.type",
     "Not one of the allowed words.", TYPES, None),
    ("a code without choices", CUSTOM, "    type: line\n", "    type: code\n", "  member_card:", "fields.member_card",
     "A field of type code needs choices.", None, "List them below `choices:`."),
    ("an unknown setting", VAULT, "currency:", "curency:", "curency:", "curency",
     "Unknown field curency.", None, "Did you mean currency?"),
    ("an unknown currency", VAULT, "currency: CNY", "currency: ZZZ", "currency: ZZZ", "currency",
     "“ZZZ” is not a currency in use.", "three letters of ISO 4217, for example CNY", None),
    ("an unknown time zone", VAULT, "Asia/Shanghai", "../../etc/passwd", "time_zone:", "time_zone",
     "Unknown time zone ../../etc/passwd.", "Asia/Shanghai", None),
    ("a vault from the future", VAULT, 'format: "1"', 'format: "9"', "format:", "format",
     "Vault format 9 is newer than this program.", "1", "Update crm."),
    ("neither yes nor no", VAULT, "sealing: false", "sealing: maybe", "sealing:", "sealing",
     "“maybe” is neither yes nor no.", "yes, no", "Did you mean yes?"),
]  # fmt: skip


def line_of(text, mark):
    return 1 if mark is None else text[: text.index(mark)].count("\n") + 1 + (mark[0] == "\n")


@pytest.mark.parametrize("flaw", [pytest.param(flaw, id=flaw[0]) for flaw in FLAWS])
def test_a_rule_that_does_not_hold_is_named_with_its_line(crm, flaw):
    _name, path, old, new, mark, field, message, expected, hint = flaw
    text = (crm.folder / path).read_text()
    crm.put(path, text.replace(old, new, 1))
    assert old in text
    place = f"{path}:{line_of((crm.folder / path).read_text(), mark)}" + (f": {field}" if field else "")
    expected = f" (expected {expected})" if expected else ""
    refusal = crm.refused("list")
    assert refusal.words == f"error: {message}{expected}\n  {place}\n" + (f"hint: {hint}\n" if hint else "")
    assert (refusal.error["kind"], refusal.error["where"]["path"]) == ("invalid", path)


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_no_verb_works_under_a_bad_rule(crm, words, editor):
    editor(b"name: x\n")
    crm.change(CODES, "  tier:\n", "  tier: 5\n  teir:\n")
    assert crm.stopped_by(*words).startswith("error: The structure is wrong here.")


@pytest.mark.parametrize("path", [CODES, COMPLETE, CUSTOM, VAULT])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"a: b\xff\n", "Not UTF-8: byte 0xFF in column 5."),
        (b"a: \0\n", "The character U+0000 may not stand in the file as it is."),
        (b"<<<<<<< HEAD\na: b\n=======\n", "Unresolved merge conflict."),
        (b"#" * 2_000_000, f"is too large: {2_000_000} bytes."),
    ],
    ids=["empty", "not UTF-8", "NUL", "conflict", "large"],
)
def test_a_rule_file_that_cannot_be_read(crm, path, content, said):
    crm.put(path, content)
    words = crm.stopped_by("list")
    assert said in words
    assert f"  {path}" in words


@pytest.mark.parametrize("path", [CODES, COMPLETE, CUSTOM])
def test_a_rule_file_that_is_gone_is_no_missing_customer(crm, path):
    (crm.folder / path).unlink()
    assert crm.stopped_by("show", "王芳") == (
        f"error: {path} is not there.\n  {path}\nhint: `git restore {path}` brings it back.\n"
    )


@pytest.mark.parametrize("path", [CODES, COMPLETE, CUSTOM, VAULT])
def test_a_rule_file_behind_a_link_is_not_read(crm, path, tmp_path):
    (crm.folder / path).rename(tmp_path / "rules.yaml")
    (crm.folder / path).symlink_to(tmp_path / "rules.yaml")
    assert "symbolic link; links are not followed." in crm.stopped_by("list")


@pytest.mark.parametrize("name", ["../../outside", "", "a b", "\x1b[31m"])
def test_a_vault_without_a_proper_id_is_damaged(crm, name):
    text = (crm.folder / VAULT).read_text()
    start = text.index("\nid: ")
    crm.put(VAULT, f'{text[:start]}\nid: "{name}"{text[text.index(chr(10), start + 1) :]}'.replace("\x1b", "\\e"))
    assert crm.stopped_by("list", exit=7).startswith(f"error: The vault has no proper id.\n  {VAULT}")


def test_a_vault_that_says_sealed_without_keys_is_not_trusted(crm):
    crm.change(VAULT, "sealing: false", "sealing: true")
    assert crm.stopped_by("list", exit=7).startswith("error: No commit names the keys of this vault.")


def test_commit_leaves_links_and_lost_files_of_the_rules_alone(crm):
    (crm.folder / "schemas/more.yaml").symlink_to("/etc/passwd")
    (crm.folder / "schemas/codes.schema.json").unlink()
    before = crm.state()
    ended = crm("commit")
    assert (ended.exit, ended.out) == (6, "Nothing changed.\n")
    assert "schemas/codes.schema.json: This house rule was deleted by hand." in ended.err
    assert "schemas/more.yaml: This is not a house rule." in ended.err
    assert crm.state() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--currency", "ZZZ"),
            "“ZZZ” is not a currency in use. (expected three letters of ISO 4217, for example CNY)",
        ),
        (("--time-zone", "Mars/Olympus"), "Unknown time zone Mars/Olympus. (expected Asia/Shanghai)"),
        (("--time-zone", "\x1b[31m"), "Unknown time zone \\x1b[31m. (expected Asia/Shanghai)"),
    ],
)
def test_init_makes_nothing_of_settings_that_do_not_hold(crm, tmp_path, words, said):
    assert crm.stopped_by("init", str(tmp_path / "new"), *words).startswith(f"error: {said}\n")
    assert not (tmp_path / "new").exists()
