// The server, typed by its own OpenAPI document. Every call fails in one way: with a `Problem`.
import { hear } from "@huying/ui/now.ts";
import { language, t } from "@huying/ui/text.ts";
import createClient from "openapi-fetch";
import { Problem, problemOf } from "./problem.ts";
import type { paths } from "./schema.d.ts";

async function speakingFetch(request: Request): Promise<Response> {
  request.headers.set("accept-language", language.value);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Problem(t("unreachable"), "unreachable", 0);
  }
  hear(response.headers.get("date"));
  return response;
}

export const api = createClient<paths>({ baseUrl: `${location.origin}/api/v1`, fetch: speakingFetch });

/** What the server answered; throws what it refused. */
export async function answered<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw problemOf(error, response.status, t("unreachable"));
  return data as T;
}

/** A key that no other request has: a repeated request with it is the same act (`Idempotency-Key`). */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends a file, the share that has gone told on the way: what `fetch` cannot tell. */
export function sendFile<T>(path: string, file: File, key: string, progress: (share: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${location.origin}/api/v1${path}`);
    request.responseType = "json";
    request.setRequestHeader("accept-language", language.value);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("idempotency-key", key);
    request.setRequestHeader("x-file-name", encodeURIComponent(file.name));
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => {
      const isDone = request.status >= 200 && request.status < 300;
      if (isDone) resolve(request.response as T);
      else reject(problemOf(request.response, request.status, t("unreachable")));
    };
    request.onerror = () => reject(new Problem(t("unreachable"), "unreachable", 0));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
