import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { optionWithEnv } from '../config.ts';
import { apiKeyOption, dataOption } from '../shared-options.ts';

/** The options of a command that talks to a running fleet: `--url`, `--api-key`, `--data`. */
export function withFleetOptions(command: Command): Command {
  return command
    .addOption(
      optionWithEnv('-u, --url <url>', 'the gateway; without it the fleet on the data folder', {
        variable: 'PARLEY_URL',
        parse: parseUrl,
      }),
    )
    .addOption(apiKeyOption("the fleet's key; without it the one in the data folder"))
    .addOption(dataOption());
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:8080.');
  }
  return text.replace(/\/+$/, '').replace(/\/v1$/, '');
}
