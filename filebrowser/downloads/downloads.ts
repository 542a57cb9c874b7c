import type { DownloadAction, DownloadRequest, DownloadView, RefusalView } from '../contract'
import { Refusal, toRefusal } from '../refusal'
import type { Entry } from './entry'
import type { Changes } from './feed'
import { type Added, Intake } from './intake'
import { DownloadList } from './list'
import { restore } from './restore'
import { Runner, type RunnerDeps } from './runner'
import { hasEnded, isAllowed, stateAfter } from './states'
import type { WantedDeps } from './wanted'

export interface DownloadsDeps extends Omit<RunnerDeps, 'list'>, WantedDeps {
  /** For what an operator may want to read. */
  log: (line: string) => void
}

export interface Acted {
  changed: DownloadView[]
  refused: { id: string; error: RefusalView }[]
}

/** The queue of downloads: asked for, seen and steered here; kept on the disk, so that it outlives this process. */
export class Downloads {
  private constructor(
    private readonly deps: DownloadsDeps,
    private readonly entries: DownloadList,
    private readonly runner: Runner,
    private readonly intake: Intake,
  ) {}

  /** Takes up what an earlier process left, and goes on with it. */
  static async open(deps: DownloadsDeps): Promise<Downloads> {
    const list = new DownloadList(deps)
    const runner = new Runner({ ...deps, list })
    const lastNumber = await restore(deps, list, runner)
    const explain = (error: unknown) => explainTo(deps.onFault, error)
    const intake = new Intake({ ...deps, list, explain, requeue: runner.requeue }, lastNumber)
    runner.fill()
    return new Downloads(deps, list, runner, intake)
  }

  /** Newest first. */
  list = (): DownloadView[] => [...this.entries.entries()].map(this.entries.view).reverse()

  /** @returns those that are still on the list */
  views = (ids: Iterable<string>): DownloadView[] =>
    [...ids].flatMap((id) => this.entries.get(id) ?? []).map(this.entries.view)

  /** @returns a function that ends the subscription */
  subscribe = (listener: (changes: Changes) => void): (() => void) => this.entries.feed.subscribe(listener)

  /** Puts files into the queue; each is in it, on the disk as well, or among the refused. */
  async add(requests: DownloadRequest[]): Promise<Added> {
    const added = await this.intake.add(requests)
    this.runner.fill()
    return added
  }

  /** Does to each what is asked, where its state allows that; `all` means those where it does. */
  async act(action: DownloadAction, ids: string[] | 'all'): Promise<Acted> {
    const chosen = ids === 'all' ? this.#allowing(action) : [...new Set(ids)]
    const outcomes = await Promise.allSettled(chosen.map((id) => this.#act(action, id)))
    this.runner.fill()
    const acted: Acted = { changed: [], refused: [] }
    for (const [index, outcome] of outcomes.entries())
      if (outcome.status === 'fulfilled') acted.changed.push(outcome.value)
      else
        acted.refused.push({ id: chosen[index] ?? '', error: explainTo(this.deps.onFault, outcome.reason) })
    return acted
  }

  /**
   * Cancels a download that has not ended, takes one that has off the list.
   * @throws Refusal `not_found`
   */
  async drop(id: string): Promise<void> {
    await this.#act(hasEnded(this.#find(id).record.state) ? 'remove' : 'cancel', id)
    this.runner.fill()
  }

  /** Stops what runs; what has arrived stays, and a new process goes on with it. */
  async close(): Promise<void> {
    await this.runner.close()
    await this.deps.store.settle()
  }

  async #act(action: DownloadAction, id: string): Promise<DownloadView> {
    const { entries, runner } = this
    const entry = this.#find(id)
    const state = stateAfter(action, entry.record.state)
    if (state === undefined) {
      const view = entries.view(entry)
      await entries.remove(entry)
      return view
    }
    if (action === 'resume') runner.release(entry)
    const saved = action === 'retry' ? runner.requeue(entry) : entries.move(entry, state)
    if (state !== 'queued') await runner.stop(entry, state === 'canceled')
    await saved
    return entries.view(entry)
  }

  #find(id: string): Entry {
    const entry = this.entries.get(id)
    if (!entry) throw new Refusal('not_found', 'There is no such download.')
    return entry
  }

  #allowing = (action: DownloadAction): string[] =>
    [...this.entries.entries()].flatMap(({ record: { id, state } }) => (isAllowed(action, state) ? id : []))
}

/** What a person is told of an error; what nobody foresaw is told to the operator. */
function explainTo(onFault: (error: unknown) => void, error: unknown): RefusalView {
  const refusal = toRefusal(error)
  if (!refusal) onFault(error)
  const { code, message, link } = refusal ?? new Refusal('internal', 'Something unforeseen went wrong.')
  return { code, message, ...(link && { link }) }
}
