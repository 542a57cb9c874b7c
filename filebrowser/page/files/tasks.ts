import type { TaskView } from '../../contract'
import { filesApi } from './files-api'

/** How copies and moves stand; a store that React can subscribe to. */
class Tasks {
  private tasks: readonly TaskView[] = []
  private events: EventSource | undefined
  private listeners = new Set<() => void>()

  readonly read = () => this.tasks

  readonly subscribe = (listener: () => void) => {
    // What was begun before the page was opened, or in another window.
    if (this.listeners.size === 0)
      void filesApi.tasks().then(
        (tasks) => this.keep(tasks),
        () => {},
      )
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** @throws ApiError when it can't even begin */
  async start(kind: TaskView['kind'], paths: string[], folder: string) {
    this.keep([...this.tasks, await filesApi.startTask(kind, paths, folder)])
  }

  cancel(id: string) {
    // The events tell how it went.
    void filesApi.cancelTask(id).catch(() => {})
  }

  /** Takes one that has ended off the list. */
  dismiss(id: string) {
    this.keep(this.tasks.filter((task) => task.id !== id))
    void filesApi.cancelTask(id).catch(() => {})
  }

  private keep(tasks: readonly TaskView[]) {
    this.tasks = tasks
    for (const listener of this.listeners) listener()
    const isRunning = tasks.some(({ state }) => state === 'running')
    if (isRunning) this.listen()
    else this.stopListening()
  }

  /** Only while something runs: a browser has few connections to a host. */
  private listen() {
    if (this.events) return
    this.events = new EventSource('api/tasks/events')
    this.events.onmessage = ({ data }) => this.keep(JSON.parse(data) as TaskView[])
  }

  private stopListening() {
    this.events?.close()
    this.events = undefined
  }
}

export const tasks = new Tasks()
