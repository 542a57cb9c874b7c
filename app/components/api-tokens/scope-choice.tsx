import type { Api } from '../../trpc/router'
import { Choice, Choices } from '../ui/choice'
import type { GivenToken } from './new-token-input'

type Area = Awaited<ReturnType<Api['apiTokens']['options']>>['areas'][number]

const LEVELS = [
  { value: '', text: 'None' },
  { value: 'read', text: 'Read' },
  { value: 'write', text: 'Write' },
]

interface ScopeChoiceProps {
  areas: Area[]
  given: GivenToken
  error: string | undefined
}

/** All to read, all to write, or area by area. What isn't chosen hides by style alone, without scripts too. */
export function ScopeChoice({ areas, given, error }: ScopeChoiceProps) {
  const { access = 'read' } = given
  return (
    <div className="group flex flex-col gap-3">
      <Choices legend="What it may do" id="scopes" error={error}>
        <Choice
          name="access"
          value="read"
          defaultChecked={access === 'read'}
          label="Read everything"
          hint="See machines, the masks of tokens, your account and its activity."
        />
        <Choice
          name="access"
          value="write"
          defaultChecked={access === 'write'}
          label="Read and write everything"
          hint="Also launch and stop machines, and save and clear tokens."
        />
        <Choice
          name="access"
          value="fine"
          defaultChecked={access === 'fine'}
          label="Fine-grained"
          hint="Choose for each area."
        />
      </Choices>
      <table className="hidden w-full max-w-md text-left group-has-[input[value=fine]:checked]:table">
        <caption className="sr-only">Scopes by area. Write includes read.</caption>
        <thead>
          <tr className="border-b text-xs text-muted">
            <th scope="col" className="py-1.5 font-medium">
              Area
            </th>
            {LEVELS.map(({ value, text }) => (
              <th key={value} scope="col" className="w-14 py-1.5 text-center font-medium">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {areas.map(({ area, label }) => (
            <tr key={area}>
              <th scope="row" className="py-2 pr-2 font-normal">
                {label}
              </th>
              {LEVELS.map(({ value, text }) => (
                <td key={value} className="p-0 text-center">
                  <label className="inline-flex size-9 items-center justify-center">
                    <input
                      type="radio"
                      name={`scope:${area}`}
                      value={value}
                      defaultChecked={(given[`scope:${area}`] ?? '') === value}
                      aria-label={`${label}: ${text}`}
                      className="size-4 accent-accent"
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
