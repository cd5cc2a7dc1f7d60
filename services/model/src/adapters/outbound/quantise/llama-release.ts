/** The release of llama.cpp inside the pinned node-llama-cpp, for which quantising was written. */
export const llamaRelease = '0.5.0';
