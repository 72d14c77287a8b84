import { decimalAt, fail, show } from '@muflow/core';
import { type CsvRows, csvRows, listed } from './csvRows.js';
import { type SetBatch, setBatchFromArrays } from './setBatch.js';

export interface ImageSetsOptions {
  /** Pixels of a row and of a column of every image. */
  readonly width: number;
  readonly height: number;
  /** S * height * width, row by row from the top, >= 0. */
  readonly intensities: Float64Array;
  /** The intensity of white, > 0; default the largest of all images. */
  readonly white?: number;
  /** Pixels at or below this share of white are left out, in [0, 1); default 0.5. */
  readonly threshold?: number;
  /** At most so many points an image, the brightest, the upper left ones among equals; default all. */
  readonly most?: number;
  /** Whether masses are the intensities; default true. Otherwise points are plain. */
  readonly weighted?: boolean;
  readonly ids?: readonly string[];
}

/**
 * Images as clouds of points in the square `[-1, 1]^2`: a point at the center of every bright pixel, the first coordinate
 * to the right, the second up.
 *
 * @throws `shape-mismatch` where the intensities fill no images, `invalid-argument` for a negative intensity, an option
 * out of range and an image without a bright pixel.
 */
export function imageSets(options: ImageSetsOptions, where = 'imageSets'): SetBatch {
  const { width, height, intensities, threshold = 0.5, most = Infinity, weighted = true } = options;
  const size = width * height;
  const count = intensities.length / size;
  if (!(Number.isInteger(count) && count >= 1 && Number.isInteger(width) && width >= 1)) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the intensities fill no images',
      got: `${intensities.length} numbers for ${show(width)} by ${show(height)} pixels`,
      expected: 'width times height numbers for every image',
      fix: 'pass the width and the height of the images',
    });
  }
  const white = options.white ?? whiteOf(intensities);
  if (!(threshold >= 0 && threshold < 1 && most >= 1 && white >= 0)) {
    refuse(where, 'white, threshold or most is not usable', {
      got: `white ${show(white)}, threshold ${show(threshold)}, most ${show(most)}`,
      expected: 'white > 0, a threshold in [0, 1) and at least one point',
      fix: 'leave them out for the defaults',
    });
  }
  const wrong = intensities.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) {
    refuse(where, `image ${Math.floor(wrong / size)}, pixel ${wrong % size} has no usable intensity`, {
      got: show(intensities[wrong]),
      expected: 'a finite number >= 0',
      fix: 'correct the image',
    });
  }
  const dark = threshold * white;
  const ids = options.ids ?? Array.from({ length: count }, (_, s) => String(s));
  const offsets = new Int32Array(count + 1);
  const chosen: number[] = [];
  for (let s = 0; s < count; s++) {
    for (const at of brightPixels(intensities, s * size, size, { dark, most })) chosen.push(at);
    offsets[s + 1] = chosen.length;
    if (offsets[s + 1] === offsets[s]) {
      refuse(where, `image ${show(ids[s])} has no bright pixel`, {
        got: `no intensity above ${show(dark)}`,
        expected: `a pixel above ${threshold} of white, ${show(white)}`,
        fix: 'lower the threshold, or leave the image out',
      });
    }
  }
  const points = new Float64Array(2 * chosen.length);
  chosen.forEach((at, i) => {
    const pixel = at % size;
    points[2 * i] = (2 * (pixel % width) + 1) / width - 1;
    points[2 * i + 1] = 1 - (2 * Math.floor(pixel / width) + 1) / height;
  });
  const masses = Float64Array.from(chosen, (at) => (weighted ? intensities[at] : 1));
  return setBatchFromArrays({ dim: 2, offsets, points, masses, ids }, where);
}

const whiteOf = (intensities: Float64Array): number =>
  intensities.reduce((brightest, value) => Math.max(brightest, value), 0);

