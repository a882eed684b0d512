// What a fact says beyond its kind, in words: organizations, outcomes, and the sealed values one may see.
import { named, pick, t } from "@huying/ui/text.ts";
import type { FactView } from "./data/cases.ts";
import type { Named } from "./data/district.ts";

export interface Names {
  organizations: readonly Named[];
  matters: readonly Named[];
}

/** Lines below a fact of the time line. */
export function details(fact: FactView, names: Names): string[] {
  const [, body] = eventOf(fact.event);
  const lines: string[] = [];
  const organization = (code: unknown) => nameOf(names.organizations, code);

  for (const assignment of list(body["assignments"])) {
    if (isRecord(assignment)) lines.push(labelled(named("part", String(assignment["part"])), organization(assignment["organization"])));
  }
  const matter = isRecord(body["matter"]) ? nameOf(names.matters, body["matter"]["code"]) : undefined;
  if (matter) lines.push(labelled(t("field-matter"), matter));
  const outcome = outcomeOf(isRecord(body["report"]) ? body["report"] : isRecord(body["closing"]) ? body["closing"] : undefined);
  if (outcome) lines.push(labelled(t("field-outcome"), named("outcome", outcome)));
  if (typeof body["clock"] === "string") lines.push(named("clock-key", body["clock"].split("/")[0] ?? ""));
  for (const key of ["holder", "organization", "suggested", "body", "desk"]) {
    const name = organization(body[key]);
    if (name) lines.push(labelled(named("field", key), name));
  }
  if (typeof body["basis"] === "string") lines.push(labelled(t("field-basis"), body["basis"]));
  if (typeof body["score"] === "number") lines.push(labelled(t("field-score"), String(body["score"])));

  for (const [field, value] of Object.entries(fact.values)) lines.push(labelled(named("sealed", field), value));
  for (const { field, hint } of fact.masked) if (hint != null) lines.push(labelled(named("sealed", field), hint));
  const hidden = fact.masked.filter((one) => one.hint == null).map((one) => named("sealed", one.field));
  if (hidden.length) lines.push(t("fact-masked", { fields: hidden.join(t("list-comma")) }));
  if (fact.erased) lines.push(t("fact-erased"));
  return lines;
}

/** An event is its name alone, or its name with what belongs to it. */
export function eventOf(event: unknown): [string, Record<string, unknown>] {
  if (typeof event === "string") return [event, {}];
  const [name, body] = isRecord(event) ? (Object.entries(event)[0] ?? ["", {}]) : ["", {}];
  return [name, isRecord(body) ? body : {}];
}

function outcomeOf(report: Record<string, unknown> | undefined): string | undefined {
  const outcome = report?.["outcome"];
  return typeof outcome === "string" ? outcome : isRecord(outcome) ? Object.keys(outcome)[0] : undefined;
}

function nameOf(names: readonly Named[], code: unknown): string | undefined {
  const found = names.find((one) => one.code === code);
  return found && pick(found);
}

const labelled = (label: string, value: string | undefined) => t("labelled", { label, value: value ?? "–" });
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
