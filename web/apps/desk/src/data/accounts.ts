// Accounts as administrators see them, and what they do to them.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";

export type Account = components["schemas"]["AccountBody"];
export type Holding = components["schemas"]["HoldingBody"];
export type GivenCode = components["schemas"]["ActivationCodeBody"];
export type AssignForm = components["schemas"]["AssignPostBody"];

export interface AccountsAsked {
  login: string;
  post: string;
  state: string;
}

/** Only what was filled in. */
export function given<T extends Record<string, string | boolean | undefined>>(asked: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const filled = Object.entries(asked).filter(([, value]) => value !== "" && value !== undefined);
  return Object.fromEntries(filled) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

export function useAccounts(asked: Ref<AccountsAsked>) {
  return useInfiniteQuery({
    queryKey: ["accounts", "list", asked],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...given({ ...asked.value }), ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answered(api.GET("/accounts", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function useAccount(id: Ref<string>) {
  return useQuery({
    queryKey: ["accounts", "one", id],
    queryFn: ({ signal }) => answered(api.GET("/accounts/{id}", { params: { path: { id: id.value } }, signal })),
  });
}

/** The posts of the profile. */
export function usePosts() {
  return useQuery({ queryKey: ["posts"], queryFn: ({ signal }) => answered(api.GET("/posts", { signal })), staleTime: Infinity });
}

export function useOpenAccount() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (body: components["schemas"]["OpenAccountBody"]): Promise<GivenCode> => answered(api.POST("/accounts", { body })),
    onSuccess: () => known.invalidateQueries({ queryKey: ["accounts"] }),
  });
}

export type AccountAct =
  | { act: "disable" | "enable" | "unlock" | "reset" }
  | { act: "assign"; body: AssignForm }
  | { act: "withdraw"; post: string };

function send(id: string, act: AccountAct): Promise<unknown> {
  const params = { path: { id } };
  switch (act.act) {
    case "disable": return answered(api.POST("/accounts/{id}/disabling", { params, parseAs: "text" }));
    case "enable": return answered(api.DELETE("/accounts/{id}/disabling", { params, parseAs: "text" }));
    case "unlock": return answered(api.POST("/accounts/{id}/unlocking", { params, parseAs: "text" }));
    case "reset": return answered(api.POST("/accounts/{id}/activation", { params }));
    case "assign": return answered(api.POST("/accounts/{id}/posts", { params, body: act.body, parseAs: "text" }));
    case "withdraw": {
      const withPost = { path: { id, post: act.post } };
      return answered(api.DELETE("/accounts/{id}/posts/{post}", { params: withPost, parseAs: "text" }));
    }
  }
}

/** Does something to an account; gives the code of a reset. */
export function useAccountAct(id: Ref<string>) {
  const known = useQueryClient();
  return useMutation({
    mutationFn: async (act: AccountAct): Promise<GivenCode | undefined> => {
      const answer = await send(id.value, act);
      return act.act === "reset" ? (answer as GivenCode) : undefined;
    },
    onSettled: () => known.invalidateQueries({ queryKey: ["accounts"] }),
  });
}

/** Accounts that hold a post, for the choice of whom a deputy stands in for. */
export function useHolders(post: Ref<string>) {
  return useQuery({
    queryKey: ["accounts", "holders", post],
    queryFn: ({ signal }) => answered(api.GET("/accounts", { params: { query: { post: post.value, limit: 200 } }, signal })),
    select: (page) => page.accounts,
    enabled: computed(() => post.value !== ""),
  });
}
