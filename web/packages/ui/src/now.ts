// The server's time, ticking. A reader's own clock may be wrong; what is due is due by the server's.
import { readonly, ref } from "vue";

let ahead = 0;
const current = ref(Date.now());
let ticking: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970 by the server's clock, renewed every second while somebody looks. */
export const now = readonly(current);

/** Takes the server's time from the `Date` header of an answer (whole seconds). */
export function hear(date: string | null): void {
  const told = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  const difference = told - Date.now();
  // Within two seconds the header cannot tell a wrong clock from a slow answer.
  ahead = Math.abs(difference) > 2000 ? difference : 0;
  current.value = Date.now() + ahead;
}

export function startTicking(): void {
  ticking ??= setInterval(() => {
    if (!document.hidden) current.value = Date.now() + ahead;
  }, 1000);
}
