import { type Place, valuesOf } from './tree'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

export const powershell = (places: Place[]) => `# runcomfy: completion for PowerShell
Register-ArgumentCompleter -Native -CommandName runcomfy -ScriptBlock {
  param($word, $line, $cursor)
  $places = @{
${places
  .map(({ at, words, options }) => {
    const offers = [
      ...words.map(({ name, description }) => [name, description]),
      ...options.flatMap(({ flags, description }) => flags.map((flag) => [flag, description])),
    ]
    return `    ${quoted(at)} = @(${offers.map((offer) => `@(${offer.map((text) => quoted(text ?? '')).join(', ')})`).join(', ')})`
  })
  .join('\n')}
  }
  $values = @{
${places
  .flatMap(valuesOf)
  .flatMap(({ before, values }) =>
    before.map((flag) => `    ${quoted(flag)} = @(${values.map(quoted).join(', ')})`),
  )
  .join('\n')}
  }
  $at = ''
  $before = ''
  foreach ($element in $line.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursor -and $word -ne '') { break }
    $before = $element.ToString()
    $next = "$at $before".Trim()
    if ($places.ContainsKey($next)) { $at = $next }
  }
  if ($values.ContainsKey("$at $before")) {
    $values["$at $before"] | Where-Object { $_ -like "$word*" }
  } else {
    $places[$at] | Where-Object { $_[0] -like "$word*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
    }
  }
}
`
