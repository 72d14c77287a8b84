/** Texts of more characters than this are written beside a config, not into it. */
const longest = 65_536;

/** A config as it is written, and the files that it refers to. */
export interface StoredConfig {
  readonly config: unknown;
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * A config whose long texts, such as tables, stand in files beside it: `{ "$file": "table.txt" }` in their place, which
 * reads back as the text. The name is that of the parameter, with a number where it is taken.
 */
export function storedConfig(config: unknown): StoredConfig {
  const files: Record<string, string> = {};
  const store = (text: string, key: string): unknown => {
    const name = key.replace(/[^A-Za-z0-9]/g, '') || 'text';
    let file = `${name}.txt`;
    for (let k = 2; Object.hasOwn(files, file) && files[file] !== text; k++) file = `${name}-${k}.txt`;
    files[file] = text;
    return { $file: file };
  };
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return value.length > longest ? store(value, key) : value;
    if (Array.isArray(value)) return value.map((item) => visit(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item, name)]));
  };
  return { config: visit(config, 'text'), files };
}
