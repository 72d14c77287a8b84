import type { Expression } from '../formula/expression.js';
import type { CoordinateNames, MinimumProblem } from './minimumProblem.js';
import { type ScalarGraph, scalarize } from './scalarGraph.js';
import { separateTerms, type Term } from './separateTerms.js';
import { total } from './weightedAtoms.js';

/** The payoff of a problem as a sum of products, the given nodes standing for the free point. */
export function problemTerms(
  graph: ScalarGraph,
  { formula, variables, against }: MinimumProblem,
  point: readonly number[],
): readonly Term[] {
  const others = against?.variables ?? [];
  const atoms = Array.from({ length: total(others) }, (_, k) => graph.atom(k));
  return separateTerms(graph, scalarize(graph, formula, { ...bind(variables, point), ...bind(others, atoms) }));
}

/** Cuts consecutive nodes into variables. */
function bind(names: readonly CoordinateNames[], nodes: readonly number[]): Record<string, readonly number[]> {
  let start = 0;
  return Object.fromEntries(
    names.map(({ name, size }) => {
      start += size;
      return [name, nodes.slice(start - size, start)];
    }),
  );
}

/** Makes something of a problem that does not depend on its atoms once, and keeps it as long as the formula lives. */
export function keptByFormula<T>(make: (problem: MinimumProblem) => T): (problem: MinimumProblem) => T {
  const kept = new WeakMap<Expression, Map<string, T>>();
  const text = (names: readonly CoordinateNames[]): string => names.map(({ name, size }) => `${name}:${size}`).join();
  return (problem) => {
    const { formula, space, variables, against } = problem;
    const key = `${space.name}|${text(variables)}|${text(against?.variables ?? [])}`;
    const known = kept.get(formula) ?? new Map<string, T>();
    kept.set(formula, known);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(problem);
    known.set(key, made);
    return made;
  };
}
