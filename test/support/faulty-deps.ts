import { Transform } from 'node:stream'
import type { Logger } from 'pino'
import type { WorkerDeps } from '~/worker/deps'
import { LaunchError } from '~/worker/launch-errors'
import type { LaunchPlan, Workspaces } from '~/worker/runtimes/runtime'

/** Where a worker can be told to signal itself. */
export interface Fault {
  at:
    | 'before-start'
    /** A service runs, and nothing is written down of it. */
    | 'after-spawn'
    /** The services answer, and the database does not know. */
    | 'before-mark-running'
    /** The database knows, and the queue does not. */
    | 'after-mark-running'
    /** The start failed, and what it left is about to be ended. */
    | 'in-clean-up'
    /** Half of a workspace is in the archive. */
    | 'while-saving'
    /** Half of an archive is in the workspace. */
    | 'while-restoring'
  /** What befalls the process; `block` holds up its event loop for `blockMs`. */
  signal: 'SIGKILL' | 'SIGSTOP' | 'block'
  blockMs?: number
  /** What a suspended worker thinks of the start when it goes on. */
  thenFails?: boolean
}

/** The same dependencies with a fault built in. It strikes once. */
export function faultyDeps(deps: WorkerDeps, fault: Fault): WorkerDeps {
  let isDue = true
  const strike = (at: Fault['at']) => {
    if (at !== fault.at || !isDue) return
    isDue = false
    if (fault.signal === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fault.blockMs)
    else process.kill(process.pid, fault.signal)
    if (fault.thenFails) throw new LaunchError('start_timeout', 'It took too long.')
  }
  const start = async (plan: LaunchPlan, signal: AbortSignal) => {
    strike('before-start')
    const stillMine = () => {
      const mine = plan.stillMine()
      // The spawn follows in the same turn; this runs right after it.
      queueMicrotask(() => strike('after-spawn'))
      return mine
    }
    const addresses = await deps.runtime.start({ ...plan, stillMine }, signal)
    strike('before-mark-running')
    if (fault.at === 'in-clean-up' && isDue) throw new LaunchError('service_exited', 'It ended.')
    return addresses
  }
  const stop = async (machineId: string, mayEnd?: () => boolean) => {
    strike('in-clean-up')
    await deps.runtime.stop(machineId, mayEnd)
  }
  const listening = (logger: Logger): Logger => {
    const info = logger.info.bind(logger)
    const child = logger.child.bind(logger)
    const strikeAfter = (first: object | string, text = first) => {
      if (text === 'machine is running') strike('after-mark-running')
    }
    return Object.assign(logger, {
      info(...entry: Parameters<Logger['info']>) {
        strikeAfter(...(entry as [string]))
        info(...entry)
      },
      child: (bindings: object) => listening(child(bindings)),
    })
  }
  const logger = listening(deps.logger.child({}))
  const { workspaces } = deps.runtime
  const striking = (at: Fault['at']) =>
    new Transform({
      transform(piece, _encoding, done) {
        if (at === fault.at && isDue) setImmediate(() => strike(at))
        done(null, piece)
      },
    })
  const faulty: Workspaces = {
    ...workspaces,
    save: (...args) => workspaces.save(...args).pipe(striking('while-saving')),
    restore: (workspaceId, tar, ...rest) =>
      workspaces.restore(workspaceId, tar.pipe(striking('while-restoring')), ...rest),
  }
  return { ...deps, logger, runtime: { ...deps.runtime, start, stop, workspaces: faulty } }
}
