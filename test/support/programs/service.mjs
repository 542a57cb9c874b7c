// A service of a machine as tests need it: node service.mjs [behaviour] [path]
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const [behaviour = 'answers', path = ''] = process.argv.slice(2)
const { HOME, HOST, PORT, SLIPWAY_SERVICE } = process.env

const lives = () => setInterval(() => undefined, 60_000)
const answers = () =>
  createServer(({ method }, response) => {
    if (method === 'DELETE') process.exit(1)
    response.end(JSON.stringify(process.env))
  }).listen(Number(PORT), HOST)

const behaviours = {
  /** Tells its environment to whoever asks, and ends when it is to be deleted. */
  answers,
  'never-answers': () => {
    console.log('Still loading')
    lives()
  },
  'exits-at-once': () => {
    console.log(`This is all I know: ${JSON.stringify(process.env)}`)
    process.exit(3)
  },
  'ignores-term': () => {
    process.on('SIGTERM', () => undefined)
    answers()
  },
  /** Leaves a process in a session of its own behind. */
  'leaves-grandchild': () => {
    const args = [fileURLToPath(import.meta.url), 'grandchild']
    spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref()
    answers()
  },
  grandchild: lives,
  /** Leaves a process behind that carries no label and could still print. */
  'leaves-stranger': () => {
    const args = [fileURLToPath(import.meta.url), 'grandchild']
    const { pid } = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 1, 1], env: {} })
    writeFileSync(path, String(pid))
    answers()
  },
  /**
   * Prints what it is asked for, byte by byte, what is posted as an error, what is put all at once, and
   * something more when it is told to end.
   */
  prints: () => {
    createServer(async (request, response) => {
      const text = Buffer.from(decodeURIComponent(request.url.slice(1)))
      for (const byte of text) writeSync(request.method === 'POST' ? 2 : 1, Buffer.of(byte))
      for await (const chunk of request) writeSync(1, chunk)
      response.end()
    }).listen(Number(PORT), HOST)
    process.on('SIGTERM', () => {
      writeSync(1, 'Goodbye\n')
      process.exit(0)
    })
  },
  /** Prints as many megabytes as it is asked for, as fast as it can, and then answers. */
  floods: () => {
    const megabyte = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(1024))
    createServer(({ url }, response) => {
      for (let left = Number(url.slice(1)); left > 0; left--)
        for (let at = 0; at < megabyte.length; ) at += writeSync(1, megabyte, at)
      writeSync(1, `The end of ${url}\n`)
      response.end()
    }).listen(Number(PORT), HOST)
  },
  /** Prints number after number until it is told to end. */
  counts: () => {
    let count = 0
    setInterval(() => writeSync(1, `${++count}\n`), 2)
    process.on('SIGTERM', () => {
      writeSync(1, 'Goodbye\n')
      process.exit(0)
    })
    answers()
  },
  /** Answers once the file is there. */
  'waits-for': () => {
    const timer = setInterval(() => {
      if (!existsSync(path)) return
      clearInterval(timer)
      answers()
    }, 20)
  },
}

if (behaviour !== 'grandchild') appendFileSync(`${HOME}/${SLIPWAY_SERVICE}.starts`, `${process.pid}\n`)
behaviours[behaviour]()
