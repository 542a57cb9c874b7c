import { LoaderCircle } from 'lucide-react'

interface ProgressBarProps {
  label: string
  /** 0 to 1; `undefined` while nobody knows. */
  value?: number
}

export function ProgressBar({ label, value }: ProgressBarProps) {
  return (
    <progress
      aria-label={label}
      max={1}
      value={value}
      className="block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent [&:indeterminate]:animate-pulse"
    />
  )
}

/** A turning circle; with a label it is announced, without one it is decoration beside a text. */
export function Spinner({ label }: { label?: string }) {
  return (
    <span role={label ? 'status' : undefined} className="inline-flex">
      <LoaderCircle aria-hidden className="size-4 animate-spin" />
      {label && <span className="sr-only">{label}</span>}
    </span>
  )
}
