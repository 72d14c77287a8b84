import type { ServiceIdentifier } from 'inversify';
import type { Backend } from '../compute/backend.js';
import type { Registry } from './registry.js';

/** Names of services that a plugin's module may bind or ask for. */
export const tokens = {
  backend: Symbol.for('muflow/backend') as ServiceIdentifier<Backend>,
  registry: Symbol.for('muflow/registry') as ServiceIdentifier<Registry>,
  /** A clock in milliseconds, for progress only; wall-clock never enters numerics. */
  clock: Symbol.for('muflow/clock') as ServiceIdentifier<() => number>,
  /** Where notices go. */
  logger: Symbol.for('muflow/logger') as ServiceIdentifier<Logger>,
} as const;

export interface Logger {
  notice(message: string): void;
}
