// The document as it is shown: each group of operations says in the page's language what it is about.
import { t } from "@huying/ui/text.ts";

export const DOCUMENT = "/api/v1/openapi.json";

export interface Described {
  paths: Record<string, Record<string, { tags?: string[] }>>;
  tags?: { name: string; description: string }[];
}

/** The same document with a line for each tag that its operations bear, in their order. */
export function describeTags(document: Described): Described {
  const names = new Set(Object.values(document.paths).flatMap((operations) => Object.values(operations).flatMap(({ tags }) => tags ?? [])));
  const tags = [...names].flatMap((name) => {
    const code = `reference-tag-${name}`;
    const description = t(code);
    return description === code ? [] : [{ name, description }];
  });
  return { ...document, tags };
}
