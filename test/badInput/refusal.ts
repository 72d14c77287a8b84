import { isMuflowError, type MuflowError } from '@muflow/core';

const sentence = /^\[[^\]\n]+\] .+, got .+, expected .+\. Fix: .+[.?]$/s;

/** Why an error is no refusal in the words of the house, or null where it is one. */
export function faultOfRefusal(error: unknown): string | null {
  if (!isMuflowError(error)) return `another exception: ${String(error).slice(0, 300)}`;
  const { message, code } = error;
  if (code === 'internal') return `a broken invariant: ${message}`;
  if (!sentence.test(message)) return `a message of another form: ${message}`;
  if (/\[object [A-Z]/.test(message)) return `a message that shows no value: ${message}`;
  if (message.length > 6000) return `a message of ${message.length} characters: ${message.slice(0, 200)}…`;
  return null;
}

/** Why the refusal of a text of `length` characters points nowhere, or null. */
export function faultOfColumn(error: MuflowError, length: number): string | null {
  const { column } = error.details;
  if (error.path !== `column ${String(column)}`) return `no column in the path: ${error.message}`;
  const inside = Number.isInteger(column) && Number(column) >= 1 && Number(column) <= length + 1;
  return inside ? null : `column ${String(column)} of ${length} characters: ${error.message}`;
}
