import type { ContainerModule } from 'inversify';
import type { ZodType } from 'zod';
import type { Backend } from '../compute/backend.js';
import type { Energy, Game } from '../energy/energy.js';
import type { Jump } from '../flow/flow.js';
import type { Measure } from '../measure/measure.js';
import type { Metric } from '../metric/metric.js';
import type { Recorder } from '../run/problem.js';
import type { Space } from '../space/space.js';
import type { Stepper } from '../stepper/stepper.js';
import type { Study } from '../study/study.js';

/** What a registered factory may ask for. */
export interface CreateContext {
  readonly backend: Backend;
  /** Tells the user something once, such as what is used in place of what the host lacks. */
  readonly notice: (message: string) => void;
  /** Resolves another registered thing by kind and id, e.g. a stepper inside a splitting. */
  resolve<K extends EntryKind>(kind: K, id: string, params?: unknown): EntryProduct[K];
}

/** A registered factory: parameters are validated by `params` before `create` sees them. */
export interface Entry<Product, Params = unknown> {
  /** Kebab-case, prefixed by the plugin: `zero-sum/torus`. */
  readonly id: string;
  readonly title: string;
  /** Key of docs/references.bib, with section or equation. */
  readonly reference: string;
  readonly params: ZodType<Params>;
  create(params: Params, context: CreateContext): Product;
  /** Parameters that the laws are run on besides the defaults `{}`; required where `{}` is not valid. */
  readonly examples?: readonly unknown[];
}

/** What each kind of entry makes. */
export interface EntryProduct {
  readonly space: Space;
  readonly energy: Energy;
  readonly metric: Metric;
  readonly stepper: Stepper;
  readonly game: Game;
  readonly initial: Measure;
  readonly jump: Jump;
  readonly recorder: Recorder;
  readonly backend: Backend;
}

export type EntryKind = keyof EntryProduct;

/** A plugin is a plain object. */
export interface Plugin {
  /** Kebab-case; the prefix of every id it registers. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  /** Other plugins, by id, with a semantic version range such as `^0.1.0`; `core` is allowed. */
  readonly requires?: Readonly<Record<string, string>>;
  readonly spaces?: readonly Entry<Space>[];
  readonly energies?: readonly Entry<Energy>[];
  readonly metrics?: readonly Entry<Metric>[];
  readonly steppers?: readonly Entry<Stepper>[];
  readonly games?: readonly Entry<Game>[];
  readonly jumps?: readonly Entry<Jump>[];
  readonly initials?: readonly Entry<Measure>[];
  readonly recorders?: readonly Entry<Recorder>[];
  readonly backends?: readonly Entry<Backend>[];
  readonly studies?: readonly Study[];
  /** Services with a lifetime (clock, logger, store, worker pool). */
  readonly module?: ContainerModule;
}
