const MAX_LENGTH = 60;

/**
 * A value from outside as words of an error message: short and well formed, whatever it is. Texts are quoted; of arrays and objects only
 * the kind is told, because to make text of them may be costly, endlessly deep, or code of theirs.
 */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(clipped(value));
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    default:
      return clipped(String(value));
  }
}

function clipped(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH).toWellFormed()}…`;
}
