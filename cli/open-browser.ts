import { spawn } from 'node:child_process'
import type { Cli } from './cli'

/** Shows an address to whoever sits at this machine, if somebody does. @returns whether it was tried */
export function openBrowser({ env, output }: Cli, url: string): boolean {
  if (env.isRemote || output.quiet || !output.columns) return false
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open']
  if (!program) return false
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
  return true
}
