// Who is signed in.
import { Problem } from "@huying/api/problem.ts";
import { request } from "@huying/api/request.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";

export interface Session {
  account: string;
  posts: { key: string; organization: string; name_zh: string; name_en: string }[];
}

export interface DemoPerson {
  login: string;
  password: string;
  name_zh: string;
  name_en: string;
}

/** Nobody where the server says that nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return await request<Session>("/session", { signal });
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 401) return null;
        throw failure;
      }
    },
    staleTime: 60_000,
  });
}

export function useSignIn() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (who: { login: string; password: string }) =>
      request<Session>("/session", { method: "POST", body: { login: who.login, password: who.password } }),
    onSuccess: (session) => {
      known.clear();
      known.setQueryData(["session"], session);
    },
  });
}

export function useSignOut() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: () => request<undefined>("/session", { method: "DELETE" }),
    // What one person saw is not kept for the next.
    onSettled: () => {
      known.clear();
      known.setQueryData(["session"], null);
    },
  });
}

export function useDemoPeople() {
  return useQuery({
    queryKey: ["demo-people"],
    queryFn: async ({ signal }): Promise<DemoPerson[]> => {
      try {
        return await request<DemoPerson[]>("/demo/people", { signal });
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 404) return [];
        throw failure;
      }
    },
    staleTime: Infinity,
  });
}
