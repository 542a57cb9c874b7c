import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { formatBytes } from '../../format-bytes'
import type { WorkerMetrics } from '../../telemetry/worker-metrics'
import type { ModelSource } from '../../workflows/definition'
import type { Missing } from '../comfyui/comfyui'
import { type FileManagerRefusal, fileManager, type ManagedDownload } from './file-manager'
import { filesToBring, modelsMissing, type WantedFile } from './missing-files'
import { oneLine } from './one-line'
import { RequestError } from './request-error'

const LOOK_EVERY_MS = 1000
/** So many looks in a row may stay without an answer. */
const SILENT_MAX = 10

export interface ModelFileDeps {
  logger: Logger
  metrics: Pick<WorkerMetrics, 'modelFiles'>
  lookEveryMs?: number
}

/**
 * Has the machine's own file manager download the model files that a machine lacks. Called again after a crash it
 * goes on with what was begun, also by somebody else. An abort ends the waiting, not the downloads.
 * @param machine address of its file manager, undefined when it has none
 * @throws RequestError `models_missing` that names every file without a source, before anything is downloaded;
 *   `download_failed` with the file and the cure; `internal` when the file manager stays silent
 */
export async function bringModelFiles(
  { logger, metrics, lookEveryMs = LOOK_EVERY_MS }: ModelFileDeps,
  machine: { filebrowser: string | undefined; files: Missing['files']; sources: readonly ModelSource[] },
  report: (progress: number | null, text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const wanted = filesToBring(machine.files, machine.sources)
  if (!wanted.length) return
  if (machine.filebrowser === undefined) throw modelsMissing(machine.files)
  const manager = fileManager(machine.filebrowser, signal)
  const begun = await beginAll(manager, wanted, metrics)
  logger.info({ files: wanted.length }, 'model files are downloaded for a request')
  for (let silent = 0; ; ) {
    try {
      const list = await manager.list()
      silent = 0
      const standing = begun.map((one) => standingOf(one, list))
      if (standing.every(({ isThere }) => isThere))
        return metrics.modelFiles.inc({ result: 'arrived' }, standing.length)
      report(...progressOf(standing))
    } catch (error) {
      if (error instanceof RequestError && error.errorClass === 'download_failed')
        metrics.modelFiles.inc({ result: 'failed' })
      const isSilence = error instanceof RequestError && error.errorClass === 'internal'
      if (!isSilence || ++silent >= SILENT_MAX) throw error
    }
    await pause(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

interface Begun {
  file: WantedFile
  id: string
}

/** @throws RequestError that names all that were refused; the others are being downloaded then */
async function beginAll(
  manager: ReturnType<typeof fileManager>,
  wanted: WantedFile[],
  metrics: ModelFileDeps['metrics'],
): Promise<Begun[]> {
  const begun: Begun[] = []
  const refused: string[] = []
  for (const file of wanted) {
    const answer = await manager.add(file)
    if ('error' in answer) refused.push(refusalOf(file, answer.error))
    else {
      const [first, ...more] = answer.downloads
      if (!first || more.length) refused.push(`${file.name}: its source stands for several files.`)
      else begun.push({ file, id: first.id })
    }
  }
  metrics.modelFiles.inc({ result: 'refused' }, refused.length)
  if (refused.length) throw downloadFailed(refused)
  return begun
}

interface Standing {
  name: string
  isThere: boolean
  received: number
  size: number | null
}

/** @throws RequestError when it won't get there */
function standingOf({ file, id }: Begun, list: ManagedDownload[]): Standing {
  const download = list.find((each) => each.id === id)
  if (!download) throw downloadFailed([`${file.name} was taken off the file manager’s list.`])
  const { state, error, received, size } = download
  // Somebody else's download of the same file was there first.
  const isThere = state === 'done' || (state === 'failed' && error?.code === 'file_exists')
  if (!isThere && state === 'failed') throw downloadFailed([refusalOf(file, error)])
  if (state === 'canceled') throw downloadFailed([`${file.name} was canceled in the file manager.`])
  if (state === 'paused') throw downloadFailed([`${file.name} is paused in the file manager.`])
  return { name: file.name, isThere, received, size }
}

function progressOf(all: Standing[]): [number | null, string] {
  const now = all.filter(({ isThere }) => !isThere)
  const received = sum(all.map((one) => one.received))
  const sizes = all.map(({ size }) => size)
  const size = sizes.includes(null) ? null : sum(sizes.map(Number))
  const others = now.length > 1 ? ` and ${now.length - 1} more` : ''
  const done = size ? `${formatBytes(received)} of ${formatBytes(size)}` : formatBytes(received)
  return [
    size ? Math.min(1, received / size) : null,
    `Downloading ${oneLine(now[0]?.name ?? '', 100)}${others}, ${done}`,
  ]
}

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)

function refusalOf({ name }: WantedFile, refusal: FileManagerRefusal | null): string {
  const { message = 'nobody knows why.', link } = refusal ?? {}
  // An address of the file manager's own page leads nowhere from here.
  const cure = link && /^https?:\/\//.test(link.href) ? ` ${link.label}: ${link.href}` : ''
  return `${name}: ${message}${cure}`
}

function downloadFailed(reasons: string[]): RequestError {
  const all = oneLine(reasons.join(' '), 4000)
  return new RequestError(
    'download_failed',
    all,
    `A model file that this model loads could not be downloaded. ${all}`,
  )
}
