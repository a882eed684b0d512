// Spans and instants in words.
import { language, t } from "./text.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span to the second, from a day on to the hour: `3 d 4 h`, `2 h 03 min 09 s`, `12 min 08 s`. */
export function span(milliseconds: number): string {
  const left = Math.max(0, Math.floor(Math.abs(milliseconds) / 1000) * 1000);
  const days = Math.floor(left / DAY);
  const hours = Math.floor((left % DAY) / HOUR);
  const minutes = Math.floor((left % HOUR) / MINUTE);
  const seconds = Math.floor((left % MINUTE) / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  if (days > 0) return t("span-days", { days, hours });
  if (hours > 0) return t("span-hours", { hours, minutes: two(minutes), seconds: two(seconds) });
  return t("span-minutes", { minutes, seconds: two(seconds) });
}

/** An instant (milliseconds since 1970) in the district's time zone, to the minute or to the second. */
export function moment(milliseconds: number, timeZone: string, toTheSecond = false): string {
  return new Intl.DateTimeFormat(language.value === "en" ? "en-GB" : "zh-CN", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    ...(toTheSecond ? { second: "2-digit" } : {}),
  }).format(milliseconds);
}
