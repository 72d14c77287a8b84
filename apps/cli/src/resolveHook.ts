/** A resolver of Node: what a plugin cannot find of muflow in its own folders is found from the command. */

interface Context {
  readonly parentURL?: string;
}

type Next = (specifier: string, context: Context) => Promise<unknown>;

let fallback: string | undefined;

export function initialize(data: { readonly fallback: string }): void {
  fallback = data.fallback;
}

export async function resolve(specifier: string, context: Context, next: Next): Promise<unknown> {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!specifier.startsWith('@muflow/') || fallback === undefined) throw error;
    return next(specifier, { ...context, parentURL: fallback });
  }
}
