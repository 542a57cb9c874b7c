import { newId } from '~/db/ids'
import type { Db } from '~/db/open'
import { downloads, machineRuns } from '~/db/schema'

const HOUR = 60 * 60_000
const SIZES = ['standard', 'l4', 'a100', 'h100', 'cpu'] as const

/** A month of runs and downloads of one user, up to now, as charts want to see it. */
export function pastUsage(db: Db, userId: string, now: number): void {
  for (let n = 0; n < 60; n++) {
    const startedAt = now - (n / 2) * 24 * HOUR - HOUR
    const size = SIZES[n % SIZES.length] ?? 'standard'
    const run = { machineId: newId(), attempt: 1, userId, machineName: `Machine ${n % 7}`, size } as const
    const took = 4000 + ((n * 7919) % 50_000)
    db.insert(machineRuns)
      .values({
        ...{ ...run, kind: 'comfyui', gpus: 1 + (n % 2), requestedAt: startedAt - took, startedAt },
        endedAt: Math.min(now, startedAt + ((n * 31) % 9) * HOUR),
      })
      .run()
    if (n % 3 > 0)
      db.insert(downloads)
        .values({
          ...{ id: newId(), userId, machineId: run.machineId, at: startedAt, bytes: (n % 11) * 1.4e9 },
          ...{ host: 'huggingface.co', name: 'model.safetensors' },
        })
        .run()
  }
}
