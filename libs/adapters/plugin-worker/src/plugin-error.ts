const MAX_MESSAGE = 500;

/** What is told of something that a plugin threw, in one line. */
export function messageOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message : String(error);
    return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, MAX_MESSAGE);
  } catch {
    return 'something that cannot be shown';
  }
}

/** Whether a plugin says by what it threw that the call cannot be answered as it stands. */
export function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'INPUT_INVALID';
}
