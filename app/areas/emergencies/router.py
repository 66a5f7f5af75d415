"""/v1/emergency-words: the words that mean danger, and the numbers to call, public."""

from typing import Annotated

from fastapi import Body

from app.areas.emergencies import examples, queries, service
from app.areas.emergencies.schemas import EmergencyWordsRead, PutEmergencyWords
from app.core.actors import Role
from app.web.route import only, public, router
from app.web.work import PutDep, ResourceDep

words = router("/v1/emergency-words", "值班")


@words.get("", operation_id="readEmergencyWords")
@public
async def read_words(work: ResourceDep) -> EmergencyWordsRead:
    """哪些话表示有危险、该打哪个电话；前端可以在输入时就提醒。比对时不计空格、标点、大小写和全半角。"""
    found = EmergencyWordsRead.of(await queries.words(work.session))
    work.shows(found.version)
    return found


@words.put("", operation_id="putEmergencyWords")
@only(Role.ADMIN)
async def put_words(
    work: PutDep, body: Annotated[PutEmergencyWords, Body(openapi_examples=examples.PUT)]
) -> EmergencyWordsRead:
    """整个替换用语表，要带 `If-Match`；以前各版保留。`unless` 里的说法不算，例如“没有胸痛”。"""
    made = EmergencyWordsRead.of(await service.put(work, body))
    work.shows(made.version)
    return made


ROUTERS = (words,)
