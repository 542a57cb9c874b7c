import { readFileSync } from 'node:fs'
import { CliError, EXIT } from './exits'
import { serverAddress } from './server-address'

const FILE = 'default-server.json'

/**
 * The server that this command was installed from; see app/server/cli-package.ts.
 * @param folder the one that the bundle lies in
 * @returns its origin; undefined for a command that came from a checkout
 * @throws CliError when the package is damaged
 */
export function defaultServer(folder: URL | string = new URL('.', import.meta.url)): string | undefined {
  let text: string
  try {
    text = readFileSync(new URL(FILE, folder), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw damaged()
  }
  return serverAddress(webBaseOf(text), FILE)
}

function webBaseOf(text: string): string {
  try {
    return String(JSON.parse(text).web_base)
  } catch {
    throw damaged()
  }
}

const damaged = () =>
  new CliError(EXIT.failed, `${FILE} of this command can't be read. Install it again, or give --web-base.`)
