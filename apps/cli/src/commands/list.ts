import { type EntryKind, entryKinds, fail, listOfKind, nearest, type Registry, z } from '@muflow/core';
import type { Terminal } from '../terminal.js';

/** One registered thing as it is listed. */
interface Listed {
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly params?: unknown;
}

/** `muflow list [kind]`: what is registered, with titles and references; `--json` adds the schema of the parameters. */
export function list(
  registry: Registry,
  kind: string | undefined,
  options: { readonly json?: boolean },
  terminal: Terminal,
): number {
  const kinds: readonly string[] = [...entryKinds.map((name) => listOfKind[name]), 'studies', 'plugins'];
  if (kind !== undefined && !kinds.includes(kind)) {
    const near = nearest(kind, kinds);
    fail({
      code: 'unknown-id',
      where: 'muflow list',
      problem: 'there is no such kind',
      got: JSON.stringify(kind),
      expected: `one of ${kinds.join(', ')}`,
      fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'leave it out to list everything',
    });
  }
  const items = listed(registry).filter((item) => kind === undefined || item.kind === kind);
  if (options.json) {
    terminal.out(`${JSON.stringify(items, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(...items.map((item) => item.id.length), 10);
  for (const name of kinds.filter((candidate) => items.some((item) => item.kind === candidate))) {
    terminal.out(`${name}\n`);
    for (const item of items.filter((candidate) => candidate.kind === name)) {
      terminal.out(`  ${item.id.padEnd(width)}  ${item.title}${item.reference === '' ? '' : ` [${item.reference}]`}\n`);
    }
  }
  return 0;
}

function listed(registry: Registry): Listed[] {
  const ofKind = (kind: EntryKind): Listed[] =>
    registry.entries(kind).map(({ id, title, reference, params }) => ({
      kind: listOfKind[kind],
      id,
      title,
      reference,
      params: schemaOf(params),
    }));
  const studies = registry
    .studies()
    .map(({ id, title, reference, params }) => ({ kind: 'studies', id, title, reference, params: schemaOf(params) }));
  const plugins = registry.plugins.map(({ id, version }) => ({
    kind: 'plugins',
    id,
    title: `version ${version}`,
    reference: '',
  }));
  return [...entryKinds.flatMap(ofKind), ...studies, ...plugins];
}

const schemaOf = (params: z.ZodType): unknown => z.toJSONSchema(params, { io: 'input' });
