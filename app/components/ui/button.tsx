import clsx from 'clsx'
import type { ComponentPropsWithRef, ReactNode } from 'react'
import { forwardRef } from 'react'

const VARIANTS = {
  primary: 'border-transparent bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border-border bg-surface text-text hover:bg-sunken',
  danger: 'border-transparent bg-danger text-on-danger hover:bg-danger-strong',
  ghost: 'border-transparent text-text hover:bg-sunken',
}
const SIZES = { sm: 'h-8 gap-1.5 px-2.5 text-xs', md: 'h-9 gap-2 px-3.5 text-sm' }

interface Look {
  variant?: keyof typeof VARIANTS
  size?: keyof typeof SIZES
}

/** The look of a button for what is a link: `<Link className={buttonClasses({ variant: 'primary' })}>`. */
export function buttonClasses({ variant = 'secondary', size = 'md' }: Look = {}): string {
  return clsx(
    'inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap',
    'transition-colors disabled:cursor-not-allowed disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0',
    VARIANTS[variant],
    SIZES[size],
  )
}

type ButtonProps = Look & ComponentPropsWithRef<'button'>

/** A button; `type` is `button` unless given, so that it never submits a form by surprise. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant, size, className, type = 'button', ...rest },
  ref,
) {
  return (
    <button ref={ref} type={type} className={clsx(buttonClasses({ variant, size }), className)} {...rest} />
  )
})

type IconButtonProps = Omit<ButtonProps, 'children' | 'aria-label'> & { label: string; children: ReactNode }

/** A button that shows an icon alone; `label` is its name for screen readers and its tooltip. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { label, variant = 'ghost', size = 'md', className, children, ...rest },
  ref,
) {
  return (
    <Button
      ref={ref}
      variant={variant}
      size={size}
      aria-label={label}
      title={label}
      className={clsx('px-0!', size === 'sm' ? 'w-8' : 'w-9', className)}
      {...rest}
    >
      {children}
    </Button>
  )
})
