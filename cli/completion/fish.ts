import type { Offer, Place } from './tree'

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

export const fish = (places: Place[]) => `# runcomfy: completion for fish
function __runcomfy_at
    set -l at ''
    for word in (commandline -opc)[2..]
        switch (string trim "$at $word")
            case ${places.flatMap(({ at }) => (at ? [quoted(at)] : [])).join(' ')}
                set at (string trim "$at $word")
        end
    end
    test "$at" = "$argv"
end
${places.flatMap(linesOf).join('\n')}
`

function linesOf({ at, words, options }: Place): string[] {
  const here = `complete -c runcomfy -n ${quoted(`__runcomfy_at ${at}`.trim())}`
  return [
    ...words.map(({ name, description }) => `${here} -f -a ${name} -d ${quoted(description)}`),
    ...options.map((option) => `${here} ${wordsOf(option)} -d ${quoted(option.description)}`),
  ]
}

function wordsOf({ flags, takesValue, values }: Offer): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  if (values.length > 0) return `${names.join(' ')} -x -a ${quoted(values.join(' '))}`
  return `${names.join(' ')}${takesValue ? ' -r' : ''}`
}
