import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Kills the process right before one of its changes to files, counted from 1. */
const killedAt = Number(process.env.KILLED_AT)
let changes = 0

/** @param {Record<string, any>} module @param {string} name */
function count(module, name) {
  const change = module[name]
  module[name] = (/** @type {any[]} */ ...args) => {
    if (++changes === killedAt) process.kill(process.pid, 'SIGKILL')
    return change(...args)
  }
}

for (const name of ['mkdirSync', 'openSync', 'renameSync', 'rmSync', 'writeFileSync', 'createWriteStream'])
  count(fs, name)
for (const name of ['open', 'copyFile']) count(fs.promises, name)
syncBuiltinESMExports()
