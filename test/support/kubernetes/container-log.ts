import type { Readable } from 'node:stream'

interface Entry {
  time: bigint
  bytes: Buffer
}

/** What a container runtime cuts longer lines into: containerd's max_container_log_line_size. */
const LINE_BYTES_MAX = 16 * 1024
const NEWLINE = 10
const LINE_END = Buffer.of(NEWLINE)

const BEGUN_AT = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
const now = () => BEGUN_AT + process.hrtime.bigint()

const rfc3339Nano = (time: bigint) =>
  `${new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19)}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`

export interface LogOptions {
  timestamps: boolean
  follow: boolean
  sinceTime: string | null
  sinceSeconds: number
  tailLines: number | undefined
  limitBytes: number | undefined
}

/**
 * What a container printed, as a container runtime writes it down: line by line, the two outputs apart, a line
 * without an end only once the output has ended.
 */
export class ContainerLog {
  private readonly entries: Entry[] = []
  private readonly listeners = new Set<() => void>()
  private left = 0
  private isClosed = false

  constructor(outputs: readonly Readable[]) {
    this.left = outputs.length
    for (const output of outputs) this.record(output)
  }

  private record(output: Readable) {
    let rest = Buffer.alloc(0)
    output.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        const at = rest.indexOf(NEWLINE)
        const size =
          at >= 0 && at <= LINE_BYTES_MAX ? at + 1 : rest.length > LINE_BYTES_MAX ? LINE_BYTES_MAX : 0
        if (!size) break
        this.entries.push({ time: now(), bytes: rest.subarray(0, size) })
        rest = rest.subarray(size)
      }
      this.wake()
    })
    output.on('close', () => {
      if (rest.length) this.entries.push({ time: now(), bytes: Buffer.concat([rest, LINE_END]) })
      if (--this.left === 0) this.isClosed = true
      this.wake()
    })
  }

  /** Resolves once all that was printed is written down. */
  async closed(): Promise<void> {
    while (!this.isClosed) await this.change()
  }

  private wake() {
    for (const listener of [...this.listeners]) listener()
  }

  private change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.listeners.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.listeners.add(done)
      signal?.addEventListener('abort', done, { once: true })
      if (signal?.aborted) done()
    })
  }

  /** As the API serves it; a line that was cut is whole again, under the time of its first part. */
  async *read(options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
    // Whole seconds, whatever is asked for: https://github.com/kubernetes/kubernetes/issues/92389
    const asked = options.sinceTime ? Date.parse(options.sinceTime) : 0
    const since = options.sinceSeconds
      ? now() - BigInt(options.sinceSeconds) * 1_000_000_000n
      : BigInt(Math.floor(asked / 1000)) * 1_000_000_000n
    let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY
    let beginsLine = true
    for (let at = this.tailFrom(options.tailLines); bytesLeft > 0 && !signal.aborted; ) {
      const entry = this.entries[at]
      if (!entry) {
        if (!options.follow || this.isClosed) return
        await this.change(signal)
        continue
      }
      at++
      if (entry.time < since) continue
      const prefix = options.timestamps && beginsLine ? `${rfc3339Nano(entry.time)} ` : ''
      const piece = Buffer.concat([Buffer.from(prefix), entry.bytes]).subarray(0, bytesLeft)
      bytesLeft -= piece.length
      beginsLine = entry.bytes.at(-1) === NEWLINE
      yield piece
    }
  }

  private tailFrom(lines: number | undefined): number {
    if (lines === undefined) return 0
    let at = this.entries.length
    for (let left = lines; at > 0; at--) {
      const ends = this.entries[at - 1]?.bytes.at(-1) === NEWLINE
      if (ends && left-- === 0) break
    }
    return at
  }
}
