import type Docker from 'dockerode'
import { LaunchError } from '../../launch-errors'
import { ask, statusOf } from './engine'

/** How often the timeline says how far a pull is. */
const REPORT_EVERY_MS = 5000
/** A registry that says nothing for so long has gone away. */
const SILENCE_MAX_MS = 120_000

/** Made on the spot, by what it says, and in no registry: whatever had its name there would not be ours. */
const OWN_IMAGES = new Map([
  ['slipway-filebrowser', 'npm run filebrowser-image'],
  ['slipway', 'docker compose build'],
])

interface Pull {
  image: string
  report(text: string): void
  signal: AbortSignal
}

interface Line {
  id?: string
  status?: string
  error?: string
  progressDetail?: { current?: number; total?: number }
}

/**
 * Fetches an image from its registry, and says on the timeline how far it is.
 * @throws LaunchError `image_unavailable` when there is none, `registry_unreachable` when that can't be found out
 */
export async function pullImage(docker: Docker, { image, report, signal }: Pull): Promise<void> {
  const madeBy = OWN_IMAGES.get(image.replace(/:latest$/, ''))
  if (madeBy)
    throw new LaunchError(
      'image_unavailable',
      `The image ${image} is not on this Engine. \`${madeBy}\` makes it.`,
    )
  report(`Pulling the image ${image}`)
  const lines = pullLines(docker, image, signal)
  const parts = new Map<string, { current: number; total: number }>()
  let reportedAt = Date.now()
  for await (const line of lines) {
    if (line.error) throw pullError(image, line.error)
    const { current = 0, total = 0 } = line.progressDetail ?? {}
    if (line.id && line.status === 'Downloading') parts.set(line.id, { current, total })
    if (line.id && /complete|already exists/i.test(line.status ?? '')) {
      const whole = parts.get(line.id)?.total ?? 0
      parts.set(line.id, { current: whole, total: whole })
    }
    if (Date.now() - reportedAt < REPORT_EVERY_MS) continue
    reportedAt = Date.now()
    report(`Pulling the image ${image}: ${progress([...parts.values()])}`)
  }
  report(`Pulled the image ${image}`)
}

async function* pullLines(docker: Docker, image: string, signal: AbortSignal): AsyncGenerator<Line> {
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`
  let stream: NodeJS.ReadableStream
  try {
    stream = await ask(docker.pull(tagged, { abortSignal: signal }), { signal, limitMs: SILENCE_MAX_MS })
  } catch (error) {
    if (statusOf(error) === undefined) throw error
    throw pullError(image, (error as Error).message)
  }
  const chunks = stream[Symbol.asyncIterator]()
  let rest = ''
  for (;;) {
    const { value, done } = await ask(chunks.next(), { signal, limitMs: SILENCE_MAX_MS })
    rest += done ? '\n' : String(value)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim()) yield JSON.parse(line) as Line
    if (done) return
  }
}

const MIB = 1024 ** 2

function progress(parts: { current: number; total: number }[]): string {
  const sum = (of: 'current' | 'total') => parts.reduce((bytes, part) => bytes + part[of], 0)
  return `${Math.round(sum('current') / MIB)} of ${Math.round(sum('total') / MIB)} MiB so far`
}

/** What registries say of images that they don't have, or don't give to us. */
const NOT_THERE = /not found|unknown|denied|unauthorized|does not exist|no basic auth|invalid reference/i

const pullError = (image: string, reason: string) =>
  new LaunchError(
    NOT_THERE.test(reason) ? 'image_unavailable' : 'registry_unreachable',
    `The image ${image} is not on this Engine, and could not be pulled: ${reason.trim()}`,
  )
