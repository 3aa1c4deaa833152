/** For specs on a whole stack: whether what went over the wire of Graph is what Microsoft documents. */
import { GraphShapes } from '@sallyport/entra/testing';
import type { SimulatorClient } from './simulator-client';

/** @returns what is wrong in words, also where the simulator could not keep everything */
export async function undocumented(simulator: SimulatorClient, atLeast: number): Promise<string[]> {
  const { exchanges, dropped } = await simulator.graphExchanges();
  const shapes = new GraphShapes();
  for (const exchange of exchanges) shapes.saw(exchange);
  return [
    ...(dropped > 0 ? [`${dropped} exchanges were not kept`] : []),
    ...(exchanges.length < atLeast ? [`only ${exchanges.length} exchanges were kept`] : []),
    ...shapes.problems(),
  ];
}
