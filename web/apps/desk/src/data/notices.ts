// What one has been told: the inbox, how much of it is unread, and marking it as read.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { language } from "@huying/ui/text.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import type { Ref } from "vue";

export type NoticeView = components["schemas"]["NoticeBody"];
export type ReadForm = components["schemas"]["ReadNoticesBody"];

/** The page looks again for what came meanwhile. */
const AGAIN = 30_000;

export function useNotices(unread: Ref<boolean>) {
  return useInfiniteQuery({
    // Its texts come in the language of the page.
    queryKey: ["notices", "list", unread, language],
    queryFn: ({ pageParam, signal }) => {
      const query = { unread: unread.value, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answered(api.GET("/me/notices", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: AGAIN,
  });
}

/** How many are unread, for the mark in the bar. */
export function useUnread(signedIn: Ref<boolean>) {
  return useQuery({
    queryKey: ["notices", "unread"],
    queryFn: ({ signal }) => answered(api.GET("/me/notices", { params: { query: { limit: 1 } }, signal })),
    select: (page) => page.unread,
    enabled: signedIn,
    refetchInterval: AGAIN,
  });
}

export function useRead() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (body: ReadForm) => answered(api.POST("/me/notices/read", { body })),
    onSuccess: () => known.invalidateQueries({ queryKey: ["notices"] }),
  });
}
