import { type Place, quoted, valuesOf } from './tree'

/** For bash 3.2 and newer, the one of macOS included. */
export const bash = (places: Place[]) => `# runcomfy: completion for bash
_runcomfy() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at= offered= i
  # --flag=value is three words here.
  if [[ $word == '=' ]]; then word=; elif [[ $before == '=' ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${at:+$at }\${COMP_WORDS[i]}" in
      ${places.flatMap(({ at }) => (at ? [quoted(at)] : [])).join('|')}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $before" in
${places
  .flatMap(valuesOf)
  .map(({ before, values }) => `    ${before.map(quoted).join('|')}) offered=${quoted(values.join(' '))} ;;`)
  .join('\n')}
    *) case "$at" in
${places
  .map(({ at, words, options }) => {
    const offers = [...words.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)]
    return `      ${quoted(at)}) offered=${quoted(offers.join(' '))} ;;`
  })
  .join('\n')}
    esac ;;
  esac
  [[ -n $offered ]] && COMPREPLY=($(compgen -W "$offered" -- "$word"))
}
complete -o default -F _runcomfy runcomfy
`
