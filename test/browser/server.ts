import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, normalize } from 'node:path';

const root = normalize(join(import.meta.dirname, '..', '..'));

/** A server of the repository's built files, as a page would load them from a host of its own. */
export interface PageServer {
  readonly url: string;
  /** What the page sends when it is done. */
  readonly result: Promise<string>;
  close(): void;
}

/**
 * Serves modules unbundled: a package's name becomes the address of its entry, found as Node finds it. `isolated` adds
 * the headers that let a page share memory between threads.
 */
export async function servePage({ isolated }: { readonly isolated: boolean }): Promise<PageServer> {
  let tell: (body: string) => void = () => undefined;
  const result = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const server: Server = createServer((request, response) => {
    const headers = isolated
      ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
      : {};
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/result') {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => {
        response.end();
        tell(body);
      });
    } else if (path === '/') {
      const page = '<!doctype html><title>muflow</title><script type="module" src="/test/browser/page.js"></script>';
      response.writeHead(200, { ...headers, 'Content-Type': 'text/html' }).end(page);
    } else sendModule(response, path, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    result,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function sendModule(response: ServerResponse, path: string, headers: Record<string, string>): void {
  const file = [path, `${path}.js`].map((name) => join(root, normalize(name))).find(isFile);
  if (file === undefined || !file.startsWith(root)) {
    response.writeHead(404).end();
    return;
  }
  const code = readFileSync(file, 'utf8').replace(
    /(\bfrom\s*|\bimport\s*)(['"])([^'"./][^'"]*)\2/g,
    (_, before: string, quote: string, name: string) => `${before}${quote}${addressOf(name, file)}${quote}`,
  );
  response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' }).end(code);
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** The address of a package's entry as seen from a file; the name itself where it is none, as in a comment. */
function addressOf(specifier: string, from: string): string {
  const parts = specifier.split('/');
  const name = parts.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  for (let folder = dirname(from); folder.startsWith(root); folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) {
      const home = dirname(realpathSync(manifest));
      const entry = entryOf(JSON.parse(readFileSync(manifest, 'utf8')), ['.', ...parts].join('/'));
      return join(home, entry).slice(root.length);
    }
    if (folder === root) break;
  }
  return specifier;
}

type Exports = string | { readonly [condition: string]: Exports };

interface Manifest {
  readonly module?: string;
  readonly main?: string;
  readonly exports?: Exports;
}

/** What a browser's tools take: the `module` entry where there is one, else the exports for browsers and modules. */
function entryOf({ module, main, exports }: Manifest, path: string): string {
  if (path === '.' && module !== undefined) return module;
  if (exports === undefined) return path === '.' ? (main ?? 'index.js') : path;
  const start = typeof exports === 'string' || !(path in exports) ? exports : exports[path];
  return fileOf(start) ?? main ?? 'index.js';
}

function fileOf(exports: Exports): string | undefined {
  if (typeof exports === 'string') return exports;
  for (const condition of ['browser', 'es2015', 'import', 'module', 'default']) {
    const found = condition in exports ? fileOf(exports[condition]) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
