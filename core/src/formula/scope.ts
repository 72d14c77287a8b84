import type { Role } from './expression.js';

/** What the names in a formula text stand for. */
export interface Scope {
  readonly variables: Readonly<Record<string, { readonly role: Role; readonly size?: number }>>;
  /** Named constants besides `pi` and `e`. */
  readonly constants?: Readonly<Record<string, number>>;
}
