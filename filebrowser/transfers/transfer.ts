import { Refusal, toRefusal } from '../refusal'
import { removePart } from '../workspace/parts'
import { requireFree } from '../workspace/workspace'
import { Asker } from './asker'
import type { Transfer } from './contract'
import { Fetching } from './fetching'
import { Patience } from './patience'
import { endedBefore, findTarget, writingTo } from './target'

export const transfer: Transfer = async (deps, request, progress, signal) => {
  const { workspace, sleep } = deps
  const { source, known, id } = request
  const asker = new Asker(source, deps, progress.onNotice, signal)
  const patience = new Patience(sleep, signal)
  try {
    const described = await patience.during(() => asker.inspect())
    const target = await findTarget(workspace, request, described)
    if (known && known.folder !== target.folder) await removePart(workspace, known.folder, id)
    progress.onTarget?.(target)
    return await writingTo(workspace, target, async () => {
      const ended = known && (await endedBefore(target, known, progress.onVerifying, signal))
      if (ended) return ended
      await requireFree(target.whole, 'file_exists')
      const fetching = new Fetching(deps, target, progress)
      try {
        await fetching.takeUp(described, known?.folder === target.folder ? known : undefined, signal)
        let next: typeof described | undefined = described
        return await patience.during(async () => {
          const file = next ?? (await asker.inspect())
          next = undefined
          await fetching.compare(file)
          for (;;) {
            await fetching.fetchRest(file, asker, (received) => patience.sawProgress(received))
            const transferred = await fetching.finish(file)
            if (transferred) return transferred
          }
        })
      } catch (error) {
        throw (await fetching.end(error)) ?? error
      }
    })
  } catch (error) {
    if (signal.aborted) throw new Refusal('canceled', 'The download was stopped.')
    throw toRefusal(error) ?? error
  }
}
