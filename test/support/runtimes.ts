import { once } from 'node:events'
import type { LaunchErrorClass } from '~/launch-errors'
import { LaunchError } from '~/worker/launch-errors'
import type { LaunchPlan, RunningMachine, Runtime, Workspaces } from '~/worker/runtimes/runtime'
import { workspacesIn } from '~/worker/runtimes/workspaces/workspaces'

const ADDRESS = { name: 'filebrowser', address: 'http://127.0.0.1:9' } as const

/** Starts at once and forgets nothing. The others misbehave as their names say. */
export class PromptRuntime implements Runtime {
  readonly services = ['filebrowser'] as const
  readonly endsWithTerminal = true
  workspaces: Workspaces = workspacesIn('/nonexistent')
  readonly running = new Map<string, RunningMachine>()
  readonly plans: LaunchPlan[] = []
  readonly stopped: string[] = []
  readonly removed: string[] = []

  async start(plan: LaunchPlan, _signal: AbortSignal) {
    this.plans.push(plan)
    const { machineId, attempt } = plan
    this.running.set(machineId, { machineId, attempt, services: ['filebrowser'] })
    return [ADDRESS]
  }

  async stop(machineId: string) {
    this.stopped.push(machineId)
    this.running.delete(machineId)
  }

  async remove({ machineId }: Parameters<Runtime['remove']>[0]) {
    this.removed.push(machineId)
    this.running.delete(machineId)
  }

  async list() {
    return [...this.running.values()]
  }

  async keepLogs() {}
}

/** Fails the first `failures` times. */
export class FailingRuntime extends PromptRuntime {
  constructor(
    private readonly errorClass: LaunchErrorClass,
    private failures = Number.POSITIVE_INFINITY,
    private readonly detail = 'as the test wants it',
  ) {
    super()
  }

  override async start(plan: LaunchPlan, signal: AbortSignal) {
    const started = await super.start(plan, signal)
    if (this.failures-- > 0) throw new LaunchError(this.errorClass, this.detail)
    return started
  }
}

/** Starts something and never says that it is ready. */
export class NeverRuntime extends PromptRuntime {
  override async start(plan: LaunchPlan, signal: AbortSignal): Promise<(typeof ADDRESS)[]> {
    await super.start(plan, signal)
    if (!signal.aborted) await once(signal, 'abort')
    throw signal.reason
  }
}

/** Is ready when the test says so. */
export class SlowRuntime extends PromptRuntime {
  readonly ready = new EventTarget()

  override async start(plan: LaunchPlan, signal: AbortSignal) {
    const started = await super.start(plan, signal)
    await once(this.ready, 'ready')
    return started
  }

  finish() {
    this.ready.dispatchEvent(new Event('ready'))
  }
}
