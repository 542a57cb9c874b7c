import type { TaskView } from '../../contract'
import { visibleName } from './visible-name'

const DONE = { move: 'moved', copy: 'copied' }

/** What became of a task that has ended, as far as it came. */
export function sentenceOf(task: TaskView): string {
  const { kind, paths, finished, state } = task
  const what = describeTask(task)
  const isOne = paths.length === 1
  if (state === 'done') return `${kind === 'move' ? 'Moved' : 'Copied'} ${what} to ${placeName(task.folder)}.`
  if (finished > 0) return `${state === 'canceled' ? 'Canceled: ' : 'Only '}${partlyDone(task)}`
  if (state === 'failed') return `${what} ${isOne ? 'was' : 'were'} not ${DONE[kind]}.`
  if (kind === 'copy') return `Canceled: ${what} ${isOne ? 'was' : 'were'} not copied.`
  return `Canceled: ${what} ${isOne ? 'stays where it was' : 'stay where they were'}.`
}

/** `3 of 20 items were moved to output.` */
export function partlyDone({ kind, paths, finished, folder }: TaskView): string {
  const some = `${finished} of ${paths.length} items ${finished === 1 ? 'was' : 'were'}`
  return `${some} ${DONE[kind]} to ${placeName(folder)}.`
}

/** The name of the only one, or how many there are. */
export function describeTask({ paths: [first = '', ...others] }: TaskView): string {
  return others.length === 0
    ? visibleName(first.slice(first.lastIndexOf('/') + 1))
    : `${others.length + 1} items`
}

export const placeName = (folder: string) => (folder === '' ? 'the top folder' : visibleName(folder))
