import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { newId } from '../../db/ids'

const run = promisify(execFile)
/** So many are made by one `mkfifo`, as starting a program is what takes time. */
const MADE_AT_ONCE = 8

export interface Pipe {
  /** What is read from. */
  output: FileHandle
  /** What is written to. */
  input: FileHandle
}

const spare: Pipe[] = []
let making: Promise<void> | undefined

/**
 * A real pipe: with the sockets that Node makes, a service couldn't open its own /dev/stdout. Whoever takes it closes
 * both ends.
 * @param path where pipes may have names for a moment
 */
export async function takePipe(path: string): Promise<Pipe> {
  for (;;) {
    const pipe = spare.pop()
    if (pipe) return pipe
    making ??= makePipes(path).finally(() => {
      making = undefined
    })
    await making
  }
}

async function makePipes(path: string): Promise<void> {
  const names = Array.from({ length: MADE_AT_ONCE }, () => `${path}.${newId()}.pipe`)
  try {
    await run('mkfifo', ['-m', '600', ...names])
    for (const name of names) spare.push(await openPipe(name))
  } finally {
    await Promise.all(names.map((name) => rm(name, { force: true })))
  }
}

async function openPipe(name: string): Promise<Pipe> {
  // Opened for both first, as the others would wait for each other.
  const both = await open(name, constants.O_RDWR)
  try {
    return { output: await open(name, constants.O_RDONLY), input: await open(name, constants.O_WRONLY) }
  } finally {
    await both.close()
  }
}
