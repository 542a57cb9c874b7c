import { spawn } from 'node:child_process'
import type { Cli } from './cli'
import type { Environment } from './environment'

type Surroundings = Pick<Environment, 'platform' | 'browser' | 'isRemote' | 'hasDisplay'>

/**
 * Opens a page for whoever sits here; whether that works is not found out.
 * @param url http or https
 * @returns whether it was tried
 */
export function openBrowser({ env, output }: Pick<Cli, 'env' | 'output'>, url: string): boolean {
  if (output.quiet || output.mode === 'json') return false
  const command = browserCommand(new URL(url), env)
  if (!command) return false
  const [program = '', ...args] = command
  // No shell reads the address, and nothing that a browser prints or asks comes here.
  const browser = spawn(program, args, { detached: true, stdio: 'ignore', shell: false })
  browser.on('error', () => undefined)
  browser.unref()
  return true
}

/** @returns a program and its arguments; undefined where there is no screen to open it on */
export function browserCommand(
  { protocol, href }: URL,
  { platform, browser, isRemote, hasDisplay }: Surroundings,
): string[] | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  // Editors that work on another machine set it to what opens a page where one sits.
  const chosen = platform === 'win32' ? browser : browser?.split(':')[0]
  if (chosen) {
    const words = chosen.split(/\s+/)
    return words.some((word) => word.includes('%s'))
      ? words.map((word) => word.replaceAll('%s', () => href))
      : [...words, href]
  }
  if (isRemote || !hasDisplay) return undefined
  if (platform === 'darwin') return ['open', href]
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler', href] : ['xdg-open', href]
}
