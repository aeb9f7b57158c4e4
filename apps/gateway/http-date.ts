let second = 0;
let text = '';

/** The value of a `Date` header; made anew each second. */
export function httpDate(): string {
  const nowMs = Date.now();
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    second = now;
    text = new Date(nowMs).toUTCString();
  }
  return text;
}
