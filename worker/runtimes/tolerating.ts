/**
 * Lets refusals of some kinds pass: what was wanted is so already, or will be.
 * @param statusOf the HTTP status of a refusal
 */
export const toleratingBy =
  (statusOf: (error: unknown) => number | undefined) =>
  async <T>(statuses: readonly number[], answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer
    } catch (error) {
      if (statuses.includes(statusOf(error) ?? 0)) return undefined
      throw error
    }
  }
