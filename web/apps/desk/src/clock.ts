// How a clock of the server's looks at a given moment. The server decides what is due; here it is only shown.
import { milliseconds } from "./instants.ts";

export interface ClockView {
  /** Milliseconds since 1970. */
  startedAt: number;
  dueAt: number;
  /** `running`, `lapsed`, `met`, `late` or `cancelled`. */
  state: string;
}

export interface Standing {
  kind: "running" | "late" | "met" | "missed" | "cancelled";
  /** Colour: green, amber in the last quarter, red past due, grey when over. */
  tone: "good" | "near" | "late" | "ended";
  /** Share of the span from start to due that has passed, 0 to 1, while the clock runs. */
  share?: number;
}

const NEAR = 0.75;

export function standing(clock: ClockView, now: number): Standing {
  switch (clock.state) {
    case "met":
      return { kind: "met", tone: "good" };
    case "late":
      return { kind: "missed", tone: "late" };
    case "cancelled":
      return { kind: "cancelled", tone: "ended" };
    case "lapsed":
      return { kind: "late", tone: "late", share: 1 };
    default: {
      if (now > clock.dueAt) return { kind: "late", tone: "late", share: 1 };
      const whole = clock.dueAt - clock.startedAt;
      const share = whole > 0 ? Math.min(1, Math.max(0, (now - clock.startedAt) / whole)) : 1;
      return { kind: "running", tone: share >= NEAR ? "near" : "good", share };
    }
  }
}

/** The running clock of a row in a queue. */
export function queueClock(since: string, due: string): ClockView {
  return { startedAt: milliseconds(since), dueAt: milliseconds(due), state: "running" };
}
