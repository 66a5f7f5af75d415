"""/v1/emergency-words: the words that mean danger, and the numbers to call, public."""

from app.areas.emergencies import queries
from app.areas.emergencies.schemas import EmergencyWordsRead
from app.web.route import public, router
from app.web.work import ResourceDep

words = router("/v1/emergency-words", "值班")


@words.get("", operation_id="readEmergencyWords")
@public
async def read_words(work: ResourceDep) -> EmergencyWordsRead:
    """哪些话表示有危险、该打哪个电话；前端可以在输入时就提醒。比对时不计空格、标点、大小写和全半角。"""
    found = await queries.words(work.session)
    version = found[0].edition if found else 0
    work.shows(version)
    return EmergencyWordsRead.of(found, version)


ROUTERS = (words,)
