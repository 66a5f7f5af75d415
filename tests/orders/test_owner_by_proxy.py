"""Who holds a proxy for the owner's decisions decides as the owner would; whoever holds less does not."""

from tests.jobs import work_off
from tests.orders.bodies import a_slot, an_order, heating, ok, refused, step
from tests.orders.visits import a_daughter

SURVEY = {"groups": 7, "pipe_metres": 64, "shares_riser": False, "findings": "七组暖气片"}
LINES = [{"label": "暖气片", "quantity": "42", "unit": "片", "unit_price": "42.00"}]


async def a_quoted_retrofit(owner, manager, crew, visitor) -> str:
    order = await an_order(owner, heating([await a_slot(visitor)]))
    await step(manager, order, "survey", **SURVEY)
    await step(manager, order, "quote", lines=LINES, valid_days=15)
    return order


async def test_a_proxy_for_owner_decisions_accepts_the_quote(sign_in, resident, manager, crew, visitor):
    daughter = await a_daughter(sign_in, scopes=("ORDER", "OWNER_DECISION"))
    order = await a_quoted_retrofit(resident, manager, crew, visitor)

    accepted = await step(daughter, order, "accept", quote_version=1)

    assert (accepted["status"], accepted["money"]["due_fen"]) == ("ACCEPTED", 5000 + 52920)


async def test_a_proxy_for_orders_alone_does_not(sign_in, resident, manager, crew, visitor):
    daughter = await a_daughter(sign_in, scopes=("ORDER",))
    order = await a_quoted_retrofit(resident, manager, crew, visitor)

    await refused(
        await daughter.post(f"{order}/steps", json={"action": "accept", "quote_version": 1}), 403, "forbidden"
    )

    assert (await ok(await resident.get(order)))["status"] == "QUOTED"


async def test_what_was_written_goes_with_a_closed_account_and_the_money_stays(app, sign_in, resident, manager, clerk):
    order = await an_order(resident)
    await step(resident, order, "amend", details={"remark": "门口有鞋柜"})
    await step(resident, order, "cancel", reason="不需要了")
    await work_off(app)
    before = await ok(await clerk.get(order))
    closed = await resident.request("DELETE", "/v1/me", headers={"If-Match": "*"})
    assert closed.status_code in {200, 204}, closed.text

    await work_off(app)

    after = await ok(await clerk.get(order))
    assert (after["contact"]["name"], after["contact"]["phone"]) == ("已*销", "****")
    assert "鞋柜" not in str(after)
    assert [row["reason"] for row in after["history"]] == [None] * len(before["history"])
    assert (after["number"], after["charges"], after["money"]) == (before["number"], before["charges"], before["money"])
