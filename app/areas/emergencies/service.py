"""Every write about emergency words: a new edition of the whole list."""

from sqlalchemy.dialects.postgresql import insert

from app.areas.emergencies import queries
from app.areas.emergencies.models import EmergencyEdition, EmergencyWord
from app.areas.emergencies.schemas import PutEmergencyWords
from app.core.errors import VersionMismatch
from app.web.work import Work


async def put(work: Work, body: PutEmergencyWords) -> list[EmergencyWord]:
    """The next edition; the older ones stay. Of two who write at once the second is told that his version is old."""
    current = await queries.edition(work.session)
    work.expect(current, required=True)
    edition = insert(EmergencyEdition).values(number=current + 1, created_by=work.actor.id)
    made = await work.session.execute(edition.on_conflict_do_nothing().returning(EmergencyEdition.number))
    if made.scalar_one_or_none() is None:
        raise VersionMismatch(version=current + 1)
    words = [
        EmergencyWord(edition=current + 1, ordinal=place, **word.model_dump())
        for place, word in enumerate(body.words, 1)
    ]
    work.session.add_all(words)
    await work.session.flush()
    return words
