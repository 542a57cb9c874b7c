import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { bundled } from './bundle'

type Outcome<T> =
  | { result: T; refused?: never }
  | { result?: never; refused: { message: string; code?: string } }

/** Does the same in four processes at the same moment. */
export async function race<T>(dataDir: string, call: string, ...args: string[]): Promise<Outcome<T>[]> {
  const program = await bundled('test/support/racing-process.ts')
  const racers = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const child = spawn(process.execPath, [program, dataDir, call, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      const lines = createInterface({ input: child.stdout })
      await once(lines, 'line')
      return { child, outcome: once(lines, 'line').then(([line]) => JSON.parse(line) as Outcome<T>) }
    }),
  )
  for (const { child } of racers) child.stdin.write('go\n')
  return Promise.all(racers.map(({ outcome }) => outcome))
}
