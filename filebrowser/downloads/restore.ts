import { MODEL_FOLDERS } from '../workspace/model-folders'
import { limited } from './limited'
import type { DownloadList, ListDeps } from './list'
import type { DownloadRecord } from './record'
import type { Runner } from './runner'
import { isRunning } from './states'
import { partSize, sweepParts } from './sweep'

const DAY_MS = 24 * 3600 * 1000
const FILES_AT_ONCE = 16

export interface RestoreDeps extends ListDeps {
  log: (line: string) => void
}

/**
 * Takes up what an earlier process left: what ran is queued again, what waited waits on, what was paused stays so.
 * @returns the highest number that was given to a download
 */
export async function restore(deps: RestoreDeps, list: DownloadList, runner: Runner): Promise<number> {
  const records = await deps.store.load(deps.log)
  const inTurn = limited(FILES_AT_ONCE)
  await Promise.all(records.map((record) => inTurn(() => look(deps, record))))
  for (const record of records) {
    const entry = list.insert(isRunning(record.state) ? { ...record, state: 'queued' } : record)
    if (record.state === 'waiting') runner.schedule(entry)
  }
  sweep(deps, list)
  return records.at(-1)?.number ?? 0
}

/** How much is there now: the record knows only how much there was when its state changed last. */
async function look({ workspace }: RestoreDeps, record: DownloadRecord) {
  const { id, content, state } = record
  if (content && state !== 'done') record.received = await partSize(workspace, content.folder, id)
}

/** Now, and once a day. */
function sweep(deps: RestoreDeps, list: DownloadList) {
  const { workspace, timers, onFault } = deps
  const used = [...list.entries()].flatMap(({ record }) => record.content?.folder ?? [])
  const isKept = (id: string) => list.get(id) !== undefined
  const folders = new Set([...MODEL_FOLDERS, 'input', 'output', ...used])
  sweepParts(workspace, folders, isKept, timers.now()).catch(onFault)
  timers.after(DAY_MS, () => sweep(deps, list))
}
