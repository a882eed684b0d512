// Instants as the server writes them (RFC 3339, UTC) and as the page counts them.

/** Milliseconds since 1970. */
export function milliseconds(instant: string): number {
  return Date.parse(instant);
}

export function optionalMilliseconds(instant: string | null | undefined): number | undefined {
  return instant == null ? undefined : milliseconds(instant);
}
