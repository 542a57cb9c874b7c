import { type Place, quoted, valuesOf } from './tree'

/** To be sourced, or to lie as `_runcomfy` in a folder of `fpath`. */
export const zsh = (places: Place[]) => `#compdef runcomfy
_runcomfy() {
  local at= i
  local -a offered
  for ((i = 2; i < CURRENT; i++)); do
    case "\${at:+$at }$words[i]" in
      ${places.flatMap(({ at }) => (at ? [quoted(at)] : [])).join('|')}) at="\${at:+$at }$words[i]" ;;
    esac
  done
  case "$at $words[CURRENT-1]" in
${places
  .flatMap(valuesOf)
  .map(({ before, values }) => {
    const offer = values.length > 0 ? `compadd -- ${values.map(quoted).join(' ')}` : '_files'
    return `    ${before.map(quoted).join('|')}) ${offer}; return ;;`
  })
  .join('\n')}
  esac
  case "$at" in
${places.map((place) => `    ${quoted(place.at)}) offered=(${offers(place).join(' ')}) ;;`).join('\n')}
  esac
  _describe runcomfy offered || _files
}
if [[ \${funcstack[1]} == _runcomfy ]]; then _runcomfy "$@"; else compdef _runcomfy runcomfy; fi
`

const offers = ({ words, options }: Place) => [
  ...words.map(({ name, description }) => quoted(`${name}:${description}`)),
  ...options.flatMap(({ flags, description }) => flags.map((flag) => quoted(`${flag}:${description}`))),
]
