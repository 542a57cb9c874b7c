import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { saveToken } from '~/cli/credentials/write'

/**
 * Saves a login, again and again. Dies before one of the calls that touch the disk, or after some bytes of the file.
 * With `taken`, each file that it has written is gone before it is renamed.
 */
const [file = '', token = '', times = '1', dieAt = '', bytes = '', taken = ''] = process.argv.slice(2)
const CALLS = ['mkdirSync', 'openSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'renameSync'] as const
let calls = 0

for (const name of CALLS) {
  const call = fs[name] as (...args: unknown[]) => unknown
  const dying = (...args: unknown[]) => {
    if (taken && name === 'renameSync') fs.rmSync(String(args[0]))
    if (++calls !== Number(dieAt)) return call(...args)
    if (name === 'writeFileSync') call(args[0], String(args[1]).slice(0, Number(bytes)))
    process.kill(process.pid, 'SIGKILL')
  }
  Object.assign(fs, { [name]: dying })
}
syncBuiltinESMExports()

for (let time = 0; time < Number(times); time++)
  saveToken(file, { token, webBase: 'https://slipway.test', email: null }, () => undefined)
process.stdout.write(String(calls))
