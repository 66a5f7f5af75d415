// The desk's own requests: one way to ask, and a refusal in words that a person can act on.

export const root = new URL(".", location.href);

export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

function reason(status, answer) {
  if (answer.code || answer.title) {
    const fields = (answer.errors ?? []).map((error) => `${error.pointer} ${error.detail}`);
    return [answer.detail || answer.title, ...fields].join("；");
  }
  if (answer.error === "invalid_grant") return "账号或密码不对，或账号已停用。";
  if (answer.error === "invalid_client") return "客户端编号或密钥不对。";
  return answer.error_description || answer.error || `没有成功（${status}）。`;
}

/** Ask the API; `form` is sent form-encoded, `json` as JSON. Rejects with a `Refusal`. */
export async function ask(method, path, { form, json, token, headers = {} } = {}) {
  const sent = { Accept: "application/json", "Accept-Language": "zh-CN", ...headers };
  if (token) sent.Authorization = `Bearer ${token}`;
  if (json) sent["Content-Type"] = "application/json";
  const body = form ? new URLSearchParams(form) : json && JSON.stringify(json);
  let response;
  try {
    response = await fetch(new URL(path, root), { method, headers: sent, body, credentials: "omit" });
  } catch {
    throw new Refusal(0, "连不上服务器，请检查网络后再试。");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, reason(response.status, answer));
  return answer;
}

/** Say one thing at the top of the page; nothing takes the last one away. */
export function say(text, kind = "bad") {
  const notice = document.getElementById("notice");
  notice.hidden = !text;
  notice.textContent = text ?? "";
  notice.dataset.kind = kind;
}

/** Run `work` when the form is sent: one at a time, its refusal told. */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    say("");
    try {
      await work(Object.fromEntries(new FormData(form)));
    } catch (error) {
      say(error.message);
    } finally {
      button.disabled = false;
    }
  });
}

/** A small memory of this tab, or of this browser with `localStorage`. */
export function memory(name, store = sessionStorage) {
  return {
    get() {
      try {
        return JSON.parse(store.getItem(name));
      } catch {
        return null;
      }
    },
    set: (value) => (value === null ? store.removeItem(name) : store.setItem(name, JSON.stringify(value))),
  };
}
