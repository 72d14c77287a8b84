// A run as a stream: rxjs operators on its frames, and unsubscribing stops the computation.
import {
  energyRecorder,
  every,
  gaussian,
  gradientFlow,
  interactionEnergy,
  rk4,
  speedRecorder,
  stream,
  untilStationary,
  wasserstein,
} from '@muflow/core';
import { lastValueFrom, map, scan, take } from 'rxjs';

// Attraction from afar and repulsion nearby: atoms settle on a circle.
const energy = interactionEnergy({ kernel: 'norm2(x - y)^2/4 - norm2(x - y)/2', dim: 2 });
const problem = { flow: gradientFlow(energy, wasserstein()), initial: gaussian({ dim: 2, n: 20, key: 7 }) };
const plan = {
  stepper: rk4(),
  dt: 0.05,
  maxTime: 1000,
  record: { every: 1, recorders: [energyRecorder(), speedRecorder()] },
};
const frames = stream(problem, plan);

// Nothing runs before someone subscribes, and every subscriber has a run of its own, with the same bytes.
const settled = await lastValueFrom(frames.pipe(untilStationary({ tolerance: 1e-6 })));
console.log(`settled: ${settled.values.speed < 1e-6}, long before the end: ${settled.time < 100}`); // => settled: true, long before the end: true

const drops = frames.pipe(
  every(10),
  map(({ values }) => values.energy),
  scan(([, last], next): [boolean, number] => [next <= last, next], [true, Number.POSITIVE_INFINITY] as [
    boolean,
    number,
  ]),
  map(([falls]) => falls),
  take(5),
);
const seen = await new Promise<boolean[]>((resolve) => {
  const list: boolean[] = [];
  drops.subscribe({ next: (falls) => list.push(falls), complete: () => resolve(list) });
});
console.log(`the energy falls: ${seen.join(' ')}`); // => the energy falls: true true true true true

// Unsubscribing cancels: no step is taken after the 20th frame.
const last = await new Promise<number>((resolve) => {
  const subscription = frames.subscribe(({ step }) => {
    if (step < 20) return;
    subscription.unsubscribe();
    setTimeout(() => resolve(step), 20);
  });
});
console.log(`cancelled at step ${last}`); // => cancelled at step 20
