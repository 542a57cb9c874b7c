import { isAbsolute, join, resolve } from 'node:path'
import type { Environment } from '../environment'

const FILE = 'token.json'

export interface Places {
  /** Where the token is saved and first looked for. */
  file: string
  /** Where RunComfy's own command once saved it; only ever read. */
  legacy: string | undefined
}

/** The order of RunComfy's own command, `RUNCOMFY_TOKEN` aside. */
export function placesOf({ configDir, xdgConfigHome, home, platform }: Environment): Places {
  if (configDir) return { file: resolve(configDir, FILE), legacy: undefined }
  // The specification has a relative path ignored.
  const config = xdgConfigHome && isAbsolute(xdgConfigHome) ? xdgConfigHome : join(home, '.config')
  return {
    file: join(config, 'runcomfy', FILE),
    legacy: platform === 'darwin' ? join(home, 'Library/Application Support/runcomfy', FILE) : undefined,
  }
}
