// Files: those handed in with a report, and those of a case.
import { answered, api, newKey, sendFile } from "@huying/api/client.ts";
import { Problem } from "@huying/api/problem.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useQuery } from "@tanstack/vue-query";
import { computed, onScopeDispose, reactive, type Ref } from "vue";

export type CaseFile = components["schemas"]["CaseFileBody"];
type Kept = components["schemas"]["FileBody"];

/** A photograph on its way, or there. */
export interface Photo {
  /** Also its idempotency key: sent again after a broken connection it is the same file. */
  key: string;
  file: File;
  /** Address of the picture on this device. */
  preview: string;
  /** From 0 to 1. */
  share: number;
  kept?: Kept;
  failure?: Error;
}

/** The photographs of one report. */
export function usePhotos() {
  const photos = reactive<Photo[]>([]);
  const sending = new Map<string, AbortController>();

  async function send(photo: Photo): Promise<void> {
    const controller = new AbortController();
    sending.set(photo.key, controller);
    delete photo.failure;
    try {
      photo.kept = await sendFile<Kept>("/files", photo.file, photo.key, (share) => (photo.share = share), controller.signal);
      photo.share = 1;
    } catch (failure) {
      if (failure instanceof Problem) photo.failure = failure;
    } finally {
      sending.delete(photo.key);
    }
  }

  function add(files: Iterable<File>): void {
    for (const file of files) {
      photos.push({ key: newKey(), file, preview: URL.createObjectURL(file), share: 0 });
      const added = photos.at(-1);
      if (added) void send(added);
    }
  }

  /** Takes a photograph out of the report; the server forgets one that is used nowhere. */
  function remove(photo: Photo): void {
    sending.get(photo.key)?.abort();
    URL.revokeObjectURL(photo.preview);
    photos.splice(0, photos.length, ...photos.filter((one) => one.key !== photo.key));
  }

  const clear = () => [...photos].forEach(remove);
  onScopeDispose(clear);

  /** Those that are there, as evidence. */
  const evidence = computed(() =>
    photos.flatMap(({ kept }) => (kept ? [{ kind: "photo", attachment: kept.id }] : [])),
  );
  const isSending = computed(() => photos.some((one) => !one.kept && !one.failure));
  /** Where the first of them that says so was taken. */
  const position = computed(() => photos.find((one) => one.kept?.position)?.kept?.position ?? undefined);
  return { photos, add, remove, send, clear, evidence, isSending, position };
}

export function useFiles(id: Ref<string>, version: Ref<number | undefined>) {
  return useQuery({
    queryKey: ["files", id, version],
    queryFn: ({ signal }) => answered(api.GET("/cases/{id}/files", { params: { path: { id: id.value } }, signal })),
    enabled: computed(() => version.value !== undefined),
    staleTime: Infinity,
  });
}

/** Where a file, or its small picture, can be fetched. */
export function addressOf(id: string, part: "" | "/thumbnail" = ""): string {
  return `/api/v1/files/${id}${part}`;
}
