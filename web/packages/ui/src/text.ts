// The texts people read: the same dictionaries that the server speaks from, one language loaded at a time.
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { readonly, ref, shallowRef } from "vue";

export type Language = "zh-CN" | "en";
export const LANGUAGES: readonly Language[] = ["zh-CN", "en"];

const sources = import.meta.glob<string>("../../../../crates/kernel/texts/*.ftl", { query: "?raw", import: "default" });
const REMEMBERED = "huying.language";

const bundle = shallowRef(new FluentBundle("zh-CN"));
const current = ref<Language>("zh-CN");

/** The language in which the page speaks. */
export const language = readonly(current);

/** The language chosen last on this device, else the district's default: Chinese. */
export function rememberedLanguage(): Language {
  return LANGUAGES.find((one) => one === localStorage.getItem(REMEMBERED)) ?? "zh-CN";
}

/** Loads a dictionary and lets every text on the page follow. */
export async function speak(chosen: Language): Promise<void> {
  const load = sources[`../../../../crates/kernel/texts/${chosen}.ftl`];
  if (!load) throw new Error(`there is no dictionary for ${chosen}`);
  bundle.value = dictionary(chosen, await load());
  current.value = chosen;
  localStorage.setItem(REMEMBERED, chosen);
  document.documentElement.lang = chosen;
}

export function dictionary(chosen: Language, source: string): FluentBundle {
  // Marks of direction around values serve right-to-left scripts; here they would only trouble searching and copying.
  const made = new FluentBundle(chosen, { useIsolating: false });
  made.addResource(new FluentResource(source));
  return made;
}

/** The text of a code, its values filled in; the code itself where the dictionaries lack it, so that it is seen. */
export function t(code: string, values: Record<string, FluentVariable> = {}): string {
  const pattern = bundle.value.getMessage(code)?.value;
  return pattern ? bundle.value.formatPattern(pattern, values, []) : code;
}

/** The text of a key of the server's within a family, such as `state` and `dispatched`; the key itself where there is none. */
export function named(family: string, key: string): string {
  const code = `${family}-${key.replaceAll("_", "-")}`;
  const text = t(code);
  return text === code ? key : text;
}

/** Several names in a row, as the page's language parts them. */
export function inRow(names: readonly string[]): string {
  return names.join(current.value === "en" ? ", " : "、");
}

/** Of a pair of names the one in the page's language. */
export function pick(names: { name_zh: string; name_en: string }): string {
  return current.value === "en" ? names.name_en : names.name_zh;
}
