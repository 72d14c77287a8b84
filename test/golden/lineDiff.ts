/** Unchanged lines shown around each change. */
const context = 2;

/**
 * The lines that differ between two texts: `-` what was expected, `+` what came, each with its line number,
 * and two unchanged lines around; empty where the texts are equal. Longest common subsequence, O(n m).
 */
export function lineDiff(expected: string, got: string): string {
  const edits = script(expected.split('\n'), got.split('\n'));
  const near = edits.map((_, k) =>
    edits.slice(Math.max(0, k - context), k + context + 1).some(({ sign }) => sign !== ' '),
  );
  return edits
    .flatMap(({ sign, number, line }, k) => {
      if (!near[k]) return [];
      const gap = k > 0 && !near[k - 1] ? ['      …'] : [];
      return [...gap, `${sign} ${String(number).padStart(4)} ${line}`.trimEnd()];
    })
    .join('\n');
}

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly number: number;
  readonly line: string;
}

function script(a: readonly string[], b: readonly string[]): Edit[] {
  // common[i][j]: length of the longest common subsequence of a from i on and b from j on.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      edits.push({ sign: ' ', number: i + 1, line: a[i++] });
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
      edits.push({ sign: '-', number: i + 1, line: a[i++] });
    } else edits.push({ sign: '+', number: j + 1, line: b[j++] });
  }
  return edits;
}