/** Places of the pixels of one image that are brighter than `dark`, the brightest where there are more than `most`. */
function brightPixels(
  intensities: Float64Array,
  start: number,
  size: number,
  { dark, most }: { readonly dark: number; readonly most: number },
): number[] {
  const bright: number[] = [];
  for (let at = start; at < start + size; at++) if (intensities[at] > dark) bright.push(at);
  if (bright.length <= most) return bright;
  return bright.sort((a, b) => intensities[b] - intensities[a] || a - b).slice(0, most);
}

export interface CsvImagesOptions extends Omit<ImageSetsOptions, 'intensities' | 'ids' | 'width' | 'height'> {
  /** Column of the classes, by name or by number from 0; default 0; null where there is none. */
  readonly label?: string | number | null;
  /** Default square images. */
  readonly width?: number;
}

/** Images of a table with their classes. */
export interface LabeledImages {
  readonly batch: SetBatch;
  /** One an image; none where there is no column of classes. */
  readonly labels: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly white: number;
}

/**
 * Images of a table with one row an image: its class, and its intensities from the top left pixel, row by row. This is how
 * digits are often given. Ids of the sets are the numbers of the rows from 0.
 *
 * @throws `parse` naming the line of a cell that is no number, and what {@link imageSets} refuses.
 */
export function imagesFromCsv(text: string, options: CsvImagesOptions = {}, where = 'imagesFromCsv'): LabeledImages {
  const { label = 0, ...rest } = options;
  const { rows, labelColumn, line } = imageRows(text.replace(/^\uFEFF/, ''), label, where);
  const columns = rows.header.length;
  const pixels = columns - (labelColumn < 0 ? 0 : 1);
  const width = options.width ?? Math.sqrt(pixels);
  const height = pixels / width;
  if (!(Number.isInteger(width) && width >= 1 && Number.isInteger(height) && height >= 1)) {
    refuse(where, 'the columns are no images', {
      got: `${pixels} columns of intensities, width ${show(width)}`,
      expected: 'as many columns as width times height, a square number where no width is stated',
      fix: 'state the width of the images',
    });
  }
  const intensities = new Float64Array(rows.count * pixels);
  for (let row = 0, at = 0; row < rows.count; row++) {
    for (let k = 0; k < columns; k++) {
      if (k === labelColumn) continue;
      const value = rows.values[row * columns + k];
      if (!Number.isFinite(value)) {
        refuse(where, `line ${line(row)}, column ${show(rows.header[k])} is no finite number`, {
          got: show(rows.firstWord(k)?.text ?? value),
          expected: 'an intensity >= 0',
          fix: 'correct that place in the file',
        });
      }
      intensities[at++] = value;
    }
  }
  const white = options.white ?? whiteOf(intensities);
  const batch = imageSets({ ...rest, width, height, intensities, white }, where);
  return { batch, labels: rows.texts(labelColumn), width, height, white };
}

interface ImageRows {
  readonly rows: CsvRows;
  readonly labelColumn: number;
  /** Line of the file at which a row starts. */
  line(row: number): number;
}

/** Reads the table; where its first line is an image already, columns are called `x0`, `x1`, ... */
function imageRows(text: string, label: string | number | null, where: string): ImageRows {
  const first = text
    .split(/\r?\n/, 1)[0]
    .split(',')
    .map((name) => name.trim());
  const headless = first.every((name, k) => k === label || Number.isFinite(decimalAt(name, 0, name.length)));
  const header = headless ? first.map((_, k) => `x${k}`) : first;
  const name = typeof label === 'number' ? header[label] : label;
  if (name === undefined || (name !== null && !header.includes(name))) {
    refuse(where, 'there is no such column of classes', {
      got: show(label),
      expected: `a number from 0 to ${header.length - 1}, or one of ${listed(header)}`,
      fix: 'name the column of classes',
    });
  }
  const rows = csvRows(headless ? `${header.join(',')}\n${text}` : text, name === null ? [] : [name], where);
  const labelColumn = name === null ? -1 : header.indexOf(name);
  return { rows, labelColumn, line: (row) => rows.lines[row] - (headless ? 1 : 0) };
}

function refuse(
  where: string,
  problem: string,
  parts: { readonly got: string; readonly expected: string; readonly fix: string },
): never {
  return fail({ code: 'invalid-argument', where, problem, ...parts });
}
