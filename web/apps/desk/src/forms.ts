// What each act asks for. Whether it is allowed, and whether what was written is enough, only the server says.

export type FieldKind =
  | "words"
  | "line"
  | "score"
  | "granted"
  | "matter"
  | "organization"
  | "organizations"
  | "outcome"
  | "evidence"
  | "contact"
  | "assignments";

export interface Field {
  /** As the command names it. */
  name: string;
  kind: FieldKind;
  required: boolean;
}

const field = (name: string, kind: FieldKind, required = true): Field => ({ name, kind, required });

/** Acts that the page offers, in the order in which a case meets them. */
export const FORMS: Record<string, Field[]> = {
  accept: [field("matter", "matter", false)],
  decline: [field("outcome", "outcome"), field("reply", "words")],
  dispatch: [field("lead", "organization", false), field("co_operating", "organizations", false), field("note", "words", false)],
  answer: [],
  record_contact: [field("contact", "contact"), field("words", "words", false)],
  report_done: [field("outcome", "outcome"), field("evidence", "evidence", false), field("reply", "words")],
  send_back: [field("reason", "words")],
  sign: [],
  request_return: [field("basis", "line"), field("suggested", "organization"), field("reason", "words")],
  review_return: [field("granted", "granted"), field("reason", "words")],
  review_delay: [field("granted", "granted"), field("words", "words", false)],
  remind: [field("words", "words", false)],
  verify: [field("evidence", "evidence", false), field("words", "words", false)],
  order_rework: [field("assignments", "assignments"), field("reason", "words")],
  close: [field("reply", "words")],
  rate: [field("score", "score"), field("words", "words", false)],
  reopen: [field("reason", "words")],
  supplement: [field("words", "words")],
  withdraw: [field("reason", "words")],
};

export const OUTCOMES = ["solved", "explained", "procedural", "not_within_remit"] as const;
export const EVIDENCE = ["photo_before", "photo_after", "photo", "document", "contact_record", "text"] as const;

/** Fields of an act that are lists: an empty one is sent as such. */
export const LISTS: Record<string, string[]> = {
  dispatch: ["co_operating"],
  report_done: ["evidence"],
  verify: ["evidence"],
};
