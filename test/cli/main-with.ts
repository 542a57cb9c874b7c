import { Readable, Writable } from 'node:stream'
import { readEnvironment } from '~/cli/environment'
import { main } from '~/cli/main'

/** What a command writes, kept. */
export function sinks() {
  const said = { stdout: '', stderr: '' }
  const into = (name: keyof typeof said) =>
    new Writable({
      write(text, _encoding, done) {
        said[name] += text
        done()
      },
    })
  return { said, stdout: into('stdout'), stderr: into('stderr') }
}

export const environmentWith = (variables: Record<string, string> = {}) =>
  readEnvironment(
    { NODE_ENV: 'test', ...variables },
    { home: '/nonexistent', hostname: 'here', platform: 'linux' },
  )

/** The command in the test's own process, which takes no time. */
export async function mainWith(
  argv: string[],
  { env, stdin = '{}' }: { env?: Record<string, string>; stdin?: string } = {},
) {
  const { said, ...streams } = sinks()
  const code = await main({
    ...streams,
    argv,
    env: environmentWith(env),
    stdin: Readable.from([stdin]) as NodeJS.ReadStream,
    signal: new AbortController().signal,
    version: '1.2.3',
  })
  return { code, ...said }
}
