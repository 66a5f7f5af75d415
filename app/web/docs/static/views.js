// One contract, several views: each audience sees the operations that are marked for it.

import { root } from "./wire.js";

const METHODS = ["get", "put", "post", "delete"];

export const view = new URLSearchParams(location.search).get("view") ?? "all";

/** The contract as this page shows it: this host as the only server, and only what the view names. */
export function shown(contract) {
  const base = root.pathname.replace(/\/$/, "");
  const spec = structuredClone(contract);
  spec.servers = [{ url: base || "/" }];
  for (const scheme of Object.values(spec.components?.securitySchemes ?? {})) {
    for (const flow of Object.values(scheme.flows ?? {})) flow.tokenUrl = base + flow.tokenUrl;
  }
  if (view === "all") return spec;
  const used = new Set();
  const paths = Object.entries(spec.paths).map(([path, item]) => [path, kept(item, used)]);
  spec.paths = Object.fromEntries(paths.filter(([, item]) => item));
  spec.tags = (spec.tags ?? []).filter((tag) => used.has(tag.name));
  if (view !== "integrator") delete spec.webhooks;
  return spec;
}

function kept(item, used) {
  const own = METHODS.filter((method) => item[method]?.["x-audience"]?.includes(view));
  if (own.length === 0) return null;
  own.flatMap((method) => item[method].tags ?? []).forEach((tag) => used.add(tag));
  own.forEach((method) => Object.values(item[method].requestBody?.content ?? {}).forEach(ownExamplesFirst));
  const others = METHODS.filter((method) => !own.includes(method));
  return Object.fromEntries(Object.entries(item).filter(([key]) => !others.includes(key)));
}

/** An example may name its audience as operations do; Swagger UI offers the first one. */
function ownExamplesFirst(media) {
  const foreign = ([, example]) => Number(!(example["x-audience"] ?? [view]).includes(view));
  const rank = (one) => foreign(one) * 2 + Number(!one[1]["x-audience"]);
  if (media.examples) media.examples = Object.fromEntries(Object.entries(media.examples).sort((a, b) => rank(a) - rank(b)));
}

/** Say which tab is the current one. */
export function markTabs() {
  for (const tab of document.querySelectorAll("#views a")) {
    if (tab.dataset.view === view) tab.setAttribute("aria-current", "page");
  }
}

/** Find the operation that a request goes to; a path without parameters goes before one with them. */
export function finder(contract) {
  const known = Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+")}$`),
      operation: item[method],
      headers: headerNames(contract, [...(item.parameters ?? []), ...(item[method].parameters ?? [])]),
    })),
  );
  known.sort((a, b) => a.path.split("{").length - b.path.split("{").length);
  return (method, url) => {
    const { origin, pathname } = new URL(url, root);
    const path = pathname.slice(root.pathname.length - 1);
    if (origin !== root.origin) return undefined;
    return known.find((one) => one.method === method.toUpperCase() && one.pattern.test(path));
  };
}

function headerNames(contract, parameters) {
  const resolved = parameters.map((parameter) => at(contract, parameter));
  return resolved.filter((parameter) => parameter.in === "header").map((parameter) => parameter.name.toLowerCase());
}

/** What stands in the contract here, or where its `$ref` points. */
export function at(contract, node) {
  if (!node?.$ref) return node ?? {};
  return node.$ref.slice(2).split("/").reduce((place, step) => place?.[step], contract) ?? {};
}

/** Search by task, summary, name or path, where Swagger UI knows tags only. */
export function search(tagged, phrase) {
  const wanted = phrase.toLowerCase();
  const has = (text) => String(text ?? "").toLowerCase().includes(wanted);
  return tagged
    .map((tag, name) => {
      const fits = (one) =>
        has(one.get("path")) || ["summary", "operationId"].some((key) => has(one.getIn(["operation", key])));
      return has(name) ? tag : tag.update("operations", (operations) => operations.filter(fits));
    })
    .filter((tag) => tag.get("operations").size > 0);
}
