import type { SingleBar } from 'cli-progress'
import type { DownloadState, DownloadView } from '../../filebrowser/contract'
import { formatBytes } from '../../format-bytes'
import { oneLine } from '../output/one-line'
import type { Output } from '../output/output'
import { withoutTokens } from '../output/without-tokens'
import { sentenceOf } from './refusal'

/** Where people see how downloads come on. */
export interface Board {
  show(view: DownloadView): void
  /** A line of its own. */
  say(text: string): void
  end(): void
}

/** Bars on a lively terminal, one for each that runs; else a line for each tenth and whenever the state changes. */
export const openBoard = (output: Output): Promise<Board> | Board =>
  output.isLively ? openBars(output) : openLines(output)

const TAG = 'downloads'

function openLines(output: Output): Board {
  const told = new Map<string, string>()
  return {
    show(view) {
      const tenth = view.state === 'downloading' ? Math.floor(shareOf(view) * 10) : 0
      const key = `${view.state} ${tenth}`
      if (told.get(view.id) === key) return
      told.set(view.id, key)
      output.progress(TAG, lineOf(view))
    },
    say: (text) => output.progress(TAG, text),
    end: () => undefined,
  }
}

async function openBars(output: Output): Promise<Board> {
  const { default: cliProgress } = await import('cli-progress')
  const bars = new cliProgress.MultiBar({
    stream: output.stderr,
    format: '{bar} {line}',
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  })
  const running = new Map<string, SingleBar>()
  const told = new Map<string, DownloadState>()
  const say = (text: string) => bars.log(`${withoutTokens(oneLine(text))}\n`)
  return {
    show(view) {
      const { id, state } = view
      const isRunning = RUNNING.includes(state)
      const line = withoutTokens(lineOf(view))
      const bar = running.get(id)
      if (!isRunning && bar) {
        bars.remove(bar)
        running.delete(id)
      }
      if (!isRunning && told.get(id) !== state) say(line)
      told.set(id, state)
      if (!isRunning) return
      if (bar) bar.update(shareOf(view), { line })
      else running.set(id, bars.create(1, shareOf(view), { line }))
    },
    say,
    end() {
      // It writes what was said last.
      bars.update()
      bars.stop()
    },
  }
}

const RUNNING: DownloadState[] = ['checking', 'verifying', 'downloading']
const shareOf = ({ received, size }: DownloadView) => (size ? Math.min(1, received / size) : 0)

/** How one download stands, for people. */
export function lineOf(view: DownloadView): string {
  const { name, state, folder, received, size, bytesPerSecond, waitUntil, error } = view
  const of = size === null ? '' : ` of ${formatBytes(size)}`
  const speed = bytesPerSecond === null ? '' : `, ${formatBytes(bytesPerSecond)}/s`
  const where = folder === null ? '' : ` in ${folder}`
  const more: Partial<Record<DownloadState, string>> = {
    downloading: ` ${formatBytes(received)}${of}${speed}`,
    done: `${where}, ${formatBytes(received)}`,
    waiting: waitUntil ? ` until ${waitUntil}` : '',
  }
  return oneLine(`${name}: ${state}${more[state] ?? ''}${error ? `. ${sentenceOf(error)}` : ''}`)
}
