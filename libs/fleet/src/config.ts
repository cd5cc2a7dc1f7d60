/** What the services inherit when the caller of `startFleet` gives no environment of its own. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
