"""Whether whoever works here is of the team, as it stands here or where clones meet. Changes nothing."""

from dataclasses import dataclass

from crmcli.errors import CrmError, Refused
from crmcli.model.team import PATH
from crmcli.store.remote import remote_of
from crmcli.store.spans import commits_of
from crmcli.text import _
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.named_salts import lacking
from crmcli.usecases.trust import as_written, judged_history
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Membership:
    """What is needed to take part in a vault.

    public   the line that an admin needs
    name     the person's name in the team; None as long as nobody let this device in
    known    the name of somebody of the team with the e-mail address git knows here, who may be at a second machine
    email    that address, None where git knows none
    lacking  of how many customers the key is not here yet
    destroyed  how many customers on file are destroyed: their certificates are not here yet
    removed  whether the team where clones meet, as it was fetched last, has this device no more
    """

    public: str
    device: str
    root: str
    name: str | None = None
    known: str | None = None
    email: str | None = None
    lacking: int = 0
    removed: bool = False
    destroyed: int = 0


def membership(work: Workplace) -> Membership:
    """Where whoever works here stands. Refused, kind "open-vault", where there is nothing to join."""
    if work.keyring is None:
        hint = _("Whoever has a clone works in it.")
        raise Refused(_("This vault is open: there is nothing to join."), hint=hint, kind="open-vault")
    keyring, identity = work.keyring, work.keyring.identity
    email = work.vault.git().run("config", "user.email", check=False).decode("utf-8", "replace").strip() or None
    people = {one.email: name for name, one in keyring.access.people.items()}
    known = people.get(email or "")
    missing, gone = lacking(work.vault, keyring.store) if keyring.me else (0, 0)
    root = keyring.trusted.root
    removed = keyring.me is not None and _is_removed(work, keyring)
    return Membership(identity.public, identity.device, root, keyring.me, known, email, missing, removed, gone)


def _is_removed(work: Workplace, keyring: Keyring) -> bool:
    """Whether an admin took this device out, as what was fetched last tells; nothing else in it counts for anything."""
    git = work.vault.git()
    try:
        remote = remote_of(git, None)
        names = (f"{remote.fetched}^{{commit}}", f"refs/remotes/{remote.name}/{remote.branch}^{{commit}}")
        for tip in filter(None, git.stands(names)):
            refuse_stranger_at(work, keyring, tip)
    except Refused:
        return True
    except CrmError:
        return False
    return False


def refuse_stranger_at(work: Workplace, keyring: Keyring, tip: str | None) -> None:
    """Refuse somebody who is not of the team as of HEAD, or of `tip`, a verified commit, where its team is the newer."""
    stands = [keyring.trusted.access_blob]
    new = tip is not None and work.vault.git().stands([f"{tip}:./{PATH}"]) != stands
    if tip is None or not new or not commits_of(work.vault, tip, ["HEAD"]):
        keyring.refuse_stranger()
        return
    chain, _tip = judged_history(as_written(work.vault), keyring.trusted.root, tip)
    if keyring.trusted.commit not in chain.states:
        keyring.refuse_stranger()
    elif any(one.access.name_of(keyring.identity.signer) is None for one in chain.tops[tip]):
        if keyring.me is None:
            keyring.refuse_stranger()
        said = _("You are not in this vault's team any more: somebody took you, or this device, out of it.")
        raise Refused(said, hint=_("What is here stays as it is; ask an admin."), kind="not-in-team")
