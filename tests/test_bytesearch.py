"""The byte search finds what it is said to find, everywhere and in every spelling, and nothing in clean places."""

import base64
import gzip
import hashlib
import json
import zipfile
import zlib
from urllib.parse import quote

import bytesearch
import opener
import pytest
from conftest import git, put

NAME, PHONE, ID = "欧阳测试甲乙", "+8613800138000", "11010119900307123X"
WANTED = bytesearch.needles([NAME, PHONE, ID, "naïve😀té"], {NAME: ["ou", "yang", "ce", "shi", "jia", "yi"]})
SALT = hashlib.sha256(b"a synthetic salt").digest()
SALT_NAME = opener.salt_id(SALT)


def values(places):
    return {hit.value for hit in bytesearch.search(places, WANTED)}


@pytest.fixture
def planted(started):
    """A vault, and a word to plant in it; clean so far."""
    assert bytesearch.search_repository(started.root, WANTED) == []
    return started.root


def found(root):
    return NAME in {hit.value for hit in bytesearch.search_repository(root, WANTED)}


# Spellings

SPELLINGS = [
    *((name, encoding, name.encode(encoding)) for name in (NAME, PHONE, ID) for encoding in ("utf-8", "utf-16-le")),
    (NAME, "gb18030", NAME.encode("gb18030")),
    (NAME, "utf-16-be", NAME.encode("utf-16-be")),
    (NAME, "JSON", json.dumps(NAME).encode()),
    (NAME, "JSON in capitals", json.dumps(NAME).encode().replace(b"\\u", b"?").upper().replace(b"?", b"\\u")),
    ("naïve😀té", "JSON", json.dumps("naïve😀té").encode()),
    ("naïve😀té", "Python", ascii("naïve😀té").encode()),
    (NAME, "bytes of Python", repr(NAME.encode()).encode()),
    (NAME, "path quoted by git", b"".join(b"\\%03o" % byte for byte in NAME.encode())),
    (NAME, "percent", quote(NAME).encode()),
    (NAME, "percent in small letters", quote(NAME).lower().encode()),
    (PHONE, "percent", quote(PHONE).encode()),
    (NAME, "hex", NAME.encode().hex().encode()),
    (NAME, "HEX", NAME.encode().hex().upper().encode()),
    *((NAME, f"base64 after {n}", base64.b64encode(b"x" * n + NAME.encode() + b"more")) for n in range(6)),
    *((PHONE, f"base64url after {n}", base64.urlsafe_b64encode(b"\xff" * n + PHONE.encode())) for n in range(3)),
    (NAME, "pinyin", b"OuyangCeshiJiayi"),
    (NAME, "pinyin apart", b"ou yang ce shi jia yi"),
    (NAME, "initials", b"oycsjy"),
    (PHONE, "national", b"13800138000"),
    (PHONE, "national in hex", b"13800138000".hex().encode()),
    *((PHONE, f"apart by {sign}", sign.join(["138", "0013", "8000"]).encode()) for sign in " -."),
    (ID, "small letter", b"11010119900307123x"),
    (ID, "apart", b"110101 19900307 123X"),
]


@pytest.mark.parametrize(("value", "name", "data"), SPELLINGS, ids=[f"{one[0]} {one[1]}" for one in SPELLINGS])
def test_every_spelling_is_found(tmp_path, value, name, data):
    (tmp_path / "file").write_bytes(b"\x00before" + data + b"after\xff")
    assert values([tmp_path]) == {value}


def test_likeness_is_not_enough(tmp_path):
    put(tmp_path, "a", "欧阳测试 +86 138 0013 8001 ouyang ceshi 110101199003071230 naïve")
    (tmp_path / "b").write_bytes(hashlib.shake_256(b"noise").digest(2_000_000))
    (tmp_path / "c").write_bytes(base64.b64encode(hashlib.shake_256(b"noise").digest(2_000_000)))
    assert bytesearch.search([tmp_path], WANTED) == []


