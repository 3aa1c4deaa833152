import { loadPack, type Pack, type PackSource } from './pack';
import { PackError } from './pack-problem';
import { provable } from './provable-pack';
import { brokenInvariants } from './prove';
import { SearchTooLarge } from './search';

/**
 * Loads a pack and proves it, before a service decides by it. Whoever can change the folder of a running service has
 * passed no review: no edit of theirs may permit what no pack may ever do.
 *
 * @throws PackError for a pack that is refused, breaks an invariant, or about which nothing can be proven
 */
export function loadProvenPack(source: PackSource): Pack {
  const pack = loadPack(source);
  const rules = provable(pack);
  if (Array.isArray(rules)) throw new PackError(pack.name, rules);
  const unproven = unprovenPromises(rules);
  if (unproven.length === 0) return pack;
  throw new PackError(
    pack.name,
    unproven.map((message) => ({
      path: `${pack.name}/pack.yaml`,
      line: 1,
      message,
      remedy: 'run "sallyport policy prove" on its folder: it shows the smallest case',
    })),
  );
}

function unprovenPromises(rules: Parameters<typeof brokenInvariants>[0]): string[] {
  try {
    return brokenInvariants(rules).map(({ id, says }) => `the invariant ${id} is broken: ${says}`);
  } catch (error) {
    if (!(error instanceof SearchTooLarge)) throw error;
    return [`the proof was given up: ${error.message}`];
  }
}
