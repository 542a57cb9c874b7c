import { Choice, Choices } from '../ui/choice'

type Visibility = 'private' | 'everyone'

interface VisibilityChoiceProps {
  chosen: Visibility
  /** Without it the browser keeps what is chosen, and the form sends it. */
  onChoose?: (visibility: Visibility) => void
  error?: string | undefined
}

export function VisibilityChoice({ chosen, onChoose, error }: VisibilityChoiceProps) {
  const choice = (value: Visibility) => ({
    name: 'visibility',
    value,
    ...(onChoose
      ? { checked: chosen === value, onChange: () => onChoose(value) }
      : { defaultChecked: chosen === value }),
  })
  return (
    <Choices legend="Who may call it" id="visibility" error={error}>
      <Choice {...choice('private')} label="Only me" />
      <Choice
        {...choice('everyone')}
        label="Everyone here"
        hint="Each on their own machines, with their own tokens."
      />
    </Choices>
  )
}