def test_a_value_too_short_to_be_told_from_chance_is_no_needle():
    with pytest.raises(ValueError, match="too short"):
        bytesearch.needles(["王芳"])


# Places


def test_in_the_work_tree_and_in_names(planted):
    put(planted, "deep/er/notes.txt", NAME)
    assert found(planted)
    (planted / "deep/er/notes.txt").unlink()
    assert not found(planted)
    put(planted, f"{NAME}/x", "")
    assert found(planted)


def test_in_a_link(planted):
    (planted / "link").symlink_to(f"/nowhere/{NAME}")
    assert found(planted)


def test_in_an_unreachable_loose_object(planted):
    put(planted, "x", NAME)
    git(planted, "add", "x")
    git(planted, "rm", "-q", "--cached", "x")
    (planted / "x").unlink()
    assert found(planted)
    git(planted, "prune", "--expire=now")
    assert not found(planted)


def test_in_a_commit_taken_back(planted):
    put(planted, "x", NAME)
    git(planted, "add", "x")
    git(planted, "commit", "-qm", "x")
    git(planted, "reset", "-q", "--hard", "HEAD~")
    git(planted, "reflog", "expire", "--expire=now", "--all")
    assert found(planted)


def test_in_a_packed_object_and_its_delta(planted):
    base = hashlib.shake_256(b"long").hexdigest(4000)
    for text in (base, base + NAME, base):
        put(planted, "x", text)
        git(planted, "add", "x")
        git(planted, "commit", "-qm", "x")
    git(planted, "repack", "-adq")
    git(planted, "prune-packed")
    assert not list(planted.glob(".git/objects/??/*"))
    assert found(planted)


def test_in_words_of_a_commit(planted):
    git(planted, "commit", "-q", "--allow-empty", "-m", f"about {NAME}")
    assert found(planted)


def test_in_a_message_in_another_encoding(planted):
    git(planted, "-c", "i18n.commitEncoding=gb18030", "commit", "-q", "--allow-empty", "-m", f"about {NAME}")
    assert found(planted)


def test_in_an_author(planted):
    git(planted, "commit", "-q", "--allow-empty", "-m", "x", f"--author={NAME} <a@example.invalid>")
    assert found(planted)


@pytest.mark.parametrize("pack", [False, True])
def test_in_the_name_of_a_branch(planted, pack):
    git(planted, "branch", f"topic/{NAME}")
    if pack:
        git(planted, "pack-refs", "--all")
    (planted / f".git/logs/refs/heads/topic/{NAME}").unlink()
    assert found(planted)


def test_in_a_tag_that_is_deleted(planted):
    git(planted, "tag", "-a", "v1", "-m", NAME)
    git(planted, "tag", "-d", "v1")
    assert found(planted)


def test_in_a_reflog(planted):
    git(planted, "update-ref", "-m", f"for {NAME}", "refs/heads/other", "HEAD")
    assert [hit.where for hit in bytesearch.search_repository(planted, WANTED)] == [
        str(planted / ".git/logs/refs/heads/other")
    ]


def test_in_a_stash(planted):
    put(planted, "records/2024/05/C20240510001.yaml", NAME)
    git(planted, "stash", "-q")
    assert found(planted)


def test_in_names_of_trees_and_of_the_index(planted):
    put(planted, f"{NAME}.txt", "")
    git(planted, "add", "-A")
    (planted / f"{NAME}.txt").unlink()
    assert [hit.where for hit in bytesearch.search_repository(planted, WANTED)] == [str(planted / ".git/index")]
    git(planted, "commit", "-qm", "x")
    git(planted, "rm", "-q", "--cached", f"{NAME}.txt")
    assert found(planted)


@pytest.mark.parametrize("name", [".git/crm/journal", ".git/COMMIT_EDITMSG", ".git/rr-cache/x", ".git/config.bak"])
def test_in_files_within_git(planted, name):
    put(planted, name, NAME)
    assert found(planted)


