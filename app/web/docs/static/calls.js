// The agent's open call: its record is opened here, and its number goes with every request until it is closed.

import { ask, memory, onSubmit, say } from "./wire.js";
import { at, view } from "./views.js";

const LABELS = {
  PHONE: "电话",
  COUNTER: "柜台",
  CHAT_GROUP: "微信群",
  HOTLINE_12345: "12345 热线",
  VISIT: "上门",
  INBOUND: "来电",
  OUTBOUND: "去电",
  DONE: "已办结",
  CALL_BACK: "需要回电",
  NOT_REACHED: "没有接通",
  WRONG_NUMBER: "打错了",
  TRANSFERRED: "已转接",
  NAME: "姓名",
  ROOM: "房号",
  PHONE_LAST4: "手机后四位",
  CALLER_PHONE: "来电号码",
  BIRTH_DATE: "出生日期",
  NONE: "未核对",
};
const CHANNELS = ["PHONE", "COUNTER", "CHAT_GROUP", "HOTLINE_12345", "VISIT"];
const DIRECTIONS = ["INBOUND", "OUTBOUND"];
const OUTCOMES = ["DONE", "CALL_BACK", "NOT_REACHED", "WRONG_NUMBER", "TRANSFERRED"];

const kept = memory("diandan.call");
const part = (id) => document.getElementById(id);

/** The number of the open call, or null. */
export const openCall = () => kept.get()?.number ?? null;

/** Show what fits: nothing, the form that opens a call, or the call that is open. */
export function showCalls(who) {
  const call = openCall();
  const agent = Boolean(who) && (who.role === "AGENT" || (!who.role && view === "agent"));
  part("call-start").hidden = !agent || Boolean(call);
  part("call-live").hidden = !call;
  part("call-number").textContent = call ?? "";
}

function fill(select, codes, labels = {}) {
  select.replaceChildren(...codes.map((code) => new Option(labels[code] ?? LABELS[code] ?? code, code)));
}

/** The codes that a field of the contract takes, and their texts where it gives them. */
function choices(contract, field, otherwise) {
  const schema = at(contract, field);
  const listed = (schema.anyOf ?? schema.oneOf ?? [schema]).map((one) => at(contract, one));
  const codes = listed.flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]));
  const labels = Object.fromEntries(listed.filter((one) => one.title).map((one) => [one.const, one.title]));
  return [codes.length > 0 ? codes : otherwise, labels];
}

function checkBoxes(codes, labels) {
  const boxes = codes.map((code) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "check", value: code });
    label.append(box, ` ${labels[code] ?? LABELS[code] ?? code}`);
    return label;
  });
  part("checks").append(...boxes);
  part("checks").hidden = codes.length === 0;
}

/** Make the two forms work. `session` tells the token and who is signed in. */
export function startCalls(contract, session) {
  const body = contract.paths["/v1/calls"]?.post?.requestBody?.content?.["application/json"]?.schema;
  const fields = at(contract, body).properties ?? {};
  fill(part("open-call").channel, ...choices(contract, fields.channel, CHANNELS));
  fill(part("open-call").direction, ...choices(contract, fields.direction, DIRECTIONS));
  fill(part("close-call").outcome, OUTCOMES);
  const list = fields.identity_check?.type === "array" ? fields.identity_check.items : fields.identity_check;
  checkBoxes(...choices(contract, list, []));
  const many = fields.identity_check?.type === "array";

  onSubmit(part("open-call"), async ({ channel, direction, caller_phone: phone }) => {
    const checked = [...part("checks").querySelectorAll("input:checked")].map((box) => box.value);
    const json = { channel, direction, ...(phone && { caller_phone: phone }) };
    if (many) json.identity_check = checked;
    else if (checked.length > 0) [json.identity_check] = checked;
    const call = await ask("POST", "v1/calls", { json, token: session.token() });
    kept.set({ id: call.id, number: call.number ?? call.id });
    part("open-call").reset();
    showCalls(session.who());
  });

  onSubmit(part("close-call"), async ({ outcome }) => {
    const { id, number } = kept.get();
    const json = { action: "close", outcome };
    try {
      await ask("POST", `v1/calls/${id ?? number}/steps`, { json, token: session.token() });
      say(`通话 ${number} 已结束。`, "good");
    } catch (refusal) {
      if (refusal.status !== 404 && refusal.status !== 409) throw refusal;
      say(`通话 ${number} 此前已经结束。`, "good");
    }
    kept.set(null);
    showCalls(session.who());
  });
}
