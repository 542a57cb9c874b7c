import { Confirm } from '../confirm'

interface StopQuestionProps {
  machine: { id: string; name: string; owner: { name: string } }
  /** The page to come back to. */
  here: string
}

/** Asks before somebody's machine is stopped. */
export const StopQuestion = ({ machine: { id, name, owner }, here }: StopQuestionProps) => (
  <Confirm action={here} back={here} fields={{ id, intent: 'stop' }} does="Stop" keeps="Let it run">
    Stop {name} of {owner.name}? What it works on ends; its files stay, and its owner can launch it again.
  </Confirm>
)
