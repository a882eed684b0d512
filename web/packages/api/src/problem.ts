// The one way in which a request fails, for every caller.

/** What the server refused, or that it could not be reached; `message` is for people, in their language. */
export class Problem extends Error {
  constructor(
    message: string,
    /** Names the error for programs; `unreachable` where no answer came. */
    readonly code: string,
    readonly status: number,
    /** The field of the request at fault, where one is. */
    readonly field: string | undefined = undefined,
  ) {
    super(message);
    this.name = "Problem";
  }
}

/** A problem out of an answer's body (RFC 9457 with `code`, `detail`, `field`), whatever it turns out to hold. */
export function problemOf(body: unknown, status: number, otherwise: string): Problem {
  const told = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof told[name] === "string" ? told[name] : undefined);
  return new Problem(text("detail") ?? otherwise, text("code") ?? `http-${status}`, status, text("field"));
}
