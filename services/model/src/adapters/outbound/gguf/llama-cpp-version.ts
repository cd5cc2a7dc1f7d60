/** The release of node-llama-cpp whose internals the stepper was written and measured against. */
export const llamaCppVersion = '3.22.1';
