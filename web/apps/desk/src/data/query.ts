// The page's memory of the server.
import { Problem } from "@huying/api/problem.ts";
import { QueryClient } from "@tanstack/vue-query";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refused once it will refuse again; only an answer that never came is worth another try.
      retry: (count, failure) => count < 2 && failure instanceof Problem && failure.code === "unreachable",
    },
  },
});
