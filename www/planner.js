// The worker that plans long prompts, so that the page stays free for keys and clicks. It imports
// the same package and loads the same vocabularies as the page; it sends nothing.
//
// Takes `{ id, ask, vocabularies, baseUrl, budget }`; answers `{ id, step }` for each step of planning.js,
// then `{ id, done: true }`; or `{ id, trouble }`. A newer question ends the older one, one without
// `ask` too.

import init, { Client, loadVocabulary } from "./promptfare/promptfare.js";
import { planning } from "./planning.js";

let started = null;
let newest = 0;
const loaded = new Map();

/** Loads a vocabulary once; without it, counts are estimates and say so. */
function load(name) {
  if (!loaded.has(name)) loaded.set(name, loadVocabulary(name).catch(() => loaded.delete(name)));
  return loaded.get(name);
}

/** Lets newer questions in. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

async function answer({ id, ask, vocabularies, baseUrl, budget }) {
  started ??= init();
  await started;
  await Promise.all(vocabularies.map(load));
  await pause();
  if (id !== newest) return;
  const client = await Client.create({ baseUrl, ...(budget === undefined ? {} : { budget }) });
  try {
    for (const step of planning(client, ask)) {
      postMessage({ id, step });
      await pause();
      if (id !== newest) return;
    }
    postMessage({ id, done: true });
  } finally {
    client.free();
  }
}

addEventListener("message", ({ data }) => {
  newest = data.id;
  if (data.ask !== null) answer(data).catch((trouble) => postMessage({ id: data.id, trouble: trouble.message }));
});
