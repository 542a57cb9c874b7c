import { readFileSync } from 'node:fs'

/** The server that this package was downloaded from, if it was: `default-server.json` beside the command. */
export function defaultServer(): string | undefined {
  try {
    const text = readFileSync(new URL('default-server.json', import.meta.url), 'utf8')
    const { web_base } = JSON.parse(text)
    return typeof web_base === 'string' ? web_base : undefined
  } catch {
    return undefined
  }
}
