import { radiusOf } from './charts.js';
import type { CertifiedMinimum, MinimumProblem } from './minimumProblem.js';
import { keptByFormula, problemTerms } from './problemTerms.js';
import { scalarGraph } from './scalarGraph.js';
import { type SphereProgram, sphereProgram } from './sphereProgram.js';
import { atomsOf } from './weightedAtoms.js';

/** Minima that need no search: quadratics on spheres. Null for all else. */
export function exactMinimum(problem: MinimumProblem): Omit<CertifiedMinimum, 'status'> | null {
  const program = sphereFor(problem);
  if (program === null) return null;
  program.prepare(atomsOf(problem));
  const found = program.minimum();
  if (found === null) return null;
  const radius = radiusOf(problem.space);
  return { lower: found.lower, upper: found.upper, at: found.at.map((t) => radius * t), cells: 1, method: 'quadratic' };
}

const sphereFor = keptByFormula((problem): SphereProgram | null => {
  const { space } = problem;
  if (space.kind !== 'sphere') return null;
  const graph = scalarGraph();
  const point = Array.from({ length: space.dim }, (_, k) => graph.free(k));
  return sphereProgram(graph, problemTerms(graph, problem, point), { dim: space.dim, radius: radiusOf(space) });
});
