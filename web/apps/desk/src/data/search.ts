// Full text: pages of what holds all the words.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useInfiniteQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";

export type Hit = components["schemas"]["HitBody"];
export type Highlight = components["schemas"]["HighlightBody"];

/** Asked anew only when the question changes: with excerpts each answer is a look on persons' access logs. */
export function useSearch(words: Ref<string>, excerpts: Ref<boolean>) {
  return useInfiniteQuery({
    queryKey: ["search", words, excerpts],
    queryFn: ({ pageParam, signal }) => {
      const query = { q: words.value, excerpts: excerpts.value, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answered(api.GET("/search", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: computed(() => words.value.trim() !== ""),
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