def test_in_a_loose_object_that_was_cut(planted):
    cut = zlib.compress(f"blob 99\0{NAME}{'x' * 50}".encode())[:-6]
    (planted / ".git/objects/tmp_obj_a1").write_bytes(cut)
    assert found(planted)


def test_in_another_work_tree_of_the_repository(planted, tmp_path):
    git(planted, "worktree", "add", "-q", str(tmp_path / "other"))
    put(tmp_path / "other", "x", NAME)
    git(tmp_path / "other", "add", "x")
    put(tmp_path / "other", "x", "y")
    assert found(tmp_path / "other")


def test_in_a_bare_repository_among_other_folders(planted, tmp_path):
    git(planted, "commit", "-q", "--allow-empty", "-m", NAME)
    git(tmp_path, "clone", "-q", "--bare", str(planted), "far/away.git")
    assert values([tmp_path / "far"]) == {NAME}


def test_in_packed_files(tmp_path):
    inner = gzip.compress(b"first") + gzip.compress(NAME.encode() * 3)
    assert NAME.encode() not in inner
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/export.csv.gz", inner)
    assert values([tmp_path / "book.xlsx"]) == {NAME}


def test_a_place_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        bytesearch.search([tmp_path / "nowhere"], WANTED)


# Salts

HIDDEN = {
    "raw": SALT,
    "hex": SALT.hex().encode(),
    "HEX": SALT.hex().upper().encode(),
    "hex in a longer run": b"abc" + SALT.hex().encode() + b"ffff",
    "base64": base64.b64encode(SALT),
    "base64url": opener.base64url(SALT).encode(),
    "base64url in a longer run": b"xyz" + opener.base64url(SALT).encode() + b"zz",
    "base64 of more": base64.b64encode(b"12345" + SALT + b"1234"),
}


def hidden(*places):
    return bytesearch.salts_hidden_in(places, {SALT_NAME, "00000000"})


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("before", [b"", b"\n", b"7 bytes:", b"many\nlines\n\n" * 3 + b"odd,"])
def test_a_salt_is_found_in_every_form(tmp_path, name, before):
    (tmp_path / "file").write_bytes(before + HIDDEN[name])
    assert hidden(tmp_path) == {SALT_NAME: str(tmp_path / "file")}
    (tmp_path / "file").write_bytes(before + HIDDEN[name] + b"\nafter")
    assert hidden(tmp_path) == {SALT_NAME: str(tmp_path / "file")}


@pytest.mark.parametrize("at", range(32))
def test_a_salt_with_a_line_feed_in_it_is_found(tmp_path, at):
    salt = SALT[:at] + b"\n" + SALT[at + 1 :]
    (tmp_path / "file").write_bytes(b"one\ntwo" + salt + b"three\nfour")
    assert list(bytesearch.salts_hidden_in([tmp_path], {opener.salt_id(salt)})) == [opener.salt_id(salt)]


def test_a_salt_that_lacks_a_bit_is_not_found(tmp_path):
    (tmp_path / "file").write_bytes(SALT[:-1] + bytes([SALT[-1] ^ 1]) + b"\n" + SALT[1:].hex().encode())
    assert hidden(tmp_path) == {}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_salt_is_found_in_git_loose_and_packed(planted, name):
    (planted / "x").write_bytes(b"before," + HIDDEN[name])
    git(planted, "add", "x")
    (planted / "x").unlink()
    assert list(hidden(*bytesearch.repository(planted))) == [SALT_NAME]
    git(planted, "commit", "-qm", "x")
    git(planted, "repack", "-adq")
    assert list(hidden(*bytesearch.repository(planted))) == [SALT_NAME]


def test_a_salt_is_found_by_any_check(tmp_path):
    (tmp_path / "file").write_bytes(b"1234567" + SALT + b"rest")
    assert bytesearch.find_salt([tmp_path], lambda salt: salt == SALT) == (str(tmp_path / "file"), SALT)
    assert bytesearch.find_salt([tmp_path], lambda salt: salt == bytes(32)) is None
