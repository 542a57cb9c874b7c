/** Where the owner of a model changes it. */
export const editPath = (id: string, more: Record<string, string> = {}) =>
  `/models/edit?${new URLSearchParams({ id, ...more }).toString().replaceAll('%2F', '/')}`
