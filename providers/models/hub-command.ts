import { Refusal } from '../refusal'
import type { Wanted } from './hub-wanted'
import { shellWords } from './shell-words'

const PROGRAM = /(?:^|[\s!$;&|/])(?:hf|huggingface-cli)(?:\.exe)?[ \t]+/
/** Of several commands the one that downloads. */
const DOWNLOAD = new RegExp(`${PROGRAM.source}(?=download(?:\\s|$))`)
const LIST_OPTIONS = ['include', 'exclude']
/** Those of the command's options that take a value; any other one is a switch, and none of them matters here. */
const VALUE_OPTIONS = [
  ...LIST_OPTIONS,
  ...['repo-type', 'type', 'revision', 'token', 'local-dir', 'cache-dir', 'max-workers', 'format'],
  ...['local-dir-use-symlinks', 'endpoint'],
]

/**
 * Reads a copied `hf download …` or `huggingface-cli download …`; a token in it is passed over.
 * @returns `undefined` for what is no such command
 * @throws Refusal `bad_url` for another command of that program, or one without a repository
 */
export function readHubCommand(text: string): Wanted | undefined {
  const program = DOWNLOAD.exec(text) ?? PROGRAM.exec(text)
  if (!program) return undefined
  const [command, ...words] = shellWords(text.slice(program.index + program[0].length))
  // A sentence may hold the letters “hf” as well.
  if (command !== 'download' && program.index > 0) return undefined
  if (command !== 'download')
    throw new Refusal('bad_url', 'Of Hugging Face’s commands only “hf download owner/name …” downloads.')
  const { positional, options } = sort(words)
  const [repo, ...paths] = positional
  if (!repo)
    throw new Refusal('bad_url', 'That command names no repository: “hf download owner/name” is the least.')
  const last = (name: string) => options.get(name)?.at(-1)
  return {
    repo,
    type: last('repo-type') ?? last('type'),
    revision: last('revision'),
    paths,
    include: options.get('include') ?? [],
    exclude: options.get('exclude') ?? [],
  }
}

function sort(words: string[]) {
  const positional: string[] = []
  const options = new Map<string, string[]>()
  const add = (name: string, value: string) => options.set(name, [...(options.get(name) ?? []), value])
  const isOption = (word: string | undefined) => word === undefined || /^--?\D/.test(word)
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '--') return { positional: [...positional, ...words.slice(index + 1)], options }
    const [, name, value] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(isOption(word) ? word : '') ?? []
    if (name === undefined) positional.push(word)
    else if (value !== undefined) add(name, value)
    else if (VALUE_OPTIONS.includes(name) && !isOption(words[index + 1])) {
      add(name, words[++index] ?? '')
      // The old program took several patterns after one option, once the repository was named.
      while (LIST_OPTIONS.includes(name) && positional.length > 0 && !isOption(words[index + 1]))
        add(name, words[++index] ?? '')
    }
  }
  return { positional, options }
}
