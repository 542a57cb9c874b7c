import { InvalidArgumentError } from 'commander'

/** How commander reads a whole number, in digits alone. @throws InvalidArgumentError for any other value */
export const wholeNumber =
  (min: number, max = 999_999_999) =>
  (given: string): number => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
