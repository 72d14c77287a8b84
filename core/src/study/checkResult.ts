import { fail } from '../errors.js';
import type { Figure, Mark, StudyResult } from './study.js';

/**
 * Checks what a study returns: at least one claim, tables without ragged rows, marks and metrics of equal
 * lengths, ids without repetition, plain names of files. A fault here is the study's own.
 * @throws `internal` naming the part.
 */
export function checkResult(id: string, result: StudyResult): StudyResult {
  const complain = (problem: string, got: string, expected: string): never =>
    fail({
      code: 'internal',
      where: id,
      problem,
      got,
      expected,
      fix: 'this is a fault of the study: report it with the config',
    });
  if (result.claims.length === 0) complain('the study makes no claim', '0 claims', 'at least one');
  for (const { title, columns, rows } of result.tables) {
    const ragged = rows.find((row) => row.length !== columns.length);
    if (ragged)
      complain(`table ${JSON.stringify(title)} has a ragged row`, `${ragged.length} cells`, `${columns.length}`);
  }
  const ids = result.figures.map((figure) => figure.id);
  const repeated = ids.find((figureId, k) => ids.indexOf(figureId) !== k || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(figureId));
  if (repeated !== undefined)
    complain('a figure id is not usable', JSON.stringify(repeated), 'distinct ids in kebab-case');
  for (const figure of result.figures) checkFigure(figure, complain);
  const file = Object.keys(result.files ?? {}).find((name) => !/^[a-z0-9][a-zA-Z0-9-]*\.[a-z0-9]+$/.test(name));
  if (file !== undefined) complain('a file name is not usable', JSON.stringify(file), 'a name such as model.json');
  const lengths = Object.entries(result.metrics ?? {}).map(([name, values]) => [name, values.length] as const);
  const other = lengths.find(([, length]) => length !== lengths[0][1]);
  if (other) complain(`metric ${other[0]} has another length`, `${other[1]}`, `${lengths[0][1]}, as ${lengths[0][0]}`);
  return result;
}

function checkFigure(figure: Figure, complain: (problem: string, got: string, expected: string) => never): void {
  for (const mark of figure.marks) {
    const lengths = lengthsOf(mark);
    if (lengths.some((length) => length !== lengths[0])) {
      complain(
        `figure ${figure.id}: a ${mark.type} has arrays of different lengths`,
        lengths.join(', '),
        'equal lengths',
      );
    }
  }
  if (figure.marks.length === 0) complain(`figure ${figure.id} is empty`, '0 marks', 'at least one');
}

function lengthsOf(mark: Mark): number[] {
  switch (mark.type) {
    case 'rule':
      return [];
    case 'band':
      return [mark.x.length, mark.low.length, mark.high.length];
    case 'text':
      return [mark.x.length, mark.y.length, mark.text.length];
    default:
      return [mark.x.length, mark.y.length, ...(mark.size ? [mark.size.length] : [])];
  }
}
