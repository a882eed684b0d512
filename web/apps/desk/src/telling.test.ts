import { speak } from "@huying/ui/text.ts";
import { beforeAll, expect, test } from "vitest";
import type { FactView } from "./data/cases.ts";
import { details, eventOf } from "./telling.ts";

const names = {
  organizations: [{ code: "D02", name_zh: "区水务局", name_en: "Water Bureau" }],
  matters: [{ code: "M02", name_zh: "井盖缺失", name_en: "Missing cover" }],
};

const fact = (event: unknown, more: Partial<FactView> = {}): FactView => ({
  position: 1, version: 1, kind: "case.x", at: "2026-01-01T00:00:00Z", effective_at: "2026-01-01T00:00:00Z", by: "post",
  event, values: {}, masked: [], erased: false, ...more,
});

beforeAll(() => speak("en"));

test.each([
  [{ dispatched: { assignments: [{ no: 1, organization: "D02", part: "lead" }] } }, ["Lead: Water Bureau"]],
  [{ accepted: { matter: { code: "M02", version: 1 }, urgency: "urgent" } }, ["Matter: Missing cover"]],
  [{ closed: { closing: { outcome: "explained" } } }, ["Outcome: Explained"]],
  [{ reported: { assignment: 1, report: { outcome: { interim: { due: "x" } }, evidence: [] } } }, ["Outcome: Interim answer"]],
  [{ lapsed: { clock: "handle/1", holder: "D02" } }, ["Handle", "Held by: Water Bureau"]],
  [{ rated: { rater: "desk", score: 2 } }, ["Score (1 to 5): 2"]],
  ["supplemented", []],
  [null, []],
])("%j tells %j", (event, lines) => expect(details(fact(event), names)).toEqual(lines));

test("what is sealed is told as far as one may see it", () => {
  const shown = fact("supplemented", { values: { words: "The lamp is dark." }, masked: [{ field: "name" }, { field: "phone", hint: "138****5678" }], erased: true });
  expect(details(shown, names)).toEqual(["Words: The lamp is dark.", "Telephone: 138****5678", "Not for your posts: Name", "A person asked to be forgotten; what was personal is gone."]);
});

test("the name of an event is its only key", () => {
  expect(eventOf({ verified: { evidence: [] } })).toEqual(["verified", { evidence: [] }]);
  expect(eventOf("promise_kept")).toEqual(["promise_kept", {}]);
});
