import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temp-folder'
import { type RunOptions, runProgram, runWatched } from './run-command'

/** A place of its own for npm to install into, without any registry. */
export function openNpm() {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const env = {
    HOME: folder.path,
    npm_config_prefix: join(folder.path, 'prefix'),
    npm_config_cache: join(folder.path, 'cache'),
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_fetch_retries: '0',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
  return {
    folder: folder.path,
    npm: (...args: string[]) => runProgram('npm', args, { env }),
    /** The installed command, by its name. */
    runcomfy: (args: string[], { env, ...options }: RunOptions = {}) =>
      runWatched(join(folder.path, 'prefix/bin/runcomfy'), args, {
        ...options,
        env: { HOME: folder.path, ...env },
      }),
  }
}
