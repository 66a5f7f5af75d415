"""/v1/me/notifications: what a resident has been told."""

from typing import Annotated

from fastapi import Body

from app.core.actors import Role
from app.outreach.notices import examples, queries, service
from app.outreach.notices.schemas import NotificationRead, ReadNotifications, UnreadRead
from app.web.paging import Page, PagingDep
from app.web.route import only, router
from app.web.work import ReadDep, WorkDep

notifications = router("/v1/me/notifications", "市民")


@notifications.get("", operation_id="listNotifications")
@only(Role.RESIDENT)
async def list_notifications(work: ReadDep, paging: PagingDep) -> Page[NotificationRead]:
    """本人的消息，新的在前；`read_at` 为空的还没看过。同样的内容也按您的方式（微信、短信或电话）发出。"""
    cursor = paging.open()
    rows = await queries.page(work.session, work.actor, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.id])
    return Page(items=[NotificationRead.of(row) for row in kept], next_cursor=following)


@notifications.post("/read", operation_id="readNotifications")
@only(Role.RESIDENT)
async def read_notifications(
    work: WorkDep, body: Annotated[ReadNotifications, Body(openapi_examples=examples.READ)]
) -> UnreadRead:
    """标为已读：`ids` 是这几条，`up_to` 是这一条和更早的全部，二选一。别人的消息不受影响。"""
    return UnreadRead(unread=await service.mark_read(work, body))
