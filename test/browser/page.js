import { work } from './work.js';

/** Works where it is loaded, in a page or in a worker of one; the page tells the server both. */
const answer = () => {
  try {
    return work({ threads: 2 });
  } catch (error) {
    return { error: `${error.stack ?? error}` };
  }
};

if (typeof document === 'undefined') {
  postMessage(answer());
} else {
  const worker = new Worker(import.meta.url, { type: 'module' });
  const inWorker = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: message ?? 'the worker did not load' });
  });
  worker.terminate();
  const body = JSON.stringify({ isolated: crossOriginIsolated, page: answer(), worker: inWorker });
  await fetch('/result', { method: 'POST', body });
}
