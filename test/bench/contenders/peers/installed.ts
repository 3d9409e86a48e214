import { createRequire } from "node:module";
import { jaxJs } from "./jax.ts";
import type { Peer } from "./peer.ts";
import { tfjs } from "./tfjs.ts";

interface Family {
  readonly needs: readonly string[];
  readonly members: readonly string[];
  readonly load: () => Promise<Peer[]>;
}

const families: readonly Family[] = [
  {
    needs: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
    members: ["tfjs cpu f32", "tfjs wasm f32"],
    load: tfjs,
  },
  { needs: ["@jax-js/jax"], members: ["jax-js f32", "jax-js f64"], load: jaxJs },
];

function isInstalled({ needs }: Family): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const name of needs) resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The names of the peers that are there, found without loading them: loading changes what V8 does in this process. */
export function installedPeers(): string[] {
  return families.filter(isInstalled).flatMap(({ members }) => members);
}

/** What has to be installed for all peers to be there. */
export function missingPackages(): string[] {
  return families.filter((family) => !isInstalled(family)).flatMap(({ needs }) => needs);
}

/** Loads the installed peers, or those of one name. */
export async function loadPeers(name?: string): Promise<Peer[]> {
  const wanted = families.filter((family) => isInstalled(family) && (!name || family.members.includes(name)));
  const peers = (await Promise.all(wanted.map(({ load }) => load()))).flat();
  return name ? peers.filter((peer) => peer.name === name) : peers;
}
