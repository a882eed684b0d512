// How many: areas in a few shades, the darkest for the most.

/** One shade and the counts it stands for, both ends included. */
export interface Shade {
  from: number;
  to: number;
  color: string;
}

const NONE = "#ffffff";
/** Light enough that dark names stay readable on each. */
const COLORS = ["#e7f0fa", "#c3daf2", "#93bde6", "#5f9bd3"];

/** Shades for these counts, the fewest first: none has one of its own, what is more is cut into equal spans. */
export function shades(counts: readonly number[]): Shade[] {
  const most = Math.max(0, ...counts);
  const span = Math.max(1, Math.ceil(most / COLORS.length));
  const some = COLORS.map((color, index) => ({ from: index * span + 1, to: Math.min(most, (index + 1) * span), color }));
  return [{ from: 0, to: 0, color: NONE }, ...some.filter((shade) => shade.from <= most)];
}

/** The colour of one count among them. */
export function colorOf(shown: readonly Shade[], count: number): string {
  return shown.find((shade) => shade.from <= count && count <= shade.to)?.color ?? NONE;
}
