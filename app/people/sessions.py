"""Sign-ins: begun, renewed, ended. A spent refresh token that comes back ends its whole family."""

import hmac
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update

from app.core.errors import Problem, Unauthenticated
from app.core.ids import new_id
from app.core.text import Text
from app.db.types import blind
from app.people import queries, tokens
from app.people.codes import count_try
from app.people.models import AccessSession, Attempts, RefreshToken, Resident, Staff, TokenFamily
from app.people.passwords import hash_password, verify_password
from app.people.schemas import SignedIn, TokenRead
from app.people.tokens import Issued
from app.web.work import Work

CLIENT_SECONDS = 3600


class SignInRefused(Problem):
    """Carried as RFC 6749 JSON by the token route: `invalid_grant` or `invalid_client`."""

    status, code = 400, "sign-in-refused"
    title = Text("登录失败", "Sign-in refused")
    detail = Text(
        "账号或密码不对；连续输错会暂时锁定。", "Name or password is wrong; repeated failures lock it for a while."
    )


class PasswordWrong(Problem):
    status, code = 403, "password-wrong"
    title = Text("原密码不对", "The old password is wrong")


async def begin_resident(work: Work, resident_id: UUID) -> Issued:
    """A new sign-in of a resident: a family with its first refresh token."""
    days = timedelta(days=work.settings.refresh_token_days)
    family = TokenFamily(id=new_id(), resident_id=resident_id, expires_at=work.now + days)
    work.session.add(family)
    await work.session.flush()
    return await _renewed(work, resident_id, family.id)


async def enter(work: Work, person: Resident, privacy: str | None, *, new: bool) -> SignedIn:
    """The answer to somebody who has shown who he is: tokens, and what is to be asked of him next."""
    return SignedIn(
        **TokenRead.of(await begin_resident(work, person.id)).model_dump(),
        resident_id=person.id,
        new_resident=new,
        privacy_version=privacy,
        privacy_accepted=privacy is not None and person.privacy_version == privacy,
    )


async def _renewed(work: Work, resident_id: UUID, family_id: UUID) -> Issued:
    refresh = tokens.opaque(tokens.REFRESH_PREFIX)
    work.session.add(RefreshToken(digest=tokens.digest(refresh), family_id=family_id))
    await work.session.flush()
    access = tokens.sign(work.settings, resident_id, family_id, work.now)
    return Issued(access, work.settings.access_token_seconds, refresh)


async def renew(work: Work, refresh_token: str) -> Issued:
    """A new pair for a refresh token that is used for the first time."""
    found = await queries.refresh_for_update(work.session, tokens.digest(refresh_token))
    if found is None:
        raise SignInRefused
    token, family = found
    if token.used_at is not None and family.revoked_at is None:
        family.revoked_at, family.revoked_why = work.now, "reuse"
        await work.session.flush()
        raise SignInRefused(keep=True)
    if family.revoked_at is not None or family.expires_at <= work.now:
        raise SignInRefused
    token.used_at = work.now
    return await _renewed(work, family.resident_id, family.id)


async def begin_staff(work: Work, username: str, password: str) -> Issued:
    """A staff session."""
    staff = await known_staff(work, username, password)
    seconds = work.settings.staff_session_seconds
    return await _begin_session(work, tokens.STAFF_PREFIX, seconds, staff_id=staff.id)


async def known_staff(work: Work, username: str, password: str) -> Staff:
    """Whose name and password these are; counted before the password is looked at, known and unknown names alike."""
    window = work.settings.login_lock_seconds
    start = work.now - timedelta(seconds=work.now.timestamp() % window)
    subject = blind(username, "attempts.username")
    if not await count_try(work, subject, start.replace(microsecond=0), work.settings.login_tries):
        raise SignInRefused(keep=True)
    await work.checkpoint()
    staff = await queries.staff_by_name(work.session, username)
    stored = staff.password_hash if staff is not None and staff.active else None
    await work.checkpoint()
    if not await verify_password(stored, password) or staff is None:
        raise SignInRefused
    forget = delete(Attempts).where(Attempts.subject == subject)
    await work.session.execute(forget.execution_options(synchronize_session=False))
    return staff


async def begin_client(work: Work, client_id: str, secret: str) -> Issued:
    """A session of an integrator's machine, one hour long."""
    client = await queries.client_by_name(work.session, client_id)
    stored = bytes(client.secret_digest) if client is not None and client.active else b"\0" * 32
    if not hmac.compare_digest(stored, tokens.digest(secret)) or client is None:
        raise SignInRefused
    return await _begin_session(work, tokens.CLIENT_PREFIX, CLIENT_SECONDS, api_client_id=client.id)


async def _begin_session(work: Work, prefix: str, seconds: int, **owner: UUID) -> Issued:
    token = tokens.opaque(prefix)
    row = AccessSession(
        id=new_id(),
        digest=tokens.digest(token),
        last_seen_at=work.now,
        expires_at=work.now + timedelta(seconds=seconds),
        **owner,
    )
    work.session.add(row)
    await work.session.flush()
    return Issued(token, seconds)


async def revoke(work: Work, token: str) -> None:
    """End what the token belongs to; an unknown token is no error (RFC 7009)."""
    if token.startswith((tokens.STAFF_PREFIX, tokens.CLIENT_PREFIX)):
        row = update(AccessSession).where(AccessSession.digest == tokens.digest(token))
        await work.session.execute(row.values(revoked_at=work.now).execution_options(synchronize_session=False))
        return
    family_id: UUID | None = None
    if token.startswith(tokens.REFRESH_PREFIX):
        found = await queries.refresh_for_update(work.session, tokens.digest(token))
        family_id = found[1].id if found else None
    else:
        try:
            family_id = tokens.read(work.settings, token).family_id
        except Unauthenticated:
            return
    ended = update(TokenFamily).where(TokenFamily.id == family_id, TokenFamily.revoked_at.is_(None))
    values = {"revoked_at": work.now, "revoked_why": "revoked"}
    await work.session.execute(ended.values(values).execution_options(synchronize_session=False))


async def end_all(work: Work, resident_id: UUID, why: str) -> None:
    """Every sign-in of the resident ends."""
    every = update(TokenFamily).where(TokenFamily.resident_id == resident_id, TokenFamily.revoked_at.is_(None))
    values = {"revoked_at": work.now, "revoked_why": why}
    await work.session.execute(every.values(values).execution_options(synchronize_session=False))


async def end_others(work: Work, resident_id: UUID, why: str) -> None:
    """Every sign-in of the resident ends but the one at hand."""
    others = update(TokenFamily).where(
        TokenFamily.resident_id == resident_id,
        TokenFamily.id != work.actor.session_id,
        TokenFamily.revoked_at.is_(None),
    )
    values = {"revoked_at": work.now, "revoked_why": why}
    await work.session.execute(others.values(values).execution_options(synchronize_session=False))


async def change_password(work: Work, old: str, new: str) -> None:
    """A new password for the staff member who asks; every other session of his ends."""
    assert work.actor.id is not None
    staff = await queries.staff(work.session, work.actor.id)
    if staff is None or not await verify_password(staff.password_hash, old):
        raise PasswordWrong
    staff.password_hash = await hash_password(new)
    staff.version += 1
    others = update(AccessSession).where(
        AccessSession.staff_id == staff.id,
        AccessSession.id != work.actor.session_id,
        AccessSession.revoked_at.is_(None),
    )
    await work.session.execute(others.values(revoked_at=work.now).execution_options(synchronize_session=False))
    await work.session.flush()
