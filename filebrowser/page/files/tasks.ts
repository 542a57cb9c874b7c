import type { TaskView } from '../../contract'
import { filesApi } from './files-api'

const AGAIN_AFTER_MS = 3000

/** How copies and moves stand; a store that React can subscribe to. */
class Tasks {
  private tasks: readonly TaskView[] = []
  private events: EventSource | undefined
  private again: ReturnType<typeof setTimeout> | undefined
  private listeners = new Set<() => void>()

  readonly read = () => this.tasks

  readonly subscribe = (listener: () => void) => {
    // What was begun before the page was opened, or in another window.
    if (this.listeners.size === 0) this.ask()
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** @throws ApiError when it can't even begin */
  async start(kind: TaskView['kind'], paths: string[], folder: string) {
    const task = await filesApi.startTask(kind, paths, folder)
    // The events may have been quicker.
    if (!this.tasks.some(({ id }) => id === task.id)) this.keep([task, ...this.tasks])
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

  private ask() {
    clearTimeout(this.again)
    void filesApi.tasks().then(
      (tasks) => this.keep(tasks),
      () => this.askLater(),
    )
  }

  private askLater() {
    clearTimeout(this.again)
    this.again = setTimeout(() => this.ask(), AGAIN_AFTER_MS)
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
    const events = new EventSource('api/tasks/events')
    events.onmessage = ({ data }) => this.keep(JSON.parse(data) as TaskView[])
    events.onerror = () => {
      // The browser itself comes back after a cut, but not once something else has answered for the machine.
      if (events.readyState !== EventSource.CLOSED || this.events !== events) return
      this.events = undefined
      this.askLater()
    }
    this.events = events
  }

  private stopListening() {
    this.events?.close()
    this.events = undefined
  }
}

export const tasks = new Tasks()
