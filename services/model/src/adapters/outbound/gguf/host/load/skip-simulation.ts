import { GgufInsights } from 'node-llama-cpp';

const simulations = ['_simulateModelResourceUsage', '_simulateContextResourceUsage'] as const;

/**
 * Keeps node-llama-cpp from loading every model twice: it tries out natively what weights and contexts would take,
 * which is a third of a load (0.3 s of 0.9 s with SmolLM2), to guard memory that was planned before. Its estimates by
 * arithmetic remain. Where the library looks otherwise nothing is changed: loads only take longer.
 */
export function skipSimulation(): void {
  for (const name of simulations) {
    if (typeof Reflect.get(GgufInsights.prototype, name) !== 'function') continue;
    Reflect.set(GgufInsights.prototype, name, () => Promise.resolve(null));
  }
}
