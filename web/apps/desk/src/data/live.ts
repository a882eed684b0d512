// What the server tells while the page is open. The page asks again for what has changed; without the stream it looks by itself now
// and then.
import { useQueryClient, type QueryClient } from "@tanstack/vue-query";
import { onScopeDispose, readonly, ref, watch, type Ref } from "vue";

const open = ref(false);

/** Whether changes come by themselves at the moment. */
export const isLive = readonly(open);

/** Several changes in so many milliseconds are one reason to ask again. */
const TOGETHER = 500;
/** After so many milliseconds a stream is tried again that the server refused. */
const AGAIN = 30_000;

/**
 * Listens for as long as someone is signed in and the page is in sight: a browser holds few connections to a server, and pages in
 * the background would use them up. Back in sight it begins with what is there then.
 */
export function useLive(signedIn: Ref<boolean>): void {
  const known = useQueryClient();
  let stop: (() => void) | undefined;
  watch(signedIn, (is) => {
    stop?.();
    stop = is ? listen(known) : undefined;
  }, { immediate: true });
  onScopeDispose(() => stop?.());
}

function listen(known: QueryClient): () => void {
  let source: EventSource | undefined;
  let later: number | undefined;
  const changed = new Set<string>();
  let telling: number | undefined;

  const tell = () => {
    telling = undefined;
    void known.invalidateQueries({ queryKey: ["queue"] });
    for (const id of changed) void known.invalidateQueries({ queryKey: ["case", id] });
    changed.clear();
  };
  const note = (event: MessageEvent<string>) => {
    const told = JSON.parse(event.data) as { id?: string };
    if (told.id !== undefined) changed.add(told.id);
    telling ??= window.setTimeout(tell, TOGETHER);
  };
  const begin = () => {
    source = new EventSource("/api/v1/live");
    source.onopen = () => (open.value = true);
    source.onerror = () => {
      open.value = false;
      // The browser comes back by itself where the connection broke, not where the server said no.
      if (source?.readyState === EventSource.CLOSED) later = window.setTimeout(begin, AGAIN);
    };
    for (const name of ["snapshot", "change", "gone"]) source.addEventListener(name, note);
    source.addEventListener("notice", () => void known.invalidateQueries({ queryKey: ["notices"] }));
    source.addEventListener("end", () => void known.invalidateQueries({ queryKey: ["session"] }));
  };
  const end = () => {
    source?.close();
    window.clearTimeout(later);
    open.value = false;
  };
  const see = () => {
    end();
    if (!document.hidden) begin();
  };
  document.addEventListener("visibilitychange", see);
  see();
  return () => {
    document.removeEventListener("visibilitychange", see);
    window.clearTimeout(telling);
    end();
  };
}
