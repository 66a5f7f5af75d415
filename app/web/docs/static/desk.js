// The desk: Swagger UI over the program's own contract, with sign-in, calls, views and Chinese words around it.

import { Refusal, ask, say } from "./wire.js";
import { finder, markTabs, search, shown } from "./views.js";
import { oncePlugin, stamp } from "./once.js";
import { heard, openCall, startCalls } from "./calls.js";
import { refused, session, sessionPlugin, startSession } from "./session.js";
import { translate } from "./words.js";

const has = (headers, name) => Object.keys(headers).some((header) => header.toLowerCase() === name);

/** What the desk adds to each request: Chinese answers, the open call, the key that makes a repeat harmless. */
function completer(find) {
  return (request) => {
    request.credentials = "omit";
    request.headers ??= {};
    const { headers } = request;
    if (!has(headers, "accept-language")) headers["Accept-Language"] = "zh-CN";
    const found = find(request.method ?? "GET", request.url);
    const call = openCall();
    if (call && found && !found.path.startsWith("/v1/auth/")) {
      if (session.token() && !has(headers, "authorization")) headers.Authorization = `Bearer ${session.token()}`;
      if (!has(headers, "call-id")) headers["Call-Id"] = call;
    }
    stamp(request, found, call);
    return request;
  };
}

function open(contract) {
  const find = finder(contract);
  const sent = new Map();
  const complete = completer(find);
  const ui = SwaggerUIBundle({
    spec: shown(contract),
    domNode: document.getElementById("swagger"),
    validatorUrl: null,
    queryConfigEnabled: false,
    persistAuthorization: true,
    tryItOutEnabled: true,
    filter: true,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    requestInterceptor: (request) => {
      const completed = complete(request);
      sent.set(completed.url, completed);
      return completed;
    },
    responseInterceptor: (response) => {
      const request = sent.get(response.url);
      if (response.status === 401) refused(request);
      heard(request && find(request.method, request.url), response, session);
      return response;
    },
    plugins: [oncePlugin, sessionPlugin, { fn: { opsFilter: search } }],
    onComplete: () => {
      startCalls(contract, session);
      startSession(ui);
    },
  });
}

markTabs();
translate(document.getElementById("swagger"));
try {
  open(await ask("GET", "openapi.json"));
} catch (error) {
  say(error instanceof Refusal ? `接口说明没有取到：${error.message}` : `工作台没有打开：${error.message}`);
}
