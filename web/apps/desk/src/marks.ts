// A text cut where its marked stretches begin and end. Places count characters, not UTF-16 units.

export interface Piece {
  text: string;
  marked: boolean;
}

export function pieces(text: string, spans: { from: number; until: number }[]): Piece[] {
  const characters = Array.from(text);
  const found: Piece[] = [];
  let at = 0;
  for (const { from, until } of spans) {
    found.push({ text: characters.slice(at, from).join(""), marked: false });
    found.push({ text: characters.slice(from, until).join(""), marked: true });
    at = until;
  }
  found.push({ text: characters.slice(at).join(""), marked: false });
  return found.filter((piece) => piece.text !== "");
}
