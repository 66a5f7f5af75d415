// Who is signed in: three ways in, one way out, and Swagger UI's own dialog kept in step with them.

import { ask, memory, onSubmit, say } from "./wire.js";
import { view } from "./views.js";
import { openCall, showCalls } from "./calls.js";

const ROLES = {
  RESIDENT: "居民",
  AGENT: "话务员",
  WORKER: "维修人员",
  CLINIC: "医护",
  MANAGER: "物业管理",
  COMMITTEE: "物管会",
  REGULATOR: "监管",
  CLERK: "服务中心",
  ADMIN: "管理员",
  INTEGRATOR: "对接系统",
};
const FALLBACK = { staff: "员工", resident: "居民", integrator: "对接系统" };
const EARLY_SECONDS = 60;

const part = (id) => document.getElementById(id);
const known = memory("diandan.who", localStorage);
const renewal = memory("diandan.renewal");
let ui = null;
let token = null;
let who = null;
let timer = 0;

export const session = { token: () => token, who: () => who };

function show() {
  part("sign-in").hidden = token !== null;
  part("who").hidden = token === null;
  part("who-name").textContent = who?.name ?? "";
  part("who-role").textContent = who?.label ?? "";
  showCalls(who);
}

const schemes = () => ui.specSelectors.securityDefinitions()?.toJS() ?? {};

function authorize(name, value) {
  const schema = schemes()[name];
  if (schema?.type === "http") ui.authActions.authorizeWithPersistOption({ [name]: { name, schema, value } });
  if (schema?.type !== "oauth2") return;
  const [[flow, details]] = Object.entries(schema.flows);
  const auth = { name, schema: { type: "oauth2", flow, ...details }, scopes: [] };
  ui.authActions.authorizeOauth2WithPersistOption({ auth, token: { access_token: value, token_type: "bearer" } });
}

/** Take a token as ours, wherever it came from. */
async function adopt(value, { kind, name = "", answer = null } = {}) {
  if (!value || value === token) return;
  token = value;
  say("");
  authorize("bearer", value);
  if (kind && kind !== "resident") authorize(kind, value);
  if (answer) renewLater(answer);
  const before = known.get()?.token === value ? known.get() : null;
  who = before ?? { name, role: "", label: FALLBACK[kind] ?? "" };
  show();
  await learn(value);
}

/** Ask the API who this is; what it does not tell stays as it was typed. */
async function learn(value) {
  try {
    const me = await ask("GET", "v1/me", { token: value });
    const role = me.role ?? who.role;
    const label = me.role_label ?? ROLES[role] ?? who.label;
    who = { name: me.display_name ?? me.name ?? who.name, role, label };
  } catch (refusal) {
    if (refusal.status === 401) return ended("登录已失效，请重新登录。");
  }
  if (token === value) known.set({ ...who, token: value });
  return show();
}

function renewLater({ refresh_token: refresh, expires_in: seconds }) {
  clearTimeout(timer);
  if (!refresh || !seconds) return renewal.set(null);
  renewal.set({ refresh, token, at: Date.now() + Math.max(seconds - EARLY_SECONDS, 5) * 1000 });
  return waitForRenewal();
}

/** A resident's token lives ten minutes: take the next one before it ends. */
function waitForRenewal() {
  const due = renewal.get();
  if (!due || due.token !== token) return;
  timer = setTimeout(async () => {
    try {
      const form = { grant_type: "refresh_token", refresh_token: due.refresh };
      const answer = await ask("POST", "v1/auth/token", { form });
      if (token === due.token) await adopt(answer.access_token, { name: who.name, answer });
    } catch (refusal) {
      if (refusal.status >= 400 && refusal.status < 500) ended("登录已失效，请重新登录。");
    }
  }, Math.max(due.at - Date.now(), 0));
}

/** Forget the sign-in on this side. */
function ended(text) {
  token = null;
  who = null;
  clearTimeout(timer);
  renewal.set(null);
  known.set(null);
  const names = Object.keys(ui.authSelectors.authorized().toJS());
  if (names.length > 0) ui.authActions.logoutWithPersistOption(names);
  say(text);
  show();
}

function signOut() {
  if (openCall()) return say("请先结束正在进行的通话，再退出登录。");
  return leave();
}

async function leave() {
  const form = { token: renewal.get()?.refresh ?? token };
  const old = token;
  ended("");
  return ask("POST", "v1/auth/revoke", { form, token: old }).catch((refusal) => {
    if (refusal.status !== 401) say(`已在本机退出；服务器没有确认：${refusal.message}`);
  });
}

async function enter(kind, name, answer) {
  await adopt(answer.access_token, { kind, name, answer });
  document.querySelectorAll("#sign-in form").forEach((form) => form.reset());
}

function choose(kind) {
  document.querySelector(`input[name=kind][value=${kind}]`).checked = true;
  for (const form of document.querySelectorAll("#sign-in form")) {
    form.hidden = form.dataset.kind !== kind || form.id === "sign-in-resident";
  }
  say("");
}

function startForms() {
  for (const radio of document.querySelectorAll("input[name=kind]")) {
    radio.addEventListener("change", () => choose(radio.value));
  }
  choose(view in FALLBACK ? view : "staff");
  onSubmit(part("sign-in-staff"), async ({ username, password }) => {
    const form = { grant_type: "password", username, password };
    await enter("staff", username, await ask("POST", "v1/auth/token", { form }));
  });
  onSubmit(part("ask-code"), async ({ phone }) => {
    await ask("POST", "v1/auth/otp", { json: { phone } });
    part("sign-in-resident").hidden = false;
    part("sign-in-resident").code.focus();
    say("验证码已发送，请填写收到的数字。", "good");
  });
  onSubmit(part("sign-in-resident"), async ({ code }) => {
    const phone = part("ask-code").phone.value;
    await enter("resident", phone, await ask("POST", "v1/auth/otp/verify", { json: { phone, code } }));
  });
  onSubmit(part("sign-in-integrator"), async ({ client_id, client_secret }) => {
    const form = { grant_type: "client_credentials", client_id, client_secret };
    await enter("integrator", client_id, await ask("POST", "v1/auth/token", { form }));
  });
  part("sign-out").addEventListener("click", signOut);
}

/** Begin once Swagger UI stands: with the sign-in that it remembers, or with the forms. */
export function startSession(swagger) {
  ui = swagger;
  startForms();
  const [first] = Object.values(ui.authSelectors.authorized()?.toJS() ?? {});
  show();
  if (!first) return;
  adopt(first.token?.access_token ?? first.value).then(waitForRenewal);
}

/** An answer said that the token no longer counts. */
export function refused(request) {
  if (token && request?.headers?.Authorization === `Bearer ${token}`) ended("登录已失效，请重新登录。");
}

const later = (work) => ui && queueMicrotask(work);

export const sessionPlugin = {
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: (original) => (given) => {
          original(given);
          const [one] = Object.values(given);
          if (typeof one?.value === "string") later(() => adopt(one.value.replace(/^Bearer\s+/i, "")));
        },
        authorizeOauth2: (original) => (given) => {
          original(given);
          const { auth, token: answer } = given;
          const name = auth.username || auth.clientId || "";
          later(() => adopt(answer.access_token, { kind: auth.name, name, answer }));
        },
        logout: (original) => (names) => {
          original(names);
          if (token) later(leave);
        },
      },
    },
  },
};
