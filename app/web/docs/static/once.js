// Execute does its work once: not while the same request is under way, and not again for an unchanged body.

import { memory } from "./wire.js";

const PAUSE_MS = 1000;
const keys = memory("diandan.keys");
const running = new Set();
const notes = new Map();
const watchers = new Set();
const name = (method, path) => `${method.toUpperCase()} ${path}`;
const tell = () => watchers.forEach((watcher) => watcher());

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function plain(body) {
  if (body instanceof FormData) {
    const parts = [...body.entries()].map(([key, part]) =>
      part instanceof Blob ? [key, part.name, part.size, part.lastModified] : [key, part],
    );
    return JSON.stringify(parts);
  }
  return typeof body === "string" ? body : JSON.stringify(body ?? null);
}

/** A short print of what is asked; two 32-bit FNV runs are plenty to notice an edit, and keep no personal data. */
function print(text) {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b) + i;
  }
  return `${text.length}.${a >>> 0}.${b >>> 0}`;
}

/** Give a POST that accepts one its Idempotency-Key: a fresh one, or the last one while nothing has changed. */
export function stamp(request, found, callId) {
  if (request.method !== "POST" || !found?.headers.includes("idempotency-key")) return;
  const one = name(found.method, found.path);
  const typed = Object.keys(request.headers).some((header) => header.toLowerCase() === "idempotency-key");
  if (typed) {
    notes.delete(one);
    return tell();
  }
  const asked = print([request.url, callId ?? "", plain(request.body)].join("\n"));
  const kept = keys.get() ?? {};
  const again = kept[one]?.asked === asked;
  if (!again) keys.set({ ...kept, [one]: { asked, key: freshKey() } });
  request.headers["Idempotency-Key"] = keys.get()[one].key;
  notes.set(one, again ? "again" : "first");
  tell();
}

function forget(one) {
  const { [one]: gone, ...others } = keys.get() ?? {};
  keys.set(others);
  notes.set(one, "renewed");
  tell();
}

const TEXTS = {
  first: "已自动带上 Idempotency-Key。内容不改，再点“执行”也只会办一次。",
  again: "内容与上次相同，沿用同一个 Idempotency-Key，不会重复办理。改动内容后自动换新的。",
  renewed: "下次执行会当作新的一件来办。",
};

/** Swagger UI's execute button, switched off while its operation runs, with the note below it. */
function guarded(Original, { React }) {
  return function GuardedExecute(props) {
    const [, redraw] = React.useReducer((count) => count + 1, 0);
    React.useEffect(() => {
      watchers.add(redraw);
      return () => watchers.delete(redraw);
    }, []);
    const one = name(props.method, props.path);
    const note = notes.get(one);
    const disabled = props.disabled || running.has(one);
    const button = React.createElement(Original, { ...props, disabled });
    const again = { type: "button", className: "desk-again", onClick: () => forget(one) };
    return React.createElement(
      React.Fragment,
      null,
      button,
      note &&
        React.createElement(
          "p",
          { className: "desk-note", role: "status" },
          TEXTS[note],
          note !== "renewed" && React.createElement("button", again, "确实要再办一件"),
        ),
    );
  };
}

/** Let one request of an operation out at a time, and the next one a second later at the earliest. */
function oneAtATime(original) {
  return async (request) => {
    const one = name(request.method, request.pathName);
    if (running.has(one)) return undefined;
    running.add(one);
    tell();
    const pause = new Promise((done) => setTimeout(done, PAUSE_MS));
    try {
      return await original(request);
    } finally {
      pause.then(() => {
        running.delete(one);
        tell();
      });
    }
  };
}

export const oncePlugin = {
  wrapComponents: { execute: guarded },
  statePlugins: { spec: { wrapActions: { executeRequest: oneAtATime } } },
};
