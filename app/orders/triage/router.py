"""/v1/triage: whom the clinic calls back."""

from app.core.actors import Role
from app.orders.triage import queries
from app.orders.triage.schemas import TriageRow
from app.web.paging import Page, PagingDep
from app.web.route import only, router
from app.web.work import ReadDep

triage = router("/v1/triage", "上门医护")


@triage.get("", operation_id="listTriage")
@only(Role.CLINIC)
async def list_triage(work: ReadDep, paging: PagingDep) -> Page[TriageRow]:
    """等卫生服务中心回电的人：紧急的在前，被我们改过期的其次，等得久的再次。没有姓名和电话，打开订单才看到（有记录）。

    没有本人同意的不在这里。
    """
    cursor = paging.open()
    rows = await queries.waiting(work.session, work.actor, after=cursor.after, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.priority, row.created_at.isoformat(), row.id])
    return Page(items=[TriageRow.of(row, work.today) for row in kept], next_cursor=following)


ROUTERS = (triage,)
