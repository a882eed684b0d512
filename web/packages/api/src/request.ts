// One request to the server, under the page's own origin.
import { hear } from "@huying/ui/now.ts";
import { language, t } from "@huying/ui/text.ts";
import { Problem, problemOf } from "./problem.ts";

export interface Ask {
  method?: "GET" | "POST" | "DELETE";
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** Makes a repeated request the same act (`Idempotency-Key`). */
  key?: string;
  signal?: AbortSignal;
}

/** The answer's body; throws a `Problem` for anything else. */
export async function request<T>(path: string, { method = "GET", query = {}, body, key, signal }: Ask = {}): Promise<T> {
  const address = new URL(`/api/v1${path}`, location.origin);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, String(value));
  const headers: Record<string, string> = { accept: "application/json", "accept-language": language.value };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key !== undefined) headers["idempotency-key"] = key;
  let response: Response;
  try {
    response = await fetch(address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}) });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Problem(t("unreachable"), "unreachable", 0);
  }
  hear(response.headers.get("date"));
  const text = await response.text();
  const told: unknown = text === "" ? undefined : parse(text);
  if (!response.ok) throw problemOf(told, response.status, t("unreachable"));
  return told as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A key that no other request has. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
