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
};
const CHECKS = {
  NAME: "姓名",
  ROOM: "房号",
  PHONE_LAST4: "手机尾号",
  CALL_BACK: "回拨核实",
  IN_PERSON: "当面核对",
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
  const call = kept.get();
  const agent = Boolean(who) && (who.role === "AGENT" || (!who.role && view === "agent"));
  part("call-start").hidden = !agent || Boolean(call);
  part("call-live").hidden = !call;
  part("call-number").textContent = call?.number ?? "";
  part("call-linked").textContent = call?.linked ? `市民：${call.linked.text}，编号` : "";
  part("call-resident").textContent = call?.linked?.id ?? "";
  part("candidates").replaceChildren(...(call?.linked ? [] : (call?.candidates ?? []).map(candidate)));
}

function candidate({ id, text }) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain" });
  button.textContent = `是 ${text}`;
  button.dataset.resident = id;
  return button;
}

function described({ id, name_masked: name, phone_masked: phone, rooms = [] }) {
  return { id, text: [name, phone, ...rooms.map((one) => one.label ?? one.room)].filter(Boolean).join(" ") };
}

function take({ id, number, candidates = [] }) {
  kept.set({ id, number: number ?? id, candidates: candidates.map(described) });
}

/** A call may be opened and closed in Swagger UI as well: listen to its answers. */
export function heard(found, { ok, body }, session) {
  if (!ok || found?.method !== "POST" || !found.path.startsWith("/v1/calls") || !body?.id) return;
  if (found.path === "/v1/calls") take(body);
  else if (body.status === "CLOSED" && body.id === kept.get()?.id) kept.set(null);
  showCalls(session.who());
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
    label.append(box, ` ${labels[code] ?? CHECKS[code] ?? code}`);
    return label;
  });
  part("checks").append(...boxes);
}

/** The choices are the contract's own. */
function fillForms(contract) {
  const body = contract.paths["/v1/calls"]?.post?.requestBody?.content?.["application/json"]?.schema;
  const fields = at(contract, body).properties ?? {};
  fill(part("open-call").channel, ...choices(contract, fields.channel, CHANNELS));
  fill(part("open-call").direction, ...choices(contract, fields.direction, DIRECTIONS));
  fill(part("close-call").outcome, OUTCOMES);
  checkBoxes(...choices(contract, fields.identity_check?.items, Object.keys(CHECKS)));
}

/** Make the panels work. `session` tells the token and who is signed in. */
export function startCalls(contract, session) {
  fillForms(contract);
  const step = (json) => ask("POST", `v1/calls/${kept.get().id}/steps`, { json, token: session.token() });

  onSubmit(part("open-call"), async ({ channel, direction, caller_phone: phone }) => {
    const checked = [...part("checks").querySelectorAll("input:checked")].map((box) => box.value);
    const json = { channel, direction, identity_check: checked, ...(phone && { caller_phone: phone }) };
    const call = await ask("POST", "v1/calls", { json, token: session.token() });
    take(call);
    part("open-call").reset();
    showCalls(session.who());
  });

  onSubmit(part("close-call"), async ({ outcome }) => {
    const { number } = kept.get();
    try {
      await step({ action: "close", outcome });
      say(`通话 ${number} 已结束。`, "good");
    } catch (refusal) {
      if (refusal.status !== 404 && refusal.status !== 409) throw refusal;
      say(`通话 ${number} 此前已经结束。`, "good");
    }
    kept.set(null);
    showCalls(session.who());
  });

  part("candidates").addEventListener("click", async ({ target }) => {
    const { resident } = target.dataset;
    if (!resident) return;
    try {
      await step({ action: "link", resident_id: resident });
      kept.set({ ...kept.get(), linked: kept.get().candidates.find((one) => one.id === resident) });
      showCalls(session.who());
    } catch (refusal) {
      say(refusal.message);
    }
  });
}
