// How far are two clouds apart, and along which path? Distances come with proven bounds.
import { euclidean, measure, wassersteinDistance, wassersteinGeodesic, wfrDistance, wfrGeodesic } from '@muflow/core';

const cloud = (positions: number[], masses: number[]) =>
  measure({ space: euclidean(1), positions, masses, kind: 'positive' });
const mu = cloud([0, 0.5, 4], [0.4, 0.4, 0.2]);
const nu = cloud([0.3, 0.8, 9], [0.4, 0.4, 0.2]);

// W2 has to carry the far atom over; WFR lets it vanish at 4 and appear at 9, beyond the cut-off pi / sqrt(alpha).
const w2 = wassersteinDistance(mu, nu);
const wfr = wfrDistance(mu, nu, { alpha: 4 });
for (const { lower, value, upper } of [w2, wfr]) {
  if (!(lower <= value && value <= upper && upper - lower < 1e-12)) throw new Error('the bounds do not hold');
}
console.log(w2.squared.toFixed(4), wfr.squared.toFixed(4)); // => 5.0720 0.4710

const places = (path: (t: number) => typeof mu) => Array.from(path(0.5).positions, (x) => x.toFixed(2)).join(' ');
console.log(places(wassersteinGeodesic(mu, nu))); // => 0.15 0.65 6.50
console.log(places(wfrGeodesic(mu, nu, { alpha: 4 }))); // => 0.15 0.40 0.65 4.00 9.00
