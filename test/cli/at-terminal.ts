import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { until } from '../support/until'
import { COMMAND } from './run-command'

/** The command at a terminal of its own, and what the terminal shows: at last the exit code and its settings. */
export function atTerminal(args: string, env: Record<string, string>) {
  const line = `stty cols 80 rows 24; ${process.execPath} ${COMMAND} ${args}; echo "ended with $?"; stty -a`
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm', NODE_ENV: 'production', ...env },
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    shown: () => shown,
    type: (text: string) => child.stdin.write(text),
    prints: (text: string) => until(`the terminal shows ${text}`, () => shown.includes(text)),
  }
}
