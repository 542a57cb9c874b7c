const MODELS_PER_PAGE = 50

/** Which models a page's address asks for; what no procedure would take is left out. */
export function modelQuery(params: URLSearchParams) {
  const given = (name: string, most: number) => params.get(name)?.trim().slice(0, most) || undefined
  const page = Number(params.get('page') ?? 1)
  const isPage = Number.isInteger(page) && page >= 1 && page <= 1000
  return {
    search: given('search', 200),
    category: given('category', 40),
    isOwn: params.get('own') === 'on' || undefined,
    limit: MODELS_PER_PAGE,
    offset: isPage ? (page - 1) * MODELS_PER_PAGE : 0,
  }
}
