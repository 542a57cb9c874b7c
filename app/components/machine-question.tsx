import { Confirm } from './confirm'
import { KEEPS_RUNNING, MACHINE_QUESTIONS } from './machine-questions'
import { Select } from './ui/field'

interface MachineQuestionProps {
  intent: keyof typeof MACHINE_QUESTIONS
  machine: { id: string; name: string }
  action: string
  back?: string
  /** What is to be chosen with the answer. */
  children?: React.ReactNode
}

/** Asks in place before something that runs is ended. */
export function MachineQuestion({
  intent,
  machine: { id, name },
  action,
  back,
  children,
}: MachineQuestionProps) {
  const { asks, says, does } = MACHINE_QUESTIONS[intent]
  return (
    <Confirm
      action={action}
      {...(back !== undefined && { back })}
      fields={{ id, intent }}
      does={does}
      keeps={KEEPS_RUNNING}
    >
      <p className="font-medium">{asks(name)}</p>
      <p className="text-muted">{says}</p>
      {children}
    </Confirm>
  )
}

type Sizes = Array<{ name: string; label: string }>

/** For a machine that can't have its size again. */
export const SizeChoice = ({ sizes }: { sizes: Sizes }) =>
  sizes.length > 0 && (
    <Select name="size" aria-label="Size">
      {sizes.map(({ name, label }) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </Select>
  )
